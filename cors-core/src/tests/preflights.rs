//! Preflights.

use super::{decide, everything, everything_with_credentials, origins, preflight};
use crate::Policy;

#[test]
fn the_response_to_an_allowed_preflight_lists_all_that_is_allowed() {
    let policy = origins(["https://a.test"]).build().unwrap();
    assert_eq!(
        decide(&policy, &preflight("https://a.test", "GET")),
        [
            "respond 204",
            "access-control-allow-origin: https://a.test",
            "access-control-allow-methods: GET, HEAD, POST",
            "access-control-max-age: 600",
            "+ vary: Origin",
        ]
    );
    let expected = [
        "respond 204",
        "access-control-allow-origin: https://a.test",
        "access-control-allow-methods: GET, HEAD, POST, PUT, DELETE",
        "access-control-allow-headers: x-b, x-a",
        "access-control-max-age: 600",
        "access-control-allow-private-network: true",
        "+ vary: Origin",
    ];
    let policy = everything(["https://a.test"]);
    // The response does not depend on the requested method and headers.
    for method in ["PUT", "GET", "PATCH", "", "P U T", "put"] {
        let request = preflight("https://a.test", method);
        assert_eq!(decide(&policy, &request), expected, "{method}");
        for headers in ["x-a", "x-a,x-z", "", ",,,", "x y", "\0"] {
            let request = request.request_headers(headers);
            assert_eq!(decide(&policy, &request), expected, "{method} {headers}");
        }
    }
}

#[test]
fn the_response_to_a_preflight_has_credentials_and_any_origin() {
    let request = preflight("https://a.test", "PUT");
    assert_eq!(
        decide(&everything_with_credentials(["https://a.test"]), &request),
        [
            "respond 204",
            "access-control-allow-origin: https://a.test",
            "access-control-allow-credentials: true",
            "access-control-allow-methods: GET, HEAD, POST, PUT, DELETE",
            "access-control-allow-headers: x-b, x-a",
            "access-control-max-age: 600",
            "access-control-allow-private-network: true",
            "+ vary: Origin",
        ]
    );
    assert_eq!(
        decide(&everything(["*"]), &request),
        [
            "respond 204",
            "access-control-allow-origin: *",
            "access-control-allow-methods: GET, HEAD, POST, PUT, DELETE",
            "access-control-allow-headers: x-b, x-a",
            "access-control-max-age: 600",
            "access-control-allow-private-network: true",
        ]
    );
    let wild = origins(["*"])
        .allow_methods(["*"])
        .allow_headers(["*", "authorization"]);
    assert_eq!(
        decide(&wild.build().unwrap(), &request),
        [
            "respond 204",
            "access-control-allow-origin: *",
            "access-control-allow-methods: *",
            "access-control-allow-headers: *, authorization",
            "access-control-max-age: 600",
        ]
    );
}

#[test]
fn a_preflight_from_a_denied_origin_gets_403_and_only_vary() {
    for policy in [
        everything(["https://a.test"]),
        everything_with_credentials(["https://a.test"]),
        // Nothing is echoed, so `Vary` does not name it.
        origins(["https://a.test"])
            .allow_credentials(true)
            .allow_methods(["*"])
            .allow_headers(["*"])
            .preflight_status(200)
            .build()
            .unwrap(),
    ] {
        for origin in ["https://b.test", "null", "", "https://A.test"] {
            let request = preflight(origin, "PUT").request_headers("x-a");
            assert_eq!(
                decide(&policy, &request),
                ["respond 403", "+ vary: Origin"],
                "{origin}"
            );
        }
    }
}

#[test]
fn a_policy_sets_the_status_and_the_max_age_of_preflights() {
    let request = preflight("https://a.test", "GET");
    let config = origins(["https://a.test"]);
    let zero = config.clone().max_age(core::time::Duration::ZERO);
    assert_eq!(
        decide(&zero.preflight_status(200).build().unwrap(), &request),
        [
            "respond 200",
            "access-control-allow-origin: https://a.test",
            "access-control-allow-methods: GET, HEAD, POST",
            "access-control-max-age: 0",
            "+ vary: Origin",
        ]
    );
    let none = config.max_age(None).preflight_status(299);
    assert_eq!(
        decide(&none.build().unwrap(), &request),
        [
            "respond 299",
            "access-control-allow-origin: https://a.test",
            "access-control-allow-methods: GET, HEAD, POST",
            "+ vary: Origin",
        ]
    );
}

#[test]
fn a_forwarded_preflight_gets_the_same_headers() {
    let forwarding = |policy: Policy| policy.config().forward_preflights(true).build().unwrap();
    for policy in [
        everything(["https://a.test"]),
        everything_with_credentials(["https://a.test"]),
        everything(["*"]),
    ] {
        for origin in ["https://a.test", "https://b.test", "null", ""] {
            let request = preflight(origin, "PUT").request_headers("x-a");
            let responded = decide(&policy, &request);
            let forwarded = decide(&forwarding(policy.clone()), &request);
            assert!(responded[0].starts_with("respond "));
            assert_eq!(forwarded[0], "forward");
            assert_eq!(forwarded[1..], responded[1..]);
        }
    }
}
