//! Validates and compiles the settings of the guard.

use alloc::boxed::Box;
use alloc::string::ToString as _;
use alloc::vec::Vec;

use super::config::PolicyConfig;
use super::fault_cause::FaultCause;
use super::faults::Faults;
use super::guard::GuardRules;
use super::hosts::{AllowedHost, HostList};
use super::pattern_check::{dangers, fault_of};
use super::setting::Setting;
use crate::origin::{OriginPattern, OriginSet, OriginSetBuilder, OriginSetError};

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
    // A form sends cookies, and a forged one acts with them: the patterns are as dangerous as those with credentials.
    let strict = PolicyConfig {
        allow_credentials: true,
        dangerously_allow_opaque_origins: false,
        ..config.clone()
    };
    let mut set = OriginSetBuilder::default();
    for (index, text) in config.allow_navigations_from.iter().enumerate() {
        let mut fault = |cause, suggestion| {
            let setting = Setting::AllowNavigationsFrom;
            faults.add(setting, Some(index), text, cause, suggestion);
        };
        let pattern = match OriginPattern::parse(text) {
            Ok(pattern) => pattern,
            Err(error) => {
                let (cause, suggestion) = fault_of(text, error, &strict);
                fault(cause, suggestion);
                continue;
            }
        };
        if pattern.is_any() || pattern.any_host_scheme().is_some() {
            fault(FaultCause::NavigationsFromAnyOrigin, None);
            continue;
        }
        if pattern.is_opaque() {
            fault(FaultCause::NavigationsFromOpaqueOrigin, None);
            continue;
        }
        for (cause, suggestion) in dangers(&pattern, &strict) {
            fault(cause, suggestion);
        }
        match set.insert(&pattern) {
            Ok(()) => {}
            Err(OriginSetError::TooMuchText) => fault(FaultCause::TooManyOrigins, None),
            Err(OriginSetError::TooManyShapes) => {
                let domain = pattern.wildcard_parent().unwrap_or_default();
                fault(FaultCause::TooManyLabelShapes(domain.to_string()), None);
            }
        }
    }
    set.build()
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
