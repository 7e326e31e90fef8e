//! Policies whose responses do not depend on `Origin`.

use super::{decide, everything, get, origins, preflight};
use crate::{LookupResult, PolicyConfig, RequestParts};

#[test]
fn a_non_cors_request_gets_the_fields_of_an_actual_request_if_the_policy_is_static() {
    assert_eq!(
        decide(&origins(["*"]).build().unwrap(), &get()),
        ["forward", "access-control-allow-origin: *"]
    );
    assert_eq!(
        decide(&everything(["*"]), &get()),
        [
            "forward",
            "access-control-allow-origin: *",
            "access-control-expose-headers: etag, x-c",
            "timing-allow-origin: *",
        ]
    );
    let with_credentials = origins(["*"])
        .allow_credentials(true)
        .dangerously_allow_any_origin_with_credentials(true)
        .build()
        .unwrap();
    assert_eq!(
        decide(&with_credentials, &get()),
        ["forward", "+ vary: Origin"]
    );
}

#[test]
fn every_response_of_a_policy_with_a_static_origin_names_it() {
    // https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches
    let config = origins(["https://a.test"]).static_origin(true);
    let policy = config.timing_allow_origin(true).max_age(None);
    let policy = policy.build().unwrap();
    for request in [
        get(),
        get().origin("https://a.test"),
        get().origin("https://b.test"),
    ] {
        assert_eq!(
            decide(&policy, &request),
            [
                "forward",
                "access-control-allow-origin: https://a.test",
                "timing-allow-origin: https://a.test",
            ]
        );
    }
    for origin in ["https://a.test", "https://b.test"] {
        assert_eq!(
            decide(&policy, &preflight(origin, "GET")),
            [
                "respond 204",
                "access-control-allow-origin: https://a.test",
                "access-control-allow-methods: GET, HEAD, POST",
            ]
        );
    }
}

#[test]
fn all_responses_of_a_static_policy_are_the_same_for_any_origin() {
    let policy = everything(["*"]);
    let long = "a".repeat(1000);
    for origin in [
        "https://a.test",
        "https://a.test/",
        "null",
        "",
        "https://a.test.",
        &long,
    ] {
        let request = get().origin(origin);
        assert_eq!(decide(&policy, &request), decide(&policy, &get()));
        let fields = [("origin", origin), ("origin", "https://b.test")];
        for count in [1, 2] {
            let fields = fields[..count].to_vec();
            let request = RequestParts::read(&policy, "GET", &fields);
            assert_eq!(decide(&policy, &request), decide(&policy, &get()));
        }
    }
    let not_text = get().origin(b"https://\xFF.test");
    assert_eq!(decide(&policy, &not_text), decide(&policy, &get()));

    let expected = decide(&policy, &preflight("https://a.test", "GET"));
    let options = || RequestParts::new("OPTIONS").request_method("PUT");
    for request in [
        options().origin("https://a.test/"),
        options().origin("null"),
        options().origin(""),
        options().origin(&long),
        options().origin("https://a.test").origin("https://b.test"),
        options().origin("https://a.test").request_method("GET"),
        options().origin("https://a.test").request_headers(&long),
    ] {
        assert_eq!(decide(&policy, &request), expected);
    }
}

#[test]
fn a_static_policy_responds_to_denied_credentials_and_lookups_as_to_any_request() {
    let policy = origins(["*"]).build().unwrap();
    assert!(policy.is_static());
    for result in [LookupResult::NotAllowed, LookupResult::Failed] {
        let request = get().origin("null").lookup_result(result);
        assert_eq!(decide(&policy, &request), decide(&policy, &get()));
    }
    for varying in [
        origins(["https://a.test"]),
        PolicyConfig::new().lookup_origins(true),
        origins(["*"])
            .allow_credentials(true)
            .dangerously_allow_any_origin_with_credentials(true),
    ] {
        assert!(!varying.build().unwrap().is_static());
    }
}
