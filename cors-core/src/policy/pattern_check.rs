//! Checks one pattern of origins in a policy with certain settings.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::config::PolicyConfig;
use super::fault_cause::{FaultCause, Trust};
use crate::origin::{
    OriginPattern, OriginPatternError, OriginSetError, canonical_pattern,
    has_public_suffixes_below, public_suffix,
};

/// The cause of a fault, and what to write instead, if known.
pub(super) type Danger = (FaultCause, Option<String>);

/// Returns the cause of the fault of an invalid pattern, and a suggestion that has no fault itself. `dangers` returns those of the
/// pattern that was probably meant, or `None` if that cannot be written in the policy.
pub(super) fn fault_of(
    text: &str,
    error: OriginPatternError,
    dangers: impl FnOnce(&OriginPattern<'_>) -> Option<Vec<Danger>>,
) -> Danger {
    let cause = FaultCause::OriginPattern(error);
    let Some(meant) = canonical_pattern(text) else {
        return (cause, None);
    };
    let pattern = OriginPattern::parse(&meant).ok();
    let Some(dangers) = pattern.as_ref().and_then(dangers) else {
        return (cause, None);
    };
    match dangers.into_iter().next() {
        None => (cause, Some(meant)),
        Some((_, Some(suggestion))) => (cause, Some(suggestion)),
        Some((danger, None)) => {
            let cause = FaultCause::UnsafeOriginPattern {
                error,
                meant,
                danger: Box::new(danger),
            };
            (cause, None)
        }
    }
}

/// Returns true if `allow_origins` can contain the pattern, given the other settings.
pub(super) fn can_be_listed(pattern: &OriginPattern<'_>, config: &PolicyConfig) -> bool {
    if config.static_origin {
        return pattern.is_exact();
    }
    !pattern.is_any()
        || config.allow_origins.len() == 1
            && !allows_beyond_patterns(config)
            && !config.allow_others_without_credentials
            && config.guard.is_off()
}

/// Returns what listed origins may do, in addition to reading responses to requests without credentials.
pub(super) fn trust_in_listed(config: &PolicyConfig) -> Option<Trust> {
    if config.allow_credentials {
        Some(Trust::Credentials)
    } else if config.guard.is_off() {
        None
    } else {
        Some(Trust::Guard)
    }
}

/// Returns each cause for which a valid pattern is unsafe, with a suggestion. `trust` is what the origins that it allows may do.
pub(super) fn dangers(
    pattern: &OriginPattern<'_>,
    config: &PolicyConfig,
    trust: Option<Trust>,
) -> Vec<Danger> {
    let mut dangers = Vec::new();
    if pattern.is_opaque() {
        if !config.dangerously_allow_opaque_origins {
            let is_file = pattern.scheme().is_some();
            let cause = if is_file {
                FaultCause::FileOrigin
            } else {
                FaultCause::NullOrigin
            };
            dangers.push((cause, None));
        }
        return dangers;
    }
    let Some(trust) = trust else {
        return dangers;
    };
    let has_credentials = trust == Trust::Credentials;
    if pattern.is_any() {
        // Together with a guard, it is a fault of the guard.
        if has_credentials && !config.dangerously_allow_any_origin_with_credentials {
            dangers.push((FaultCause::AnyOriginWithCredentials, None));
        }
        return dangers;
    }
    if !config.dangerously_allow_any_origin_with_credentials {
        let scheme = pattern.any_host_scheme();
        let cause = scheme.map(|scheme| FaultCause::AnyHostWithCredentials(scheme.to_string()));
        dangers.extend(cause.map(|cause| (trust.cause(cause), None)));
    }
    let is_insecure = !pattern.is_potentially_trustworthy();
    if has_credentials && is_insecure && !config.dangerously_allow_insecure_origins {
        dangers.push((FaultCause::InsecureOriginWithCredentials, None));
    }
    let has_opt_out = config.dangerously_allow_public_suffix_subdomains;
    let parent = pattern.wildcard_parent();
    if let Some(parent) = parent.filter(|_| !has_opt_out && !pattern.is_loopback()) {
        if let Some(suffix) = public_suffix(parent) {
            let is_safe = |text: &String| is_safe(text, config, Some(trust));
            let suggestion = with_whole_labels(pattern).filter(is_safe);
            dangers.push((trust.cause(FaultCause::PublicSuffix(suffix)), suggestion));
        } else if is_open(pattern) {
            let cause = FaultCause::PublicSuffixesBelow(parent.to_string());
            dangers.push((trust.cause(cause), None));
        }
    }
    dangers
}

/// Returns true if anyone can register a name that the pattern allows.
pub(super) fn is_open(pattern: &OriginPattern<'_>) -> bool {
    let parent = pattern.wildcard_parent().filter(|_| !pattern.is_loopback());
    parent.is_some_and(|parent| {
        public_suffix(parent).is_some()
            || pattern.has_leading_wildcard() && has_public_suffixes_below(parent)
    })
}

/// Returns the cause of the fault of a pattern that cannot be added to those before it.
pub(super) fn insert_fault(
    error: &OriginSetError,
    pattern: &OriginPattern<'_>,
    config: &PolicyConfig,
    trust: Option<Trust>,
) -> FaultCause {
    match error {
        OriginSetError::TooMuchText => FaultCause::TooManyOrigins,
        OriginSetError::TooManyShapes => {
            let subdomains = with_all_subdomains(pattern).filter(|text| {
                let is_open = OriginPattern::parse(text).is_ok_and(|pattern| is_open(&pattern));
                !is_open && is_safe(text, config, trust)
            });
            FaultCause::TooManyLabelShapes(subdomains)
        }
    }
}

/// Returns true if the pattern is valid, and safe in `allow_origins` of a policy with these settings.
pub(crate) fn is_accepted(text: &str, config: &PolicyConfig) -> bool {
    is_safe(text, config, trust_in_listed(config))
}

fn is_safe(text: &str, config: &PolicyConfig, trust: Option<Trust>) -> bool {
    OriginPattern::parse(text).is_ok_and(|pattern| dangers(&pattern, config, trust).is_empty())
}

/// Returns true if the text is an origin that a policy with these settings can list. Returns false for a pattern with a wildcard.
pub(crate) fn is_origin_to_list(text: &str, config: &PolicyConfig) -> bool {
    OriginPattern::parse(text).is_ok_and(|pattern| pattern.is_exact()) && is_accepted(text, config)
}

/// Returns `https://*.example.com` for `https://*example.com`, which is usually a mistake.
fn with_whole_labels(pattern: &OriginPattern<'_>) -> Option<String> {
    let (scheme, domain) = pattern.as_str().split_once("://*")?;
    domain
        .starts_with(|first: char| first.is_ascii_alphanumeric())
        .then(|| String::from(scheme) + "://*." + domain)
}

/// Returns `https://*.example.com:8443` for `https://pr-*.example.com:8443`.
fn with_all_subdomains(pattern: &OriginPattern<'_>) -> Option<String> {
    let (scheme, authority) = pattern.as_str().split_once("://")?;
    let (_, domain) = authority.split_once('.')?;
    Some(String::from(scheme) + "://*." + domain)
}

/// Returns true if a setting other than `allow_origins` can list an origin.
pub(super) fn allows_beyond_patterns(config: &PolicyConfig) -> bool {
    #[cfg(feature = "regex")]
    if !config.allow_origin_regexes.is_empty() {
        return true;
    }
    config.allow_origins_if.is_some() || config.allow_origins_in.is_some() || config.lookup_origins
}
