//! Validates and compiles the settings of the guard.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use super::config::PolicyConfig;
use super::fault_cause::{FaultCause, Trust};
use super::faults::Faults;
use super::guard::GuardRules;
use super::hosts::{AllowedHost, HostList};
use super::pattern_check::{Danger, dangers, fault_of, insert_fault};
use super::setting::Setting;
use crate::origin::{OriginPattern, OriginSet, OriginSetBuilder};

pub(super) fn build_guard(config: &PolicyConfig, faults: &mut Faults) -> Option<Box<GuardRules>> {
    if !config.guard.is_off() && config.allow_origins.iter().any(|text| text == "*") {
        let cause = FaultCause::GuardWithAnyOrigin;
        faults.add(Setting::Guard, None, config.guard.as_str(), cause, None);
    }
    let rules = GuardRules {
        checked: config.guard,
        report_only: config.guard_report_only,
        navigations: build_navigations(config, faults),
        hosts: build_hosts(config, faults),
    };
    rules.boxed()
}

fn build_navigations(config: &PolicyConfig, faults: &mut Faults) -> OriginSet {
    let mut set = OriginSetBuilder::default();
    for (index, text) in config.allow_navigations_from.iter().enumerate() {
        let mut fault = |cause, suggestion| {
            let setting = Setting::AllowNavigationsFrom;
            faults.add(setting, Some(index), text, cause, suggestion);
        };
        let pattern = match OriginPattern::parse(text) {
            Ok(pattern) => pattern,
            Err(error) => {
                let (cause, suggestion) =
                    fault_of(text, error, |meant| Some(navigation_dangers(meant, config)));
                fault(cause, suggestion);
                continue;
            }
        };
        for (cause, suggestion) in navigation_dangers(&pattern, config) {
            fault(cause, suggestion);
        }
        if let Err(error) = set.insert(&pattern) {
            let trust = Some(TRUST_IN_NAVIGATIONS);
            fault(insert_fault(&error, &pattern, config, trust), None);
        }
    }
    set.build()
}

/// A form sends cookies, and a forged one acts with them: the patterns are as dangerous as those with credentials.
const TRUST_IN_NAVIGATIONS: Trust = Trust::Credentials;

/// Returns each cause for which a valid pattern is unsafe in `allow_navigations_from`, with a suggestion.
fn navigation_dangers(pattern: &OriginPattern<'_>, config: &PolicyConfig) -> Vec<Danger> {
    if pattern.is_any() || pattern.any_host_scheme().is_some() {
        vec![(FaultCause::NavigationsFromAnyOrigin, None)]
    } else if pattern.is_opaque() {
        // Whatever `allow_origins` may contain.
        vec![(FaultCause::NavigationsFromOpaqueOrigin, None)]
    } else {
        dangers(pattern, config, Some(TRUST_IN_NAVIGATIONS))
    }
}

fn build_hosts(config: &PolicyConfig, faults: &mut Faults) -> HostList {
    let mut hosts = Vec::new();
    for (index, text) in config.allow_hosts.iter().enumerate() {
        match AllowedHost::parse(text) {
            Ok(host) => hosts.push(host),
            Err(meant) => {
                let setting = Setting::AllowHosts;
                faults.add(setting, Some(index), text, FaultCause::Host, meant);
            }
        }
    }
    HostList::new(hosts)
}
