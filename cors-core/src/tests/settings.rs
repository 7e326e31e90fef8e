//! The setters of a policy config, and the getters of a policy.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;

use super::{Only, origins};
use crate::adapter::count_origins;
#[cfg(feature = "serde")]
use crate::adapter::take_origins_from;
use crate::{Guard, Policy, PolicyConfig};

#[test]
fn each_setting_has_a_getter_of_its_name() {
    type Switch = fn(&Policy) -> bool;

    let default = origins(["https://a.test"]).build().unwrap();
    let config = || {
        origins(["https://a.test", "null"])
            .allow_origins_if(|_| false)
            .allow_origins_in(Only("https://a.test"))
            .lookup_origins(true)
            .allow_credentials(true)
            .allow_methods(["PUT", "PATCH"])
            .allow_headers(["X-A", "x-b"])
            .expose_headers(["ETag"])
            .merge_expose_headers(true)
            .max_age(Duration::from_secs(60))
            .timing_allow_origin(true)
            .allow_private_network(true)
            .preflight_status(200)
            .forward_preflights(true)
            .guard(Guard::All)
            .guard_report_only(true)
            .allow_navigations_from(["https://login.test"])
            .allow_hosts(["B.test:1", "a.test"])
            .dangerously_allow_opaque_origins(true)
            .dangerously_allow_any_origin_with_credentials(true)
            .dangerously_allow_insecure_origins(true)
            .dangerously_allow_public_suffix_subdomains(true)
    };
    #[cfg(feature = "regex")]
    let config = || config().allow_origin_regexes(["https://b\\.test", "https://c\\.test"]);
    let policy = config().build().unwrap();

    assert!(default.origins().unwrap().patterns().eq(["https://a.test"]));
    assert!(
        policy
            .origins()
            .unwrap()
            .patterns()
            .eq(["https://a.test", "null"])
    );
    #[cfg(feature = "regex")]
    {
        assert_eq!(default.origin_regexes().count(), 0);
        let expected = ["https://b\\.test", "https://c\\.test"];
        assert!(policy.origin_regexes().eq(expected));
    }
    assert_eq!(default.allow_methods().count(), 0);
    assert!(policy.allow_methods().eq(["PUT", "PATCH"]));
    assert_eq!(default.allow_headers().count(), 0);
    assert!(policy.allow_headers().eq(["x-a", "x-b"]));
    assert_eq!(default.expose_headers().count(), 0);
    assert!(policy.expose_headers().eq(["etag"]));
    assert_eq!(default.max_age(), Some(Duration::from_secs(600)));
    assert_eq!(policy.max_age(), Some(Duration::from_secs(60)));
    let browsers_choice = config().max_age(None).build().unwrap();
    assert_eq!(browsers_choice.max_age(), None);
    assert_eq!((default.guard(), policy.guard()), (Guard::Off, Guard::All));
    assert_eq!(default.allow_navigations_from().count(), 0);
    let navigations = policy.allow_navigations_from();
    assert!(navigations.eq(["https://login.test"]));
    assert_eq!(default.allow_hosts().count(), 0);
    assert!(policy.allow_hosts().eq(["a.test", "b.test:1"]));
    assert_eq!(default.preflight_status(), 204);
    assert_eq!(policy.preflight_status(), 200);
    assert!(!default.is_static() && !policy.is_static());
    let switches: [Switch; 13] = [
        Policy::has_origin_predicate,
        Policy::has_dynamic_origins,
        Policy::merge_expose_headers,
        Policy::lookup_origins,
        Policy::allow_credentials,
        Policy::timing_allow_origin,
        Policy::allow_private_network,
        Policy::forward_preflights,
        Policy::guard_report_only,
        Policy::dangerously_allow_opaque_origins,
        Policy::dangerously_allow_any_origin_with_credentials,
        Policy::dangerously_allow_insecure_origins,
        Policy::dangerously_allow_public_suffix_subdomains,
    ];
    for (index, is_on) in switches.into_iter().enumerate() {
        assert!(!is_on(&default) && is_on(&policy), "{index}");
    }
}

#[test]
fn each_switch_has_its_own_getter() {
    type Set = fn(PolicyConfig, bool) -> PolicyConfig;
    type Get = fn(&Policy) -> bool;
    let switches: [(Set, Get); 11] = [
        (PolicyConfig::lookup_origins, Policy::lookup_origins),
        (
            PolicyConfig::merge_expose_headers,
            Policy::merge_expose_headers,
        ),
        (PolicyConfig::allow_credentials, Policy::allow_credentials),
        (
            PolicyConfig::timing_allow_origin,
            Policy::timing_allow_origin,
        ),
        (
            PolicyConfig::allow_private_network,
            Policy::allow_private_network,
        ),
        (PolicyConfig::forward_preflights, Policy::forward_preflights),
        (PolicyConfig::guard_report_only, Policy::guard_report_only),
        (
            PolicyConfig::dangerously_allow_opaque_origins,
            Policy::dangerously_allow_opaque_origins,
        ),
        (
            PolicyConfig::dangerously_allow_any_origin_with_credentials,
            Policy::dangerously_allow_any_origin_with_credentials,
        ),
        (
            PolicyConfig::dangerously_allow_insecure_origins,
            Policy::dangerously_allow_insecure_origins,
        ),
        (
            PolicyConfig::dangerously_allow_public_suffix_subdomains,
            Policy::dangerously_allow_public_suffix_subdomains,
        ),
    ];
    for (index, (set, _)) in switches.iter().enumerate() {
        let policy = set(origins(["https://a.test"]), true).build().unwrap();
        for (other, (_, get)) in switches.iter().enumerate() {
            assert_eq!(get(&policy), index == other, "{index} {other}");
        }
        let off = set(policy.config(), false);
        assert_eq!(off, origins(["https://a.test"]), "{index}");
    }
}

#[test]
fn a_singular_setter_adds_one_item_to_the_list() {
    let one_by_one = PolicyConfig::new()
        .allow_origin("https://a.test")
        .allow_origin(String::from("https://b.test"))
        .allow_method("PUT")
        .allow_method("PATCH")
        .allow_header("x-a")
        .allow_header("x-b")
        .expose_header("etag")
        .expose_header("x-c");
    let together = origins(["https://a.test", "https://b.test"])
        .allow_methods(["PUT", "PATCH"])
        .allow_headers(["x-a", "x-b"])
        .expose_headers(["etag", "x-c"]);
    assert_eq!(one_by_one, together);
}

#[test]
fn a_list_setter_takes_items_of_any_string_type() {
    let expected = origins(["https://a.test", "https://b.test"])
        .allow_methods(["PUT", "PATCH"])
        .allow_headers(["x-a", "x-b"])
        .expose_headers(["etag", "x-c"]);
    let owned = |items: [&str; 2]| items.map(String::from).to_vec();
    let (patterns, methods) = (
        owned(["https://a.test", "https://b.test"]),
        owned(["PUT", "PATCH"]),
    );
    let (allowed, exposed) = (owned(["x-a", "x-b"]), owned(["etag", "x-c"]));
    let borrowed = PolicyConfig::new()
        .allow_origins(&patterns)
        .allow_methods(&methods)
        .allow_headers(&allowed)
        .expose_headers(&exposed);
    assert_eq!(borrowed, expected);
    let split = PolicyConfig::new()
        .allow_origins("https://a.test https://b.test".split(' '))
        .allow_methods("PUT,PATCH".split(','))
        .allow_headers("x-a,x-b".split(','))
        .expose_headers("etag,x-c".split(','));
    assert_eq!(split, expected);
    let moved = PolicyConfig::new()
        .allow_origins(patterns)
        .allow_methods(methods)
        .allow_headers(allowed)
        .expose_headers(exposed);
    assert_eq!(moved, expected);
}

/// The revision is neither a rule nor a setting of a file.
#[test]
fn the_revision_of_origins_outside_is_asked_for_and_stays_in_the_config() {
    let revision = Arc::new(AtomicU64::new(0));
    let asked = Arc::clone(&revision);
    let config = origins(["https://a.test"])
        .lookup_origins(true)
        .origins_revision(move || match asked.load(Ordering::Relaxed) {
            0 => None,
            revision => Some(revision),
        });
    let policy = config.build().unwrap();
    assert_eq!(policy.origins_revision(), None);
    revision.store(7, Ordering::Relaxed);
    assert_eq!(policy.origins_revision(), Some(7));
    assert_eq!(policy.config().build().unwrap().origins_revision(), Some(7));

    let without = origins(["https://a.test"]).lookup_origins(true);
    let without = without.build().unwrap();
    assert_eq!(without.origins_revision(), None);
    assert_ne!(policy.config(), without.config());
    assert_eq!(policy.to_string(), without.to_string());
}

#[test]
fn a_fault_in_an_added_origin_has_an_index_from_the_number_of_those_before() {
    for count in [0, 1, 3] {
        let listed = ["https://a.test", "https://b.test", "https://c.test"];
        let config = PolicyConfig::new().allow_origins(&listed[..count]);
        let before = count_origins(&config);
        let error = config.allow_origin("https://d.test/").build().unwrap_err();
        assert_eq!(error.faults()[0].index(), Some(before));
    }
}

#[cfg(feature = "serde")]
#[test]
fn the_path_of_a_file_with_origins_is_taken_once() {
    let text = r#"{"allow_origins_from": "origins.txt", "allow_origins": ["https://a.test"]}"#;
    let mut config: PolicyConfig = serde_json::from_str(text).unwrap();
    assert_eq!(
        take_origins_from(&mut config).as_deref(),
        Some("origins.txt")
    );
    assert_eq!(take_origins_from(&mut config), None);
    assert!(config.build().is_ok());
}

#[test]
fn functions_are_equal_only_to_themselves() {
    let predicate = |yes: bool| origins(["https://a.test"]).allow_origins_if(move |_| yes);
    let revision = |number| {
        let config = origins(["https://a.test"]).lookup_origins(true);
        config.origins_revision(move || Some(number))
    };
    for (one, other) in [
        (predicate(true), predicate(false)),
        (revision(1), revision(2)),
    ] {
        assert_eq!(one, one.clone());
        assert_ne!(one, other);
        let policy = one.clone().build().unwrap();
        assert_eq!(policy.config(), one);
    }
    for config in [predicate(true), revision(1)] {
        assert!(format!("{config:?}").contains("<function>"));
    }
}
