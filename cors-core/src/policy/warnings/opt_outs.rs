//! Finds opt-outs that nothing in the policy needs.

use alloc::vec::Vec;

use super::patterns::{is_insecure, may_be_open, parsed, patterns, trusts_listed};
#[cfg(feature = "regex")]
use super::unchecked::may_have_wildcard;
use crate::origin::OriginPattern;
use crate::policy::compiled::Policy;
use crate::policy::origin_rules::ListedOrigins;
use crate::policy::setting::Setting;
use crate::policy::warning::Warning;

pub(super) fn warn_of_opt_outs(policy: &Policy, warnings: &mut Vec<Warning>) {
    let listed = policy.origins.listed.as_ref();
    let any_origin = listed.is_none();
    let allows_beyond_patterns = listed.is_some_and(ListedOrigins::allows_beyond_patterns);
    let credentials = policy.credentials;
    let is_trusted = trusts_listed(policy);
    let lists = |check: &dyn Fn(&OriginPattern<'_>) -> bool| {
        policy
            .origins()
            .is_some_and(|set| patterns(set).any(|pattern| check(&pattern)))
    };
    // These patterns are checked as with credentials.
    let navigates_from = |check: &dyn Fn(&OriginPattern<'_>) -> bool| {
        parsed(policy.allow_navigations_from()).any(|pattern| check(&pattern))
    };
    // A setting that is off needs nothing, so the patterns are not parsed for it.
    let unused = [
        (
            Setting::DangerouslyAllowOpaqueOrigins,
            policy.origins.allow_opaque
                && !((any_origin && credentials)
                    || allows_beyond_patterns
                    || lists(&|pattern| pattern.is_opaque())),
        ),
        (
            Setting::DangerouslyAllowAnyOriginWithCredentials,
            policy.dangerously_allow_any_origin_with_credentials
                && !(is_trusted
                    && (any_origin
                        || may_have_regex_for_any_site(policy)
                        || lists(&|pattern| pattern.any_host_scheme().is_some()))),
        ),
        (
            Setting::DangerouslyAllowInsecureOrigins,
            policy.origins.allow_insecure
                && !(credentials && (allows_beyond_patterns || lists(&is_insecure))
                    || navigates_from(&is_insecure)),
        ),
        (
            Setting::DangerouslyAllowPublicSuffixSubdomains,
            policy.dangerously_allow_public_suffix_subdomains
                && !(is_trusted && lists(&may_be_open) || navigates_from(&may_be_open)),
        ),
    ];
    for (name, is_unused) in unused {
        if is_unused {
            warnings.push(Warning::UnusedOptOut(name));
        }
    }
}

#[cfg(not(feature = "regex"))]
fn may_have_regex_for_any_site(_policy: &Policy) -> bool {
    false
}

/// Returns true if a regular expression needs the opt-out for any origin. Without the Public Suffix List, one with a wildcard may need it.
#[cfg(feature = "regex")]
fn may_have_regex_for_any_site(policy: &Policy) -> bool {
    !cfg!(feature = "public-suffix") && policy.origin_regexes().any(may_have_wildcard)
        || policy.origins.has_regex_for_any_site()
}
