//! Configs that build a policy, and policies that return a config.

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};
use core::time::Duration;

use super::{Only, origins};
use crate::adapter::prepared_values;
use crate::{
    Decision, Guard, LookupResult, Policy, PolicyConfig, PolicyError, RequestParts,
    ResponseHeaderName, evaluate,
};

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
            .guard(Guard::All),
        PolicyConfig::new().lookup_origins(true),
        origins(["https://a.test"]).allow_origins_if(|origin| origin.host() == Some("b.test")),
        origins(["https://a.test"]).allow_origins_in(Only("https://b.test")),
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

/// Returns configs that `Policy::config` does not return in the same form.
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

/// Returns the decisions of a policy about various requests, as text.
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
        .guard(Guard::All)
        .build()
        .unwrap();
    let set = policy.origins().unwrap();
    assert!(set.patterns().eq(["https://a.test", "https://*.a.test"]));
    assert_eq!((set.len(), set.is_empty()), (2, false));
    assert!(policy.allow_credentials() && policy.guard() == Guard::All);
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

#[test]
fn a_policy_can_be_shared_between_threads() {
    fn is_shared<T: Send + Sync + Clone + 'static>() {}
    is_shared::<Policy>();
    is_shared::<PolicyConfig>();
}

#[test]
fn a_config_converts_into_a_policy() {
    let policy: Policy = origins(["https://a.test"]).try_into().unwrap();
    assert_eq!(policy.config(), origins(["https://a.test"]));
    let error: PolicyError = Policy::try_from(PolicyConfig::new()).unwrap_err();
    assert_eq!(error, PolicyConfig::new().build().unwrap_err());
}
