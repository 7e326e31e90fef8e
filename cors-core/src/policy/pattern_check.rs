//! Checks one pattern of origins in a policy with certain settings.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::config::PolicyConfig;
use super::fault_cause::FaultCause;
use crate::origin::{
    OriginPattern, OriginPatternError, canonical_pattern, has_public_suffixes_below, public_suffix,
};

/// Returns the cause of the fault of an invalid pattern, and a suggestion that has no fault itself.
pub(super) fn fault_of(
    text: &str,
    error: OriginPatternError,
    config: &PolicyConfig,
) -> (FaultCause, Option<String>) {
    let cause = FaultCause::OriginPattern(error);
    let Some(meant) = canonical_pattern(text) else {
        return (cause, None);
    };
    let Ok(pattern) = OriginPattern::parse(&meant) else {
        return (cause, None);
    };
    let has_effect = !pattern.is_any()
        || config.allow_origins.len() == 1
            && !allows_beyond_patterns(config)
            && !config.allow_others_without_credentials;
    match dangers(&pattern, config).into_iter().next() {
        None => (cause, Some(meant).filter(|_| has_effect)),
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

/// Returns each cause for which a valid pattern is unsafe, with a suggestion.
pub(super) fn dangers(
    pattern: &OriginPattern<'_>,
    config: &PolicyConfig,
) -> Vec<(FaultCause, Option<String>)> {
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
    if !config.allow_credentials {
        return dangers;
    }
    if pattern.is_any() {
        if !config.dangerously_allow_any_origin_with_credentials {
            dangers.push((FaultCause::AnyOriginWithCredentials, None));
        }
        return dangers;
    }
    if !config.dangerously_allow_any_origin_with_credentials {
        let scheme = pattern.any_host_scheme();
        let cause = scheme.map(|scheme| FaultCause::AnyHostWithCredentials(scheme.to_string()));
        dangers.extend(cause.map(|cause| (cause, None)));
    }
    if !config.dangerously_allow_insecure_origins && !pattern.is_potentially_trustworthy() {
        dangers.push((FaultCause::InsecureOriginWithCredentials, None));
    }
    let has_opt_out = config.dangerously_allow_public_suffix_subdomains;
    let parent = pattern.wildcard_parent();
    if let Some(parent) = parent.filter(|_| !has_opt_out && !pattern.is_loopback()) {
        if let Some(suffix) = public_suffix(parent) {
            let suggestion = with_whole_labels(pattern).filter(|text| is_accepted(text, config));
            dangers.push((FaultCause::PublicSuffix(suffix), suggestion));
        } else if pattern.has_leading_wildcard() && has_public_suffixes_below(parent) {
            dangers.push((FaultCause::PublicSuffixesBelow(parent.to_string()), None));
        }
    }
    dangers
}

/// Returns true if the pattern is valid and safe in a policy with these settings.
pub(crate) fn is_accepted(text: &str, config: &PolicyConfig) -> bool {
    OriginPattern::parse(text).is_ok_and(|pattern| dangers(&pattern, config).is_empty())
}

/// Returns true if the text is an origin that a policy with these settings can list. A pattern, which has more origins than one, is none.
pub(crate) fn is_origin_to_list(text: &str, config: &PolicyConfig) -> bool {
    OriginPattern::parse(text)
        .is_ok_and(|pattern| pattern.is_exact() && dangers(&pattern, config).is_empty())
}

/// Returns `https://*.example.com` for `https://*example.com`, which is usually a mistake.
fn with_whole_labels(pattern: &OriginPattern<'_>) -> Option<String> {
    let (scheme, domain) = pattern.as_str().split_once("://*")?;
    domain
        .starts_with(|first: char| first.is_ascii_alphanumeric())
        .then(|| String::from(scheme) + "://*." + domain)
}

pub(super) fn allows_beyond_patterns(config: &PolicyConfig) -> bool {
    #[cfg(feature = "regex")]
    if !config.allow_origin_regexes.is_empty() {
        return true;
    }
    config.allow_origins_if.is_some() || config.allow_origins_in.is_some() || config.lookup_origins
}
