//! Warnings of policies with a guard, or with settings that need one.

use alloc::string::ToString as _;
use alloc::vec::Vec;

use super::{assert_warning, origins, warnings};
use crate::policy::{Guard, PolicyConfig, Setting, Warning};
use crate::{RequestParts, evaluate};

#[test]
fn an_opaque_origin_that_the_guard_rejects_has_a_warning() {
    let listed = || {
        let config = origins(["https://example.com", "file://", "null"]);
        config.dangerously_allow_opaque_origins(true)
    };
    assert_eq!(warnings(listed()), []);
    for guard in [Guard::UnsafeMethods, Guard::All] {
        let config = listed().guard(guard).allow_method("DELETE");
        let expected =
            ["null", "file://"].map(|origin| Warning::OpaqueOriginWithGuard(origin.to_string()));
        assert_eq!(warnings(config.clone()), expected);
        // As the warning says: a preflight is allowed, and then the request is rejected.
        let policy = config.build().unwrap();
        let preflight = RequestParts::new("OPTIONS").request_method("DELETE");
        let allowed = evaluate(&policy, &preflight.origin("null"));
        assert!(allowed.verdict().is_allowed());
        let rejected = evaluate(&policy, &RequestParts::new("DELETE").origin("null"));
        assert!(rejected.rejection().is_some());
    }
    let other = origins(["https://example.com"]).guard(Guard::All);
    assert_eq!(warnings(other), []);
}

#[test]
fn a_setting_without_a_guard_has_a_warning_with_the_guards_that_the_policy_can_have() {
    const BOTH: &[Guard] = &[Guard::UnsafeMethods, Guard::All];
    let exact = || origins(["https://example.com"]);
    let others = exact()
        .allow_credentials(true)
        .allow_others_without_credentials(true);
    for (config, guards) in [
        (exact(), BOTH),
        (exact().allow_credentials(true), BOTH),
        // Together with `all`, `allow_others_without_credentials` is a fault.
        (others, &[Guard::UnsafeMethods]),
        (origins(["*"]), &[]),
        (exact().static_origin(true), &[]),
        (origins(["https://example.com", "moz-extension://*"]), &[]),
    ] {
        for guard in BOTH {
            let is_valid = config.clone().guard(*guard).build().is_ok();
            assert_eq!(is_valid, guards.contains(guard), "{config:?}");
        }
        let needs_guard = |setting| {
            let guards = guards.to_vec();
            Warning::NeedsGuard { setting, guards }
        };
        let config = config
            .guard_report_only(true)
            .allow_navigations_from(["https://login.example"]);
        let mut found = warnings(config.clone());
        found.retain(|warning| matches!(warning, Warning::NeedsGuard { .. }));
        let expected = [Setting::GuardReportOnly, Setting::AllowNavigationsFrom].map(needs_guard);
        assert_eq!(found, expected, "{config:?}");
    }
}

#[test]
fn the_warning_of_a_missing_guard_says_what_to_set() {
    let navigations =
        |config: PolicyConfig| config.allow_navigations_from(["https://login.example"]);
    let needs_guard = |guards: &[Guard]| Warning::NeedsGuard {
        setting: Setting::AllowNavigationsFrom,
        guards: Vec::from(guards),
    };
    assert_warning(
        navigations(origins(["https://example.com"])),
        needs_guard(&[Guard::UnsafeMethods, Guard::All]),
        "allow_navigations_from has no effect, because the guard is off; set guard to `unsafe-methods` or `all`, or leave this out",
    );
    let others = origins(["https://example.com"])
        .allow_credentials(true)
        .allow_others_without_credentials(true);
    assert_warning(
        navigations(others),
        needs_guard(&[Guard::UnsafeMethods]),
        "allow_navigations_from has no effect, because the guard is off; set guard to `unsafe-methods`, or leave this out",
    );
    assert_warning(
        navigations(origins(["*"])),
        needs_guard(&[]),
        "allow_navigations_from has no effect, because the guard is off; leave this out",
    );
}

#[test]
fn an_open_wildcard_that_the_opt_out_permits_has_no_warning_with_a_guard() {
    let open = || origins(["https://*.com"]);
    let expected = Warning::OpenWildcard("https://*.com".to_string());
    assert_eq!(warnings(open()), [expected]);
    let permitted = open().dangerously_allow_public_suffix_subdomains(true);
    assert_eq!(warnings(permitted.guard(Guard::UnsafeMethods)), []);
}
