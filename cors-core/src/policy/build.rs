//! Validation: from raw settings to a policy, or to every fault there is.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use super::list::NameList;
use super::{
    AllowedOrigins, Fault, FaultCause, OptOuts, Policy, PolicyConfig, PolicyError, TheseOrigins,
};
use crate::header::{is_forbidden_request_header, is_forbidden_response_header, is_token};
use crate::limits;
use crate::method;
use crate::origin::{
    Full, OriginPattern, OriginSet, OriginSetBuilder, canonical_pattern, public_suffix,
};
use crate::response::PolicyLines;

pub(super) fn build(config: PolicyConfig) -> Result<Policy, PolicyError> {
    let mut faults = Faults(Vec::new());
    // In the order of the settings, which is the order of the faults.
    let origins = build_origins(&config, &mut faults);
    let methods = build_methods(config.allow_methods, &mut faults);
    let request_headers = build_request_headers(config.allow_headers, &mut faults);
    let expose_headers =
        build_expose_headers(config.expose_headers, config.allow_credentials, &mut faults);
    let max_age = build_max_age(config.max_age, &mut faults);
    if !(200..=299).contains(&config.preflight_status) {
        let fix = Some("204".to_string());
        faults.add(
            "preflight_status",
            None,
            config.preflight_status.to_string(),
            FaultCause::PreflightStatus,
            fix,
        );
    }
    if !faults.0.is_empty() {
        return Err(PolicyError { faults: faults.0 });
    }
    let mut policy = Policy {
        origins,
        credentials: config.allow_credentials,
        methods,
        request_headers,
        expose_headers,
        max_age,
        timing_allow_origin: config.timing_allow_origin,
        private_network: config.allow_private_network,
        preflight_status: config.preflight_status,
        forward_preflights: config.forward_preflights,
        refuse_disallowed_origins: config.refuse_disallowed_origins,
        dangerously: OptOuts {
            null_origin: config.dangerously_allow_null_origin,
            any_origin_with_credentials: config.dangerously_allow_any_origin_with_credentials,
            insecure_origins: config.dangerously_allow_insecure_origins,
            public_suffix_subdomains: config.dangerously_allow_public_suffix_subdomains,
        },
        lines: PolicyLines::NONE,
    };
    policy.lines = PolicyLines::of(&policy);
    Ok(policy)
}

/// The faults found so far.
struct Faults(Vec<Fault>);

impl Faults {
    fn add(
        &mut self,
        field: &'static str,
        index: Option<usize>,
        text: impl Into<String>,
        cause: FaultCause,
        fix: Option<String>,
    ) {
        self.0.push(Fault {
            field,
            index,
            text: text.into(),
            cause,
            fix,
        });
    }
}

const ORIGINS: &str = "allow_origins";

fn build_origins(config: &PolicyConfig, faults: &mut Faults) -> AllowedOrigins {
    let mut set = OriginSetBuilder::default();
    let mut allows_any = false;
    for (index, text) in config.allow_origins.iter().enumerate() {
        let mut fault = |cause, fix| faults.add(ORIGINS, Some(index), text, cause, fix);
        let pattern = match OriginPattern::parse(text) {
            Ok(pattern) => pattern,
            Err(error) => {
                fault(
                    FaultCause::OriginPattern(error),
                    what_was_meant(text, config),
                );
                continue;
            }
        };
        if pattern.is_any() {
            allows_any = true;
            if !only_any_origin(config) {
                fault(FaultCause::AnyOriginNotAlone, None);
            }
        }
        for (cause, fix) in refusals(&pattern, config) {
            fault(cause, fix);
        }
        match set.insert(&pattern) {
            Ok(()) => {}
            Err(Full::Text) => fault(FaultCause::TooManyOrigins, None),
            Err(Full::Shapes) => {
                let domain = pattern.wildcard_parent().unwrap_or_default();
                fault(FaultCause::TooManyLabelShapes(domain.to_string()), None);
            }
        }
    }
    if config.allow_origins.is_empty() && !allows_beyond_patterns(config) {
        faults.add(ORIGINS, None, "", FaultCause::NoOrigin, None);
    }
    let these = these_origins(set.build(), config, faults);
    if allows_any {
        AllowedOrigins::Any
    } else {
        AllowedOrigins::These(these)
    }
}

fn these_origins(set: OriginSet, config: &PolicyConfig, faults: &mut Faults) -> TheseOrigins {
    #[cfg(not(feature = "regex"))]
    let _ = faults;
    TheseOrigins {
        set,
        #[cfg(feature = "regex")]
        regexes: build_regexes(config, faults),
        predicate: config.allow_origins_if.clone(),
        outside: config.decide_origins_outside,
    }
}

#[cfg(feature = "regex")]
fn build_regexes(
    config: &PolicyConfig,
    faults: &mut Faults,
) -> Option<crate::origin::OriginRegexes> {
    use crate::origin::{OriginRegex, OriginRegexes};

    const REGEXES: &str = "allow_origin_regexes";
    let texts = &config.allow_origin_regexes;
    let may_match_any_site =
        !config.allow_credentials || config.dangerously_allow_any_origin_with_credentials;
    let mut expressions = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        match OriginRegex::parse(text) {
            Ok(expression) => {
                if !may_match_any_site && !expression.ends_in_literal_hosts() {
                    let cause = FaultCause::RegexWithCredentials;
                    faults.add(REGEXES, Some(index), text, cause, None);
                }
                expressions.push(expression);
            }
            Err(message) => {
                faults.add(REGEXES, Some(index), text, FaultCause::Regex(message), None);
            }
        }
    }
    if expressions.is_empty() {
        return None;
    }
    let compiled = OriginRegexes::compile(texts.clone(), expressions);
    if compiled.is_err() {
        faults.add(REGEXES, None, "", FaultCause::RegexTooLarge, None);
    }
    compiled.ok()
}

fn allows_beyond_patterns(config: &PolicyConfig) -> bool {
    #[cfg(feature = "regex")]
    if !config.allow_origin_regexes.is_empty() {
        return true;
    }
    config.allow_origins_if.is_some() || config.decide_origins_outside
}

/// Beside `*` nothing has a meaning.
fn only_any_origin(config: &PolicyConfig) -> bool {
    config.allow_origins.iter().all(|text| text == "*") && !allows_beyond_patterns(config)
}

/// What to write instead of a text that is no pattern; something that is not at fault in its turn.
fn what_was_meant(text: &str, config: &PolicyConfig) -> Option<String> {
    let meant = canonical_pattern(text)?;
    let pattern = OriginPattern::parse(&meant).ok()?;
    if pattern.is_any() && (config.allow_origins.len() > 1 || allows_beyond_patterns(config)) {
        return None;
    }
    match refusals(&pattern, config).into_iter().next() {
        None => Some(meant),
        Some((_, fix)) => fix,
    }
}

/// Why a valid pattern is refused, and what to write instead.
fn refusals(
    pattern: &OriginPattern<'_>,
    config: &PolicyConfig,
) -> Vec<(FaultCause, Option<String>)> {
    let mut refusals = Vec::new();
    if pattern.is_null() {
        if !config.dangerously_allow_null_origin {
            refusals.push((FaultCause::NullOrigin, None));
        }
        return refusals;
    }
    if !config.allow_credentials {
        return refusals;
    }
    if pattern.is_any() {
        if !config.dangerously_allow_any_origin_with_credentials {
            refusals.push((FaultCause::AnyOriginWithCredentials, None));
        }
        return refusals;
    }
    if !config.dangerously_allow_insecure_origins && !pattern.is_potentially_trustworthy() {
        let fix = with_tls(pattern).filter(|fix| is_accepted(fix, config));
        refusals.push((FaultCause::InsecureOriginWithCredentials, fix));
    }
    if !config.dangerously_allow_public_suffix_subdomains
        && !pattern.is_loopback()
        && let Some(suffix) = pattern.wildcard_parent().and_then(public_suffix)
    {
        let fix = with_whole_labels(pattern).filter(|fix| is_accepted(fix, config));
        refusals.push((FaultCause::PublicSuffix(suffix), fix));
    }
    refusals
}

fn is_accepted(text: &str, config: &PolicyConfig) -> bool {
    OriginPattern::parse(text).is_ok_and(|pattern| refusals(&pattern, config).is_empty())
}

fn with_tls(pattern: &OriginPattern<'_>) -> Option<String> {
    let text = String::from("https://") + pattern.as_str().strip_prefix("http://")?;
    // The port of the one may be the default port of the other.
    Some(canonical_pattern(&text).unwrap_or(text))
}

/// `https://*example.com` is most often meant as `https://*.example.com`.
fn with_whole_labels(pattern: &OriginPattern<'_>) -> Option<String> {
    let (scheme, domain) = pattern.as_str().split_once("://*")?;
    domain
        .starts_with(|first: char| first.is_ascii_alphanumeric())
        .then(|| String::from(scheme) + "://*." + domain)
}

const METHODS: &str = "allow_methods";

fn build_methods(methods: Vec<String>, faults: &mut Faults) -> NameList {
    for (index, method) in methods.iter().enumerate() {
        if !is_token(method.as_bytes()) {
            let meant = method.trim();
            let fix = Some(method::in_upper_case(meant).unwrap_or(meant))
                .filter(|fix| is_token(fix.as_bytes()) && !method::is_forbidden(fix))
                .map(ToString::to_string);
            faults.add(METHODS, Some(index), method, FaultCause::Method, fix);
        } else if method::is_forbidden(method) {
            faults.add(
                METHODS,
                Some(index),
                method,
                FaultCause::ForbiddenMethod,
                None,
            );
        } else if let Some(upper) = method::in_upper_case(method) {
            faults.add(
                METHODS,
                Some(index),
                method,
                FaultCause::MethodCase,
                Some(upper.to_string()),
            );
        } else if method.len() > limits::REQUEST_METHOD {
            faults.add(
                METHODS,
                Some(index),
                method,
                FaultCause::MethodTooLong,
                None,
            );
        }
    }
    NameList::new(methods, None)
}

const REQUEST_HEADERS: &str = "allow_headers";

fn build_request_headers(names: Vec<String>, faults: &mut Faults) -> NameList {
    let names = lower_case(names, REQUEST_HEADERS, faults, |name| {
        if is_forbidden_request_header(name) {
            Some(FaultCause::ForbiddenRequestHeader)
        } else if name.starts_with("access-control-") {
            Some(FaultCause::HeaderOnWrongSide)
        } else {
            None
        }
    });
    NameList::new(names, Some("authorization"))
}

const EXPOSED_HEADERS: &str = "expose_headers";

fn build_expose_headers(names: Vec<String>, credentials: bool, faults: &mut Faults) -> NameList {
    let names = lower_case(names, EXPOSED_HEADERS, faults, |name| {
        if name == "*" && credentials {
            Some(FaultCause::ExposeAnyWithCredentials)
        } else if is_forbidden_response_header(name) {
            Some(FaultCause::ForbiddenResponseHeader)
        } else if name.starts_with("access-control-request-") {
            Some(FaultCause::HeaderOnWrongSide)
        } else {
            None
        }
    });
    NameList::new(names, None)
}

/// Header names are compared without case and sent in lower case.
fn lower_case(
    names: Vec<String>,
    field: &'static str,
    faults: &mut Faults,
    check: impl Fn(&str) -> Option<FaultCause>,
) -> Vec<String> {
    let mut checked = Vec::with_capacity(names.len());
    for (index, name) in names.into_iter().enumerate() {
        let lower = name.to_ascii_lowercase();
        if !is_token(name.as_bytes()) {
            let fix = Some(lower.trim().trim_end_matches(':').to_string())
                .filter(|fix| is_token(fix.as_bytes()) && check(fix).is_none());
            faults.add(field, Some(index), name, FaultCause::HeaderName, fix);
        } else if let Some(cause) = check(&lower) {
            faults.add(field, Some(index), name, cause, None);
        } else {
            checked.push(lower);
        }
    }
    checked
}

fn build_max_age(age: Option<Duration>, faults: &mut Faults) -> Option<Box<str>> {
    let age = age?;
    let seconds = age.as_secs();
    if age.subsec_nanos() != 0 {
        let fix = Some(seconds.min(u64::from(limits::MAX_AGE)).to_string());
        faults.add(
            "max_age",
            None,
            alloc::format!("{age:?}"),
            FaultCause::MaxAgeFraction,
            fix,
        );
    }
    if seconds > u64::from(limits::MAX_AGE) {
        let fix = Some(limits::MAX_AGE.to_string());
        faults.add(
            "max_age",
            None,
            seconds.to_string(),
            FaultCause::MaxAgeTooLong,
            fix,
        );
    }
    Some(seconds.to_string().into_boxed_str())
}

#[cfg(test)]
mod tests;
