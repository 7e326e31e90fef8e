//! Configs made of policies, getters and setters, and origins that no pattern allows.

use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use alloc::vec::Vec;
use alloc::{format, vec};
use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;

use crate::adapter::prepared_values;
use crate::policy::{Policy, PolicyConfig};
use crate::{
    Decision, Denial, LookupResult, Origin, OriginError, PolicyError, RequestParts,
    ResponseHeaderName, Verdict, evaluate,
};

fn origins<const N: usize>(patterns: [&str; N]) -> PolicyConfig {
    PolicyConfig::new().allow_origins(patterns)
}

/// Returns configs that use each setting, in the form that `Policy::config` returns.
fn normal_configs() -> Vec<PolicyConfig> {
    let mut configs = vec![
        origins(["https://example.com"]),
        origins(["*"]),
        origins(["https://example.com"]).static_origin(true),
        origins(["https://example.com"])
            .allow_credentials(true)
            .allow_others_without_credentials(true),
        origins(["*"])
            .allow_credentials(true)
            .dangerously_allow_any_origin_with_credentials(true)
            .dangerously_allow_opaque_origins(true),
        origins(["null", "https://a.test"]).dangerously_allow_opaque_origins(true),
        origins([
            "https://b.test",
            "https://a.test",
            "http://[::1]:8080",
            "https://*.z.test",
            "https://pr-*.a.test:*",
            "http://localhost:*",
        ]),
        origins(["http://a.test", "https://*.com"])
            .allow_credentials(true)
            .dangerously_allow_insecure_origins(true)
            .dangerously_allow_public_suffix_subdomains(true),
        origins(["https://a.test"])
            .allow_methods(["PUT", "DELETE", "purge"])
            .allow_headers(["x-b", "x-a", "authorization"])
            .expose_headers(["etag", "x-request-id"])
            .merge_expose_headers(true),
        origins(["https://a.test"])
            .allow_methods(["*"])
            .allow_headers(["*", "authorization"])
            .expose_headers(["*"]),
        origins(["https://a.test"])
            .allow_credentials(true)
            .allow_methods(["*"])
            .allow_headers(["*"]),
        origins(["https://a.test"]).max_age(None),
        origins(["https://a.test"]).max_age(Duration::ZERO),
        origins(["https://a.test"])
            .timing_allow_origin(true)
            .allow_private_network(true)
            .preflight_status(200)
            .forward_preflights(true)
            .refuse_disallowed_origins(true),
        PolicyConfig::new().lookup_origins(true),
        origins(["https://a.test"]).allow_origins_if(|origin| origin.host() == Some("b.test")),
        PolicyConfig::public_read_only(),
        PolicyConfig::with_cookies(["https://a.test"]),
        PolicyConfig::grpc_web().allow_origin("https://a.test"),
    ];
    #[cfg(feature = "regex")]
    configs.push(
        origins(["https://a.test"])
            .allow_origin_regexes(["https://[bc]\\.test", "http://d\\.test(:[0-9]+)?"]),
    );
    if cfg!(miri) {
        configs.drain(..configs.len() / 2);
    }
    configs
}

/// Returns configs that `Policy::config` returns in another form.
fn other_configs() -> [PolicyConfig; 5] {
    [
        PolicyConfig::local_development(),
        origins([
            "https://*.b.test",
            "https://a.test",
            "https://*.b.test",
            "https://a.test",
        ]),
        origins(["*", "*"]),
        origins(["https://a.test"])
            .allow_methods(["PUT", "PUT", "*"])
            .allow_headers(["X-A", "*", "x-a", "Authorization"])
            .expose_headers(["ETag", "etag"]),
        origins(["https://a.test"])
            .allow_methods(["PUT", "GET", "PUT"])
            .allow_headers(["X-B", "x-A", "x-b"]),
    ]
}

/// Returns all that can be seen of a policy in some requests.
fn behaviour(policy: &Policy) -> Vec<String> {
    let origins = [
        "https://a.test",
        "http://a.test",
        "https://b.test",
        "https://x.b.test",
        "https://x.z.test",
        "https://pr-1.a.test:8080",
        "https://evil.com",
        "http://localhost:3000",
        "http://[::1]:8080",
        "null",
        "bad origin",
    ];
    let mut seen = Vec::new();
    let mut see = |request: RequestParts<'_>| {
        let decision = evaluate(policy, &request);
        let status = match decision {
            Decision::Forward { .. } => None,
            Decision::Respond { status, .. } => Some(status),
        };
        seen.push(format!(
            "{status:?} {:?} {:?} {:?}",
            decision.headers(),
            decision.verdict(),
            decision.verdict_with_credentials()
        ));
    };
    see(RequestParts::new("GET"));
    for origin in origins.iter().step_by(if cfg!(miri) { 8 } else { 1 }) {
        let actual = RequestParts::new("PUT").origin(*origin);
        see(actual);
        see(actual.lookup_result(LookupResult::Allowed));
        see(RequestParts::new("OPTIONS")
            .origin(*origin)
            .request_method("DELETE")
            .request_headers("authorization,x-a"));
    }
    seen
}

#[test]
fn a_policy_returns_a_config_in_normal_form_unchanged() {
    for config in normal_configs() {
        assert_eq!(config.clone().build().unwrap().config(), config);
    }
}

#[test]
fn the_config_of_a_policy_builds_an_equivalent_policy() {
    for config in normal_configs().into_iter().chain(other_configs()) {
        let policy = config.build().unwrap();
        let config = policy.config();
        let again = config.clone().build().unwrap();
        assert_eq!(again.config(), config);
        assert_eq!(behaviour(&again), behaviour(&policy), "{config:?}");
    }
}

#[test]
fn the_config_of_a_policy_has_no_duplicates_and_wildcards_last() {
    let config = origins(["https://*.b.test", "https://a.test", "https://*.b.test"])
        .allow_methods(["PUT", "*", "PUT"])
        .allow_headers(["X-A", "*", "Authorization"])
        .expose_headers(["ETag", "etag"]);
    let expected = origins(["https://a.test", "https://*.b.test"])
        .allow_methods(["*"])
        .allow_headers(["*", "authorization"])
        .expose_headers(["etag"]);
    assert_eq!(config.build().unwrap().config(), expected);
}

#[test]
fn a_policy_returns_its_origins_and_prepared_values() {
    let policy = origins(["https://a.test", "https://*.a.test"])
        .allow_credentials(true)
        .allow_methods(["PUT"])
        .allow_headers(["x-a", "x-b"])
        .expose_headers(["etag"])
        .refuse_disallowed_origins(true)
        .build()
        .unwrap();
    let set = policy.origins().unwrap();
    assert!(set.patterns().eq(["https://a.test", "https://*.a.test"]));
    assert_eq!((set.len(), set.is_empty()), (2, false));
    assert!(policy.allow_credentials() && policy.refuse_disallowed_origins());
    let texts: Vec<String> = prepared_values(&policy)
        .map(|(name, text)| format!("{name}: {text}"))
        .collect();
    assert_eq!(
        texts,
        [
            "access-control-allow-methods: GET, HEAD, POST, PUT",
            "access-control-allow-headers: x-a, x-b",
            "access-control-max-age: 600",
            "access-control-expose-headers: etag",
        ]
    );
    let any = origins(["*"]).max_age(None).build().unwrap();
    assert!(any.origins().is_none());
    let names: Vec<_> = prepared_values(&any).map(|(name, _)| name).collect();
    assert_eq!(names, [ResponseHeaderName::AccessControlAllowMethods]);
}

fn verdict<'a>(policy: &'a Policy, request: &RequestParts<'a>) -> Result<(), Denial<'a>> {
    match evaluate(policy, request).verdict() {
        Verdict::Allowed => Ok(()),
        Verdict::Denied(denial) => Err(denial),
    }
}

fn from(origin: &'static str) -> RequestParts<'static> {
    RequestParts::new("GET").origin(origin)
}

/// Returns the origin that a policy leaves to a lookup.
fn to_look_up(policy: &Policy, request: &RequestParts<'_>) -> Option<String> {
    policy
        .origin_to_look_up(request)
        .map(|origin| origin.to_string())
}

#[test]
fn an_origin_is_looked_up_only_if_nothing_else_allows_it() {
    let policy = origins(["https://a.test", "https://*.b.test", "null"])
        .dangerously_allow_opaque_origins(true)
        .allow_origins_if(|origin| origin.host() == Some("c.test"))
        .lookup_origins(true)
        .build()
        .unwrap();
    for (origin, expected) in [
        ("https://d.test", Some("https://d.test")),
        ("http://d.test:8080", Some("http://d.test:8080")),
        ("https://a.test", None),
        ("https://x.b.test", None),
        ("https://c.test", None),
        ("null", None),
        ("", None),
        ("https://D.test", None),
        ("https://d.test/", None),
        ("https://d.test, https://e.test", None),
    ] {
        assert_eq!(
            to_look_up(&policy, &from(origin)).as_deref(),
            expected,
            "{origin}"
        );
    }
    assert_eq!(to_look_up(&policy, &RequestParts::new("GET")), None);
    let repeated = from("https://d.test").origin("https://d.test");
    assert_eq!(to_look_up(&policy, &repeated), None);
    // A preflight needs the lookup as the actual request does.
    let preflight = RequestParts::new("OPTIONS")
        .origin("https://d.test")
        .request_method("PUT");
    assert!(to_look_up(&policy, &preflight).is_some());
    for other in [origins(["*"]), origins(["https://a.test"])] {
        assert_eq!(
            to_look_up(&other.build().unwrap(), &from("https://d.test")),
            None
        );
    }
}

#[test]
fn with_credentials_insecure_origins_are_not_looked_up() {
    let config = PolicyConfig::new()
        .allow_credentials(true)
        .lookup_origins(true);
    let policy = config.clone().build().unwrap();
    let insecure = from("http://d.test");
    assert_eq!(to_look_up(&policy, &insecure), None);
    assert_eq!(
        verdict(&policy, &insecure.lookup_result(LookupResult::Allowed)),
        Err(Denial::OriginInsecure)
    );
    for trustworthy in ["https://d.test", "http://localhost:3000", "http://[::1]"] {
        assert!(to_look_up(&policy, &from(trustworthy)).is_some());
        let decided = from(trustworthy).lookup_result(LookupResult::Allowed);
        assert_eq!(verdict(&policy, &decided), Ok(()));
    }
    let opted_in = config.dangerously_allow_insecure_origins(true);
    let policy = opted_in.build().unwrap();
    assert!(to_look_up(&policy, &insecure).is_some());
    assert_eq!(
        verdict(&policy, &insecure.lookup_result(LookupResult::Allowed)),
        Ok(())
    );
}

#[test]
fn a_lookup_result_counts_only_for_origins_to_look_up() {
    let policy = origins(["https://a.test"])
        .lookup_origins(true)
        .build()
        .unwrap();
    let origin = from("https://d.test");
    assert_eq!(verdict(&policy, &origin), Err(Denial::OriginUndecided));
    assert_eq!(
        verdict(&policy, &origin.lookup_result(LookupResult::Allowed)),
        Ok(())
    );
    assert_eq!(
        verdict(&policy, &origin.lookup_result(LookupResult::NotAllowed)),
        Err(Denial::LookupNotAllowed)
    );
    // A listed origin is allowed, whatever the lookup said.
    let listed = from("https://a.test").lookup_result(LookupResult::NotAllowed);
    assert_eq!(verdict(&policy, &listed), Ok(()));
    for (origin, denial) in [
        ("null", Denial::OriginOpaque),
        (
            "https://D.test",
            Denial::OriginMalformed(OriginError::UpperCase),
        ),
    ] {
        let decided = from(origin).lookup_result(LookupResult::Allowed);
        assert_eq!(verdict(&policy, &decided), Err(denial));
    }
    let twice = origin
        .origin("https://d.test")
        .lookup_result(LookupResult::Allowed);
    assert_eq!(verdict(&policy, &twice), Err(Denial::OriginRepeated));
    // A policy without lookups ignores the result, even if a predicate may allow the origin.
    let config = origins(["https://a.test"]);
    for config in [config.clone(), config.allow_origins_if(|_| false)] {
        assert_eq!(
            verdict(
                &config.build().unwrap(),
                &origin.lookup_result(LookupResult::Allowed)
            ),
            Err(Denial::OriginNotAllowed)
        );
    }
}

#[test]
fn a_predicate_is_called_only_with_well_formed_origins_that_no_pattern_allows() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let policy = origins(["https://a.test", "https://*.b.test"])
        .allow_origins_if(move |origin| {
            counter.fetch_add(1, Ordering::Relaxed);
            origin.host() == Some("c.test")
        })
        .build()
        .unwrap();
    let times = |origin| {
        asked.store(0, Ordering::Relaxed);
        let allowed = verdict(&policy, &from(origin)).is_ok();
        (allowed, asked.load(Ordering::Relaxed))
    };
    assert_eq!(times("https://a.test"), (true, 0));
    assert_eq!(times("https://x.b.test"), (true, 0));
    assert_eq!(times("https://c.test"), (true, 1));
    assert_eq!(times("http://c.test:1"), (true, 1));
    assert_eq!(times("https://d.test"), (false, 1));
    for never in [
        "null",
        "",
        "https://C.test",
        "https://c.test/",
        "https://c.test:443",
    ] {
        assert_eq!(times(never), (false, 0), "{never}");
    }
}

#[test]
fn with_credentials_a_predicate_is_not_called_with_insecure_origins() {
    let config = PolicyConfig::new()
        .allow_origins_if(|_| true)
        .allow_credentials(true);
    let policy = config.clone().build().unwrap();
    assert_eq!(verdict(&policy, &from("https://a.test")), Ok(()));
    assert_eq!(verdict(&policy, &from("http://a.localhost:1")), Ok(()));
    assert_eq!(
        verdict(&policy, &from("http://a.test")),
        Err(Denial::OriginInsecure)
    );
    assert_eq!(verdict(&policy, &from("null")), Err(Denial::OriginOpaque));
    // If there are only patterns, the origin is just not listed.
    let listed = origins(["https://a.test"]).allow_credentials(true);
    assert_eq!(
        verdict(&listed.build().unwrap(), &from("http://b.test")),
        Err(Denial::OriginNotAllowed)
    );
    let opted_in = config.dangerously_allow_insecure_origins(true);
    let policy = opted_in.build().unwrap();
    assert_eq!(verdict(&policy, &from("http://a.test")), Ok(()));
    assert_eq!(verdict(&policy, &from("null")), Err(Denial::OriginOpaque));
}

#[test]
fn a_later_predicate_replaces_the_first() {
    let policy = PolicyConfig::new()
        .allow_origins_if(|origin| origin.host() == Some("a.test"))
        .allow_origins_if(|origin| origin.host() == Some("b.test"))
        .build()
        .unwrap();
    assert!(verdict(&policy, &from("https://a.test")).is_err());
    assert_eq!(verdict(&policy, &from("https://b.test")), Ok(()));
}

#[test]
#[cfg(feature = "regex")]
fn a_regular_expression_allows_only_whole_and_well_formed_origins() {
    let config = origins(["https://a.test"]).allow_origin_regexes([
        "https://[bc]\\.test",
        "http://.*",
        "null|.*/",
    ]);
    let policy = config.clone().build().unwrap();
    for yes in [
        "https://a.test",
        "https://b.test",
        "https://c.test",
        "http://any.test:8080",
    ] {
        assert_eq!(verdict(&policy, &from(yes)), Ok(()), "{yes}");
    }
    for no in [
        "https://d.test",
        "https://b.test.evil.test",
        "https://xb.test",
    ] {
        assert_eq!(
            verdict(&policy, &from(no)),
            Err(Denial::OriginNotAllowed),
            "{no}"
        );
    }
    // Malformed origins are denied, even if an expression matches them.
    for malformed in [
        "http://a test",
        "http://A.test",
        "https://b.test/",
        "http://a.test:80",
    ] {
        assert!(
            matches!(
                verdict(&policy, &from(malformed)),
                Err(Denial::OriginMalformed(_))
            ),
            "{malformed}"
        );
    }
    assert_eq!(verdict(&policy, &from("null")), Err(Denial::OriginOpaque));
    let config = config.allow_credentials(true);
    assert!(config.clone().build().is_err());
    let policy = config
        .dangerously_allow_any_origin_with_credentials(true)
        .build()
        .unwrap();
    assert_eq!(verdict(&policy, &from("https://b.test")), Ok(()));
    assert_eq!(
        verdict(&policy, &from("http://any.test")),
        Err(Denial::OriginInsecure)
    );
}

#[test]
fn any_origin_includes_null_without_credentials_or_with_the_opt_out() {
    let policy = origins(["*"]).build().unwrap();
    assert_eq!(verdict(&policy, &from("null")), Ok(()));
    let with_credentials = origins(["*"])
        .allow_credentials(true)
        .dangerously_allow_any_origin_with_credentials(true);
    let policy = with_credentials.clone().build().unwrap();
    assert_eq!(verdict(&policy, &from("null")), Err(Denial::OriginOpaque));
    let policy = with_credentials
        .dangerously_allow_opaque_origins(true)
        .build()
        .unwrap();
    assert_eq!(verdict(&policy, &from("null")), Ok(()));
}

#[test]
fn a_policy_can_be_shared_between_threads() {
    fn is_shared<T: Send + Sync + Clone + 'static>() {}
    is_shared::<Policy>();
    is_shared::<PolicyConfig>();
}

#[test]
fn each_setting_has_a_getter_of_its_name() {
    type Switch = fn(&Policy) -> bool;

    let default = origins(["https://a.test"]).build().unwrap();
    let config = || {
        origins(["https://a.test", "null"])
            .allow_origins_if(|_| false)
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
            .refuse_disallowed_origins(true)
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
    assert_eq!(default.preflight_status(), 204);
    assert_eq!(policy.preflight_status(), 200);
    assert!(!default.is_static() && !policy.is_static());
    let switches: [Switch; 12] = [
        Policy::has_origin_predicate,
        Policy::merge_expose_headers,
        Policy::lookup_origins,
        Policy::allow_credentials,
        Policy::timing_allow_origin,
        Policy::allow_private_network,
        Policy::forward_preflights,
        Policy::refuse_disallowed_origins,
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
        (
            PolicyConfig::refuse_disallowed_origins,
            Policy::refuse_disallowed_origins,
        ),
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
fn a_list_setter_takes_any_items_that_are_text() {
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

#[test]
fn a_config_converts_into_a_policy() {
    let policy: Policy = origins(["https://a.test"]).try_into().unwrap();
    assert_eq!(policy.config(), origins(["https://a.test"]));
    let error: PolicyError = Policy::try_from(PolicyConfig::new()).unwrap_err();
    assert_eq!(error, PolicyConfig::new().build().unwrap_err());
}

#[test]
fn bytes_and_text_convert_into_an_origin() {
    let origin = Origin::try_from(b"https://a.test:8443".as_slice()).unwrap();
    assert_eq!((origin.host(), origin.port()), (Some("a.test"), Some(8443)));
    assert_eq!(Origin::try_from("https://a.test:8443"), Ok(origin));
    for (bytes, error) in [
        (b"".as_slice(), OriginError::Empty),
        (b"https://\xFF.test", OriginError::NotAscii),
    ] {
        assert_eq!(Origin::try_from(bytes), Err(error));
    }
}
