//! Finds settings for origins that are probably not intended.

use alloc::string::ToString as _;
use alloc::vec::Vec;

use super::patterns::{is_insecure, parsed, patterns, trusts_listed};
use super::unchecked::warn_of_unchecked_wildcards;
use crate::origin::{OriginPattern, OriginSet};
use crate::policy::compiled::Policy;
use crate::policy::pattern_check::is_open;
use crate::policy::warning::Warning;

pub(super) fn warn_of_origins(policy: &Policy, warnings: &mut Vec<Warning>) {
    if let Some(listed) = &policy.origins.listed {
        let allows_others = listed.allows_beyond_patterns() || policy.origins.allow_others;
        warn_of_loopback(&listed.set, allows_others, policy.credentials, warnings);
        if !policy.credentials {
            warn_of_insecure(&listed.set, warnings);
        }
        warn_of_wildcards(policy, &listed.set, warnings);
    }
    warn_of_unchecked_wildcards(policy, warnings);
    #[cfg(feature = "regex")]
    if let Some(regexes) = policy
        .origins
        .listed
        .as_ref()
        .and_then(|listed| listed.regexes.as_ref())
    {
        let without_effect = regexes.without_effect(policy.origins.allow_opaque);
        warnings.extend(without_effect.map(|text| Warning::RegexWithoutEffect(text.into())));
    }
}

fn warn_of_loopback(
    set: &OriginSet,
    allows_others: bool,
    credentials: bool,
    warnings: &mut Vec<Warning>,
) {
    let is_local = |pattern: &OriginPattern<'_>| is_page_of_this_machine(pattern, set);
    if !allows_others && patterns(set).all(|pattern| is_local(&pattern)) {
        warnings.push(Warning::OnlyLoopbackOrigins);
    } else if credentials {
        let first = patterns(set).find(is_local);
        warnings
            .extend(first.map(|first| Warning::LoopbackOriginWithCredentials(first.to_string())));
    }
}

/// Returns true if the origin belongs to pages served from this machine. Installed applications use such origins as well: those of
/// Tauri, and, together with a custom scheme, those of Capacitor, Ionic and Cordova. They are not pages served from this machine.
fn is_page_of_this_machine(pattern: &OriginPattern<'_>, set: &OriginSet) -> bool {
    let is_of_application = match pattern.as_str() {
        "http://tauri.localhost" | "https://tauri.localhost" => true,
        "http://localhost" | "https://localhost" => {
            let own = [
                "capacitor://localhost",
                "ionic://localhost",
                "app://localhost",
            ];
            own.iter().any(|own| set.contains_exact(own.as_bytes()))
        }
        _ => false,
    };
    pattern.is_loopback() && !is_of_application
}

fn warn_of_insecure(set: &OriginSet, warnings: &mut Vec<Warning>) {
    let mut insecure = patterns(set).filter(is_insecure);
    if let Some(first) = insecure.next() {
        warnings.push(Warning::InsecureOrigins {
            first: first.to_string(),
            count: 1 + insecure.count(),
        });
    }
}

fn warn_of_wildcards(policy: &Policy, set: &OriginSet, warnings: &mut Vec<Warning>) {
    let wild: Vec<_> = parsed(set.wildcard_patterns()).collect();
    if !trusts_listed(policy) {
        // With credentials or a guard, these are faults.
        let open = wild.iter().filter(|pattern| is_open(pattern));
        warnings.extend(open.map(|pattern| Warning::OpenWildcard(pattern.to_string())));
    }
    // The responses to requests without `Origin` list the exact origins, and not those that a wildcard allows.
    if !policy.timing_allow_origin {
        warn_of_covered_origins(set, &wild, warnings);
    }
    warn_of_covered_wildcards(&wild, warnings);
}

/// The maximum number of covered origins to warn of, and of patterns with a wildcard to compare in pairs.
const MOST: usize = 1000;

/// Warns of exact origins that patterns cover.
fn warn_of_covered_origins(
    set: &OriginSet,
    wild: &[OriginPattern<'_>],
    warnings: &mut Vec<Warning>,
) {
    if wild.is_empty() {
        return;
    }
    let exact = patterns(set).filter_map(|pattern| pattern.origin());
    let covered = exact.filter_map(|origin| {
        let (pattern, by) = (origin.to_string(), set.wildcard_that_allows(&origin)?);
        Some(Warning::CoveredPattern { pattern, by })
    });
    warnings.extend(covered.take(MOST));
}

/// Warns of patterns with a wildcard that others cover.
fn warn_of_covered_wildcards(wild: &[OriginPattern<'_>], warnings: &mut Vec<Warning>) {
    let wild = wild.get(..MOST).unwrap_or(wild);
    for pattern in wild {
        let covers = |other: &&OriginPattern<'_>| {
            other.as_str() != pattern.as_str() && other.covers(pattern)
        };
        if let Some(by) = wild.iter().find(covers) {
            let (pattern, by) = (pattern.to_string(), by.to_string());
            warnings.push(Warning::CoveredPattern { pattern, by });
        }
    }
}
