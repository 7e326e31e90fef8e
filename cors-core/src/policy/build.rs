//! Validation: from raw settings to a policy, or to every fault there is.

use alloc::boxed::Box;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::time::Duration;

use super::list::NameList;
use super::{
    AllowedOrigins, Fault, FaultCause, OptOuts, Policy, PolicyConfig, PolicyError, TheseOrigins,
};
use crate::header::{is_forbidden_request_header, is_forbidden_response_header, is_token};
use crate::limits;
use crate::method;
use crate::origin::{Full, OriginPattern, OriginSet, OriginSetBuilder, canonical_pattern};

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
    Ok(Policy {
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
    })
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
    let mut any = None;
    for (index, text) in config.allow_origins.iter().enumerate() {
        let pattern = match OriginPattern::parse(text) {
            Ok(pattern) => pattern,
            Err(error) => {
                let fix = canonical_pattern(text);
                faults.add(
                    ORIGINS,
                    Some(index),
                    text,
                    FaultCause::OriginPattern(error),
                    fix,
                );
                continue;
            }
        };
        if pattern.is_any() {
            any = Some((index, text));
        }
        if let Some((cause, fix)) = refusal(&pattern, config) {
            faults.add(ORIGINS, Some(index), text, cause, fix);
        } else if let Err(full) = set.insert(&pattern) {
            let cause = match full {
                Full::Text => FaultCause::TooManyOrigins,
                Full::Shapes => FaultCause::TooManyLabelShapes(
                    pattern.wildcard_parent().unwrap_or_default().to_string(),
                ),
            };
            faults.add(ORIGINS, Some(index), text, cause, None);
        }
    }
    let set = set.build();
    if let Some((index, text)) = any {
        if config.allow_origins.iter().any(|other| other != "*") || allows_beyond_patterns(config) {
            faults.add(
                ORIGINS,
                Some(index),
                text,
                FaultCause::AnyOriginNotAlone,
                None,
            );
        }
        return AllowedOrigins::Any;
    }
    if config.allow_origins.is_empty() && !allows_beyond_patterns(config) {
        faults.add(ORIGINS, None, "", FaultCause::NoOrigin, None);
    }
    AllowedOrigins::These(these_origins(set, config, faults))
}

fn these_origins(set: OriginSet, config: &PolicyConfig, faults: &mut Faults) -> TheseOrigins {
    #[cfg(not(feature = "regex"))]
    let _ = faults;
    TheseOrigins {
        set,
        #[cfg(feature = "regex")]
        regexes: build_regexes(&config.allow_origin_regexes, faults),
        predicate: config.allow_origins_if.clone(),
        outside: config.decide_origins_outside,
    }
}

#[cfg(feature = "regex")]
fn build_regexes(texts: &[String], faults: &mut Faults) -> Option<crate::origin::OriginRegexes> {
    use crate::origin::{OriginRegex, OriginRegexes};

    const REGEXES: &str = "allow_origin_regexes";
    let mut expressions = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        match OriginRegex::parse(text) {
            Ok(expression) => expressions.push(expression),
            Err(message) => {
                faults.add(REGEXES, Some(index), text, FaultCause::Regex(message), None)
            }
        }
    }
    if expressions.is_empty() {
        return None;
    }
    let compiled = OriginRegexes::compile(texts.to_vec(), expressions);
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

/// Why a valid pattern is refused, and what to write instead.
fn refusal(
    pattern: &OriginPattern<'_>,
    config: &PolicyConfig,
) -> Option<(FaultCause, Option<String>)> {
    if pattern.is_null() {
        return (!config.dangerously_allow_null_origin).then_some((FaultCause::NullOrigin, None));
    }
    if !config.allow_credentials {
        return None;
    }
    if pattern.is_any() {
        let refused = !config.dangerously_allow_any_origin_with_credentials;
        return refused.then_some((FaultCause::AnyOriginWithCredentials, None));
    }
    if !config.dangerously_allow_insecure_origins && !pattern.is_potentially_trustworthy() {
        let with_tls = pattern
            .as_str()
            .strip_prefix("http://")
            .map(|rest| String::from("https://") + rest);
        return Some((FaultCause::InsecureOriginWithCredentials, with_tls));
    }
    if config.dangerously_allow_public_suffix_subdomains || pattern.is_loopback() {
        return None;
    }
    let parent = pattern
        .wildcard_parent()
        .filter(|parent| is_public_suffix(parent))?;
    Some((FaultCause::PublicSuffix(parent.to_string()), None))
}

/// Names right under a public suffix can be registered by anyone.
fn is_public_suffix(domain: &str) -> bool {
    // A domain of one label (or none) is one by the list's default rule, `*`.
    if !domain.contains('.') {
        return true;
    }
    #[cfg(feature = "public-suffix")]
    if psl::suffix(domain.as_bytes()).is_some_and(|suffix| suffix.as_bytes() == domain.as_bytes()) {
        return true;
    }
    false
}

const METHODS: &str = "allow_methods";

fn build_methods(methods: Vec<String>, faults: &mut Faults) -> NameList {
    for (index, method) in methods.iter().enumerate() {
        if !is_token(method.as_bytes()) {
            let fix =
                Some(method.trim().to_ascii_uppercase()).filter(|fix| is_token(fix.as_bytes()));
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
                .filter(|fix| is_token(fix.as_bytes()));
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
        let fix = Some(seconds.to_string());
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
