//! Validates a config and builds a policy, or reports all faults.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::mem;
use core::time::Duration;

use super::build_guard::build_guard;
use super::check_names::{build_expose_headers, build_methods, build_request_headers};
use super::compiled::{Policy, ResponseFields};
use super::config::PolicyConfig;
use super::fault_cause::FaultCause;
use super::faults::{Faults, PolicyError};
use super::guard::Guard;
use super::origin_rules::{ListedOrigins, OriginRules};
use super::pattern_check::{
    allows_beyond_patterns, can_be_listed, dangers, fault_of, insert_fault, trust_in_listed,
};
use super::read_faults::NotRead;
use super::setting::Setting;
use super::timing_list::timing_list;
use super::warning::Warning;
use crate::limits;
use crate::origin::{OriginPattern, OriginSet, OriginSetBuilder};

impl PolicyConfig {
    /// Validates all settings and compiles them into a policy.
    ///
    /// # Errors
    ///
    /// Returns all faults together, in a [`PolicyError`].
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// match PolicyConfig::new().allow_origin("https://Example.com").build() {
    ///     Ok(policy) => println!("{policy}"),
    ///     Err(error) => eprintln!("{error}"),
    /// }
    /// ```
    pub fn build(self) -> Result<Policy, PolicyError> {
        build(self).map_err(|(error, _)| error)
    }
}

impl TryFrom<PolicyConfig> for Policy {
    type Error = PolicyError;

    fn try_from(config: PolicyConfig) -> Result<Self, PolicyError> {
        config.build()
    }
}

/// Builds a policy, or returns the faults and those warnings that do not depend on them.
pub(crate) fn build_with_warnings(
    config: PolicyConfig,
) -> Result<Policy, (PolicyError, Vec<Warning>)> {
    build(config).map_err(|(error, rest)| {
        let warnings = rest.warnings_beside(&error);
        (error, warnings)
    })
}

/// Builds a policy, or returns the faults and a policy without the faulty values, which must not be used.
fn build(mut config: PolicyConfig) -> Result<Policy, (PolicyError, Box<Policy>)> {
    let mut faults = Faults::default();
    let not_read = NotRead::take(&mut config, &mut faults);
    let environment = mem::take(&mut config.environment);
    // The order of the checks is the order of the faults.
    let origins = build_origins(&config, &mut faults);
    let guard = build_guard(&config, &mut faults);
    let methods = build_methods(config.allow_methods, &mut faults);
    let request_headers = build_request_headers(config.allow_headers, &mut faults);
    let expose_headers =
        build_expose_headers(config.expose_headers, config.allow_credentials, &mut faults);
    if config.static_origin && config.allow_credentials {
        // `*` with credentials is an echo of the request, which a static origin rules out.
        faults.suggest_no_any_name();
    }
    let max_age = build_max_age(config.max_age, &mut faults);
    if !(200..=299).contains(&config.preflight_status) {
        let suggestion = Some("204".to_string());
        faults.add(
            Setting::PreflightStatus,
            None,
            config.preflight_status.to_string(),
            FaultCause::PreflightStatus,
            suggestion,
        );
    }
    not_read.correct(&mut faults);
    environment.name_variables(&mut faults);
    let mut policy = Policy {
        is_static: origins.is_static(),
        origins,
        credentials: config.allow_credentials,
        methods,
        request_headers,
        expose_headers,
        merge_expose_headers: config.merge_expose_headers,
        max_age,
        timing_allow_origin: config.timing_allow_origin,
        private_network: config.allow_private_network,
        preflight_status: config.preflight_status,
        forward_preflights: config.forward_preflights,
        guard,
        origins_revision: config.origins_revision.clone(),
        dangerously_allow_any_origin_with_credentials: config
            .dangerously_allow_any_origin_with_credentials,
        dangerously_allow_public_suffix_subdomains: config
            .dangerously_allow_public_suffix_subdomains,
        response_fields: ResponseFields::NONE,
    };
    policy.response_fields = ResponseFields::new(&policy);
    match faults.into_result() {
        Ok(()) => Ok(policy),
        Err(error) => Err((error, Box::new(policy))),
    }
}

fn build_origins(config: &PolicyConfig, faults: &mut Faults) -> OriginRules {
    let mut set = OriginSetBuilder::default();
    let mut allows_any = false;
    let only_any_origin = only_any_origin(config);
    let trust = trust_in_listed(config);
    for (index, text) in config.allow_origins.iter().enumerate() {
        let mut fault = |cause, suggestion| {
            faults.add(Setting::AllowOrigins, Some(index), text, cause, suggestion);
        };
        let pattern = match OriginPattern::parse(text) {
            Ok(pattern) => pattern,
            Err(error) => {
                let (cause, suggestion) = fault_of(text, error, |meant| {
                    can_be_listed(meant, config).then(|| dangers(meant, config, trust))
                });
                fault(cause, suggestion);
                continue;
            }
        };
        if pattern.is_any() {
            allows_any = true;
            if !only_any_origin {
                fault(FaultCause::AnyOriginNotAlone, None);
            }
        }
        for (cause, suggestion) in dangers(&pattern, config, trust) {
            fault(cause, suggestion);
        }
        if let Err(error) = set.insert(&pattern) {
            fault(insert_fault(&error, &pattern, config, trust), None);
        }
    }
    check_static_origin(config, faults);
    if config.allow_others_without_credentials {
        let others = Setting::AllowOthersWithoutCredentials;
        if !config.allow_credentials {
            faults.add(
                others,
                None,
                "true",
                FaultCause::OthersWithoutCredentials,
                None,
            );
        }
        if config.guard == Guard::All {
            faults.add(others, None, "true", FaultCause::OthersRejected, None);
        }
    }
    if config.allow_origins.is_empty() && !allows_beyond_patterns(config) {
        faults.add(Setting::AllowOrigins, None, "", FaultCause::NoOrigin, None);
    }
    let listed = listed_origins(set.build(), config, faults);
    let listed = (!allows_any).then_some(listed);
    // The responses of a static policy have its only origin instead.
    let lists_timing = config.timing_allow_origin && !config.static_origin;
    OriginRules {
        timing_list: listed
            .as_ref()
            .filter(|_| lists_timing)
            .and_then(|listed| timing_list(&listed.set)),
        listed,
        static_origin: config
            .allow_origins
            .first()
            .filter(|_| config.static_origin)
            .map(|origin| origin.as_str().into()),
        credentials: config.allow_credentials,
        allow_others: config.allow_others_without_credentials,
        allow_opaque: config.dangerously_allow_opaque_origins,
        allow_insecure: config.dangerously_allow_insecure_origins,
    }
}

fn check_static_origin(config: &PolicyConfig, faults: &mut Faults) {
    let is_one = match &*config.allow_origins {
        // An invalid pattern is already a fault.
        [text] => OriginPattern::parse(text).map_or(true, |pattern| pattern.is_exact()),
        _ => false,
    };
    let has_other_rules = allows_beyond_patterns(config)
        || config.allow_others_without_credentials
        || !config.guard.is_off();
    let has_any = |names: &[String]| names.iter().any(|name| name == "*");
    let echoes = config.allow_credentials
        && (has_any(&config.allow_methods) || has_any(&config.allow_headers));
    if config.static_origin && (!is_one || has_other_rules || echoes) {
        let setting = Setting::StaticOrigin;
        faults.add(setting, None, "true", FaultCause::StaticOrigin, None);
    }
}

fn listed_origins(set: OriginSet, config: &PolicyConfig, faults: &mut Faults) -> ListedOrigins {
    #[cfg(not(feature = "regex"))]
    let _ = faults;
    ListedOrigins {
        set,
        #[cfg(feature = "regex")]
        regexes: build_regexes(config, faults),
        predicate: config.allow_origins_if.clone(),
        dynamic: config.allow_origins_in.clone(),
        lookup: config.lookup_origins,
    }
}

#[cfg(feature = "regex")]
fn build_regexes(
    config: &PolicyConfig,
    faults: &mut Faults,
) -> Option<crate::origin::OriginRegexes> {
    use crate::origin::{OriginRegex, OriginRegexes, Sites};

    const REGEXES: Setting = Setting::AllowOriginRegexes;
    let texts = &config.allow_origin_regexes;
    let trust =
        trust_in_listed(config).filter(|_| !config.dangerously_allow_any_origin_with_credentials);
    let mut expressions = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        match OriginRegex::parse(text) {
            Ok(expression) => {
                if let Some(trust) = trust {
                    let cause = match expression.sites() {
                        Sites::Known => None,
                        Sites::Unknown => Some(FaultCause::RegexWithCredentials),
                        Sites::TooMany => Some(FaultCause::RegexOfTooManyHosts),
                    };
                    if let Some(cause) = cause {
                        faults.add(REGEXES, Some(index), text, trust.cause(cause), None);
                    }
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

/// Returns true if `*` is the only origin setting, as it must be: other settings would have no effect.
fn only_any_origin(config: &PolicyConfig) -> bool {
    config.allow_origins.iter().all(|text| text == "*")
        && !allows_beyond_patterns(config)
        && !config.allow_others_without_credentials
}

fn build_max_age(age: Option<Duration>, faults: &mut Faults) -> Option<Box<str>> {
    let age = age?;
    let seconds = age.as_secs();
    if age.subsec_nanos() != 0 {
        let suggestion = Some(seconds.min(u64::from(limits::MAX_AGE)).to_string());
        faults.add(
            Setting::MaxAge,
            None,
            alloc::format!("{age:?}"),
            FaultCause::MaxAgeFraction,
            suggestion,
        );
    }
    if seconds > u64::from(limits::MAX_AGE) {
        let suggestion = Some(limits::MAX_AGE.to_string());
        faults.add(
            Setting::MaxAge,
            None,
            seconds.to_string(),
            FaultCause::MaxAgeTooLong,
            suggestion,
        );
    }
    Some(seconds.to_string().into_boxed_str())
}

#[cfg(test)]
mod tests;
