//! Configs made of policies, and origins that no pattern decides about.

use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use alloc::vec::Vec;
use alloc::{format, vec};
use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;

use crate::policy::{Policy, PolicyConfig};
use crate::{Decision, Denial, OriginError, RequestParts, Verdict, evaluate};

fn origins<const N: usize>(patterns: [&str; N]) -> PolicyConfig {
    PolicyConfig::new().allow_origins(patterns)
}

/// Configs in which each setting is used, each as `Policy::config` gives it back.
fn normal_configs() -> Vec<PolicyConfig> {
    let mut configs = vec![
        origins(["https://example.com"]),
        origins(["*"]),
        origins(["*"])
            .allow_credentials(true)
            .dangerously_allow_any_origin_with_credentials(true)
            .dangerously_allow_null_origin(true),
        origins(["null", "https://a.test"]).dangerously_allow_null_origin(true),
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
            .expose_headers(["etag", "x-request-id"]),
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
        PolicyConfig::new().decide_origins_outside(true),
        origins(["https://a.test"]).allow_origins_if(|origin| origin.host() == "b.test"),
        PolicyConfig::public_read_only(),
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

/// Configs that come back in another form.
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

/// All that can be seen of a policy's behaviour in some requests.
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
            Decision::Answer { status, .. } => Some(status),
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
        see(actual.origin_verdict(true));
        see(RequestParts::new("OPTIONS")
            .origin(*origin)
            .request_method("DELETE")
            .request_headers("authorization,x-a"));
    }
    seen
}

#[test]
fn a_config_in_normal_form_comes_back_as_it_was() {
    for config in normal_configs() {
        assert_eq!(config.clone().build().unwrap().config(), config);
    }
}

#[test]
fn a_config_that_came_back_builds_the_same_policy_and_comes_back_the_same() {
    for config in normal_configs().into_iter().chain(other_configs()) {
        let policy = config.build().unwrap();
        let config = policy.config();
        let again = config.clone().build().unwrap();
        assert_eq!(again.config(), config);
        assert_eq!(behaviour(&again), behaviour(&policy), "{config:?}");
    }
}

#[test]
fn a_config_comes_back_with_each_thing_once_and_wildcards_last() {
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
fn a_policy_says_what_it_is() {
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
    assert!(policy.allows_credentials() && policy.refuses_disallowed_origins());
    let texts: Vec<String> = policy
        .header_texts()
        .map(|(name, text)| format!("{name}: {text}"))
        .collect();
    assert_eq!(
        texts,
        [
            "access-control-allow-methods: PUT",
            "access-control-allow-headers: x-a, x-b",
            "access-control-max-age: 600",
            "access-control-expose-headers: etag",
        ]
    );
    let any = origins(["*"]).max_age(None).build().unwrap();
    assert!(any.origins().is_none() && any.header_texts().next().is_none());
}

fn verdict<'a>(policy: &'a Policy, request: &'a RequestParts<'a>) -> Result<(), Denial<'a>> {
    match evaluate(policy, request).verdict() {
        Verdict::Allowed => Ok(()),
        Verdict::Denied(denial) => Err(denial),
    }
}

fn from(origin: &'static str) -> RequestParts<'static> {
    RequestParts::new("GET").origin(origin)
}

/// The origin that a policy puts to its caller.
fn asked(policy: &Policy, request: &RequestParts<'_>) -> Option<String> {
    policy
        .origin_to_decide(request)
        .map(|origin| origin.to_string())
}

#[test]
fn an_origin_is_left_to_the_caller_only_if_nothing_else_can_tell() {
    let policy = origins(["https://a.test", "https://*.b.test", "null"])
        .dangerously_allow_null_origin(true)
        .allow_origins_if(|origin| origin.host() == "c.test")
        .decide_origins_outside(true)
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
            asked(&policy, &from(origin)).as_deref(),
            expected,
            "{origin}"
        );
    }
    assert_eq!(asked(&policy, &RequestParts::new("GET")), None);
    let repeated = from("https://d.test").origin("https://d.test");
    assert_eq!(asked(&policy, &repeated), None);
    // A preflight is asked about as the request that follows it is.
    let preflight = RequestParts::new("OPTIONS")
        .origin("https://d.test")
        .request_method("PUT");
    assert!(asked(&policy, &preflight).is_some());
    for other in [origins(["*"]), origins(["https://a.test"])] {
        assert_eq!(
            asked(&other.build().unwrap(), &from("https://d.test")),
            None
        );
    }
}

#[test]
fn with_credentials_the_caller_is_not_asked_about_insecure_origins() {
    let config = PolicyConfig::new()
        .allow_credentials(true)
        .decide_origins_outside(true);
    let policy = config.clone().build().unwrap();
    let insecure = from("http://d.test");
    assert_eq!(asked(&policy, &insecure), None);
    assert_eq!(
        verdict(&policy, &insecure.origin_verdict(true)),
        Err(Denial::OriginInsecure)
    );
    for trustworthy in ["https://d.test", "http://localhost:3000", "http://[::1]"] {
        assert!(asked(&policy, &from(trustworthy)).is_some());
        let decided = from(trustworthy).origin_verdict(true);
        assert_eq!(verdict(&policy, &decided), Ok(()));
    }
    let opted_in = config.dangerously_allow_insecure_origins(true);
    let policy = opted_in.build().unwrap();
    assert!(asked(&policy, &insecure).is_some());
    assert_eq!(verdict(&policy, &insecure.origin_verdict(true)), Ok(()));
}

#[test]
fn what_the_caller_says_counts_only_where_it_was_asked() {
    let policy = origins(["https://a.test"])
        .decide_origins_outside(true)
        .build()
        .unwrap();
    let origin = from("https://d.test");
    assert_eq!(verdict(&policy, &origin), Err(Denial::OriginUndecided));
    assert_eq!(verdict(&policy, &origin.origin_verdict(true)), Ok(()));
    assert_eq!(
        verdict(&policy, &origin.origin_verdict(false)),
        Err(Denial::OriginNotAllowed)
    );
    // What is listed is allowed, whatever the caller says.
    let listed = from("https://a.test").origin_verdict(false);
    assert_eq!(verdict(&policy, &listed), Ok(()));
    for (origin, denial) in [
        ("null", Denial::OriginNull),
        (
            "https://D.test",
            Denial::OriginMalformed(OriginError::UpperCase),
        ),
    ] {
        let decided = from(origin).origin_verdict(true);
        assert_eq!(verdict(&policy, &decided), Err(denial));
    }
    let twice = origin.origin("https://d.test").origin_verdict(true);
    assert_eq!(verdict(&policy, &twice), Err(Denial::OriginRepeated));
    // A policy that does not ask does not listen, not even if something else may allow the origin.
    let config = origins(["https://a.test"]);
    for config in [config.clone(), config.allow_origins_if(|_| false)] {
        assert_eq!(
            verdict(&config.build().unwrap(), &origin.origin_verdict(true)),
            Err(Denial::OriginNotAllowed)
        );
    }
}

#[test]
fn a_predicate_is_asked_only_about_well_formed_origins_that_no_pattern_admits() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let policy = origins(["https://a.test", "https://*.b.test"])
        .allow_origins_if(move |origin| {
            counter.fetch_add(1, Ordering::Relaxed);
            origin.host() == "c.test"
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
fn with_credentials_a_predicate_is_not_asked_about_insecure_origins() {
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
    assert_eq!(verdict(&policy, &from("null")), Err(Denial::OriginNull));
    // Where there are patterns only, it is no question of security: the origin is not listed.
    let listed = origins(["https://a.test"]).allow_credentials(true);
    assert_eq!(
        verdict(&listed.build().unwrap(), &from("http://b.test")),
        Err(Denial::OriginNotAllowed)
    );
    let opted_in = config.dangerously_allow_insecure_origins(true);
    let policy = opted_in.build().unwrap();
    assert_eq!(verdict(&policy, &from("http://a.test")), Ok(()));
    assert_eq!(verdict(&policy, &from("null")), Err(Denial::OriginNull));
}

#[test]
fn the_last_predicate_counts() {
    let policy = PolicyConfig::new()
        .allow_origins_if(|origin| origin.host() == "a.test")
        .allow_origins_if(|origin| origin.host() == "b.test")
        .build()
        .unwrap();
    assert!(verdict(&policy, &from("https://a.test")).is_err());
    assert_eq!(verdict(&policy, &from("https://b.test")), Ok(()));
}

#[test]
#[cfg(feature = "regex")]
fn a_regular_expression_admits_whole_well_formed_origins() {
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
    // Whatever they match, they are not asked about what is no origin.
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
    assert_eq!(verdict(&policy, &from("null")), Err(Denial::OriginNull));
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
fn any_origin_includes_null_where_a_browser_takes_it_to() {
    let policy = origins(["*"]).build().unwrap();
    assert_eq!(verdict(&policy, &from("null")), Ok(()));
    let with_credentials = origins(["*"])
        .allow_credentials(true)
        .dangerously_allow_any_origin_with_credentials(true);
    let policy = with_credentials.clone().build().unwrap();
    assert_eq!(verdict(&policy, &from("null")), Err(Denial::OriginNull));
    let policy = with_credentials
        .dangerously_allow_null_origin(true)
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
