//! The table "What each request gets", row by row.

mod hostile;
#[cfg(all(feature = "serde", feature = "regex", feature = "public-suffix"))]
mod messages;
mod policy;
mod response;
mod verdict;

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

use crate::{
    Decision, LookupResult, Operation, OriginStatus, Policy, PolicyConfig, RequestParts, evaluate,
};

pub(crate) fn origins<const N: usize>(patterns: [&str; N]) -> PolicyConfig {
    PolicyConfig::new().allow_origins(patterns)
}

/// A policy with every setting that has a header of its own.
pub(crate) fn everything<const N: usize>(patterns: [&str; N]) -> Policy {
    let config = origins(patterns)
        .allow_methods(["PUT", "DELETE"])
        .allow_headers(["X-B", "x-a"])
        .expose_headers(["ETag", "x-c"])
        .timing_allow_origin(true)
        .allow_private_network(true);
    config.build().unwrap()
}

/// The same, with credentials.
pub(crate) fn everything_with_credentials<const N: usize>(patterns: [&str; N]) -> Policy {
    let config = everything(patterns).config().allow_credentials(true);
    config.build().unwrap()
}

/// Returns a decision as a list: what to do, then each field. Those to append begin with `&`, those to merge with `+`.
pub(crate) fn decide(policy: &Policy, request: &RequestParts<'_>) -> Vec<String> {
    let decision = evaluate(policy, request);
    let first = match decision {
        Decision::Forward { .. } => String::from("forward"),
        Decision::Respond { status, .. } => format!("respond {status}"),
    };
    let fields = decision
        .headers()
        .iter()
        .map(|field| match field.operation {
            Operation::Set => format!("{field}"),
            Operation::Append => format!("& {field}"),
            Operation::Merge => format!("+ {field}"),
        });
    core::iter::once(first).chain(fields).collect()
}

pub(crate) fn get() -> RequestParts<'static> {
    RequestParts::new("GET")
}

pub(crate) fn preflight<'a>(origin: &'a str, method: &'a str) -> RequestParts<'a> {
    RequestParts::new("OPTIONS")
        .origin(origin)
        .request_method(method)
}

#[test]
fn a_non_cors_request_is_forwarded_and_its_response_varies() {
    let refusing = origins(["https://a.test"]).refuse_disallowed_origins(true);
    for policy in [
        origins(["https://a.test"]).build().unwrap(),
        refusing.build().unwrap(),
        PolicyConfig::new().lookup_origins(true).build().unwrap(),
    ] {
        assert_eq!(decide(&policy, &get()), ["forward", "+ vary: Origin"]);
    }
}

#[test]
fn the_response_to_a_non_cors_request_lists_the_exact_origins_that_see_its_timing() {
    const NONE: [&str; 2] = ["forward", "+ vary: Origin"];
    for policy in [
        everything(["https://a.test"]),
        everything_with_credentials(["https://a.test"]),
        // Twice the same, and a pattern beside it.
        everything(["https://a.test", "https://a.test", "https://*.b.test"]),
    ] {
        let expected = [
            "forward",
            "timing-allow-origin: https://a.test",
            "+ vary: Origin",
        ];
        assert_eq!(decide(&policy, &get()), expected);
        let options = RequestParts::new("OPTIONS").request_method("PUT");
        assert_eq!(decide(&policy, &options), expected);
        let rejected = policy.config().refuse_disallowed_origins(true);
        assert_eq!(decide(&rejected.build().unwrap(), &get()), expected);
    }
    let null = origins(["https://a.test:8443", "null"])
        .timing_allow_origin(true)
        .dangerously_allow_opaque_origins(true);
    assert_eq!(
        decide(&null.build().unwrap(), &get())[1],
        "timing-allow-origin: https://a.test:8443, null"
    );
    for config in [
        origins(["https://*.a.test"]),
        PolicyConfig::new().lookup_origins(true),
        PolicyConfig::new().allow_origins_if(|_| true),
        origins(["*"])
            .allow_credentials(true)
            .dangerously_allow_any_origin_with_credentials(true),
    ] {
        let policy = config.timing_allow_origin(true).build().unwrap();
        assert_eq!(decide(&policy, &get()), NONE, "{policy}");
    }
}

#[test]
fn at_most_eight_origins_are_listed_for_timing() {
    let numbered = |count: usize| (0..count).map(|number| format!("https://{number}.test"));
    for count in [1, 2, 7, 8, 9, 10, 1000] {
        // The patterns do not count.
        let config = PolicyConfig::new().allow_origins(["https://*.a.test"; 9]);
        let config = config.allow_origins(numbered(count));
        let policy = config.timing_allow_origin(true).build().unwrap();
        let listed = numbered(count).collect::<Vec<_>>().join(", ");
        let listed = format!("timing-allow-origin: {listed}");
        let expected: Vec<String> = if count <= 8 { vec![listed] } else { Vec::new() };
        let decided = decide(&policy, &get());
        assert_eq!(decided[1..decided.len() - 1], expected);
    }
}

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
fn a_request_without_origin_is_not_a_preflight() {
    let request = RequestParts::new("OPTIONS")
        .request_method("PUT")
        .request_headers("x-a");
    let policy = origins(["https://a.test"]).allow_methods(["PUT"]);
    let policy = policy.build().unwrap();
    assert_eq!(decide(&policy, &request), ["forward", "+ vary: Origin"]);
}

#[test]
fn an_actual_request_from_an_allowed_origin_gets_the_fields_of_the_policy() {
    let request = get().origin("https://a.test");
    assert_eq!(
        decide(&origins(["https://a.test"]).build().unwrap(), &request),
        [
            "forward",
            "access-control-allow-origin: https://a.test",
            "+ vary: Origin"
        ]
    );
    assert_eq!(
        decide(&everything(["https://a.test"]), &request),
        [
            "forward",
            "access-control-allow-origin: https://a.test",
            "access-control-expose-headers: etag, x-c",
            "timing-allow-origin: https://a.test",
            "+ vary: Origin",
        ]
    );
    assert_eq!(
        decide(&everything_with_credentials(["https://a.test"]), &request),
        [
            "forward",
            "access-control-allow-origin: https://a.test",
            "access-control-allow-credentials: true",
            "access-control-expose-headers: etag, x-c",
            "timing-allow-origin: https://a.test",
            "+ vary: Origin",
        ]
    );
    assert_eq!(
        decide(&everything(["*"]), &request),
        [
            "forward",
            "access-control-allow-origin: *",
            "access-control-expose-headers: etag, x-c",
            "timing-allow-origin: *",
        ]
    );
}

#[test]
fn any_origin_with_credentials_echoes_the_origin() {
    let policy = origins(["*"])
        .allow_credentials(true)
        .dangerously_allow_any_origin_with_credentials(true)
        .dangerously_allow_opaque_origins(true)
        .build()
        .unwrap();
    for origin in ["https://a.test", "null"] {
        assert_eq!(
            decide(&policy, &get().origin(origin)),
            [
                "forward",
                &format!("access-control-allow-origin: {origin}"),
                "access-control-allow-credentials: true",
                "+ vary: Origin",
            ]
        );
    }
}

#[test]
fn an_actual_request_from_a_denied_origin_is_forwarded_and_gets_only_vary() {
    for policy in [
        everything(["https://a.test"]),
        everything_with_credentials(["https://a.test"]),
    ] {
        for origin in ["https://b.test", "null", "", "https://a.test/"] {
            assert_eq!(
                decide(&policy, &get().origin(origin)),
                ["forward", "+ vary: Origin"],
                "{origin}"
            );
        }
    }
}

#[test]
fn all_responses_of_a_static_policy_are_the_same_whatever_the_origin_is() {
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
    let config = origins(["*"]).refuse_disallowed_origins(true);
    let policy = config.build().unwrap();
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

#[test]
fn parts_that_were_read_for_one_policy_can_be_evaluated_by_another() {
    let policies = [
        everything(["*"]),
        everything(["https://a.test"]),
        everything_with_credentials(["https://a.test"]),
    ];
    for method in ["GET", "OPTIONS"] {
        for fields in [
            vec![("x", "y")],
            vec![("origin", "https://a.test")],
            vec![("origin", "https://b.test")],
            vec![("origin", "https://a.test"), ("origin", "https://a.test")],
            vec![
                ("origin", "https://a.test"),
                ("access-control-request-method", "PUT"),
            ],
        ] {
            for policy in &policies {
                let expected = RequestParts::read(policy, method, &fields);
                for other in &policies {
                    let request = RequestParts::read(other, method, &fields);
                    assert_eq!(decide(policy, &request), decide(policy, &expected));
                    assert_eq!(
                        evaluate(policy, &request).kind(),
                        evaluate(policy, &expected).kind()
                    );
                }
            }
        }
    }
}

#[test]
fn an_options_request_without_request_method_is_forwarded() {
    let request = RequestParts::new("OPTIONS").origin("https://a.test");
    assert_eq!(
        decide(&everything(["https://a.test"]), &request)[0],
        "forward"
    );
    for method in ["options", "GET", "POST"] {
        let request = RequestParts::new(method)
            .origin("https://a.test")
            .request_method("PUT");
        assert_eq!(
            decide(&everything(["https://a.test"]), &request)[0],
            "forward"
        );
    }
}

#[test]
fn the_response_to_an_allowed_preflight_states_all_that_is_allowed() {
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
    // It does not depend on what the preflight asks for.
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
fn the_response_to_a_preflight_states_credentials_and_any_origin() {
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

#[test]
fn a_policy_can_refuse_actual_requests_from_denied_origins() {
    let config = everything(["https://a.test"]).config();
    let policy = config.refuse_disallowed_origins(true).build().unwrap();
    for origin in ["https://b.test", "null", "", "https://b.test/"] {
        assert_eq!(
            decide(&policy, &get().origin(origin)),
            ["respond 403", "cache-control: no-store", "+ vary: Origin"],
            "{origin}"
        );
    }
    let twice = get().origin("https://a.test").origin("https://a.test");
    assert_eq!(decide(&policy, &twice)[0], "respond 403");
    // A preflight needs no `no-store`: caches do not store responses to OPTIONS.
    assert_eq!(
        decide(&policy, &preflight("https://b.test", "PUT")),
        ["respond 403", "+ vary: Origin"]
    );
    assert_eq!(
        decide(&policy, &get().origin("https://a.test"))[0],
        "forward"
    );
    assert_eq!(decide(&policy, &get())[0], "forward");
    let options = RequestParts::new("OPTIONS").origin("https://b.test");
    assert_eq!(decide(&policy, &options)[0], "respond 403");
    let anyone = everything(["*"]).config().refuse_disallowed_origins(true);
    let anyone = anyone.build().unwrap();
    for origin in ["null", "b.test", ""] {
        assert_eq!(decide(&anyone, &get().origin(origin))[0], "forward");
    }
}

#[test]
fn requests_of_the_servers_own_pages_are_never_refused() {
    let policy = origins(["https://a.test"])
        .refuse_disallowed_origins(true)
        .build()
        .unwrap();
    let decide_post = |fields: &[(&str, &str)]| {
        let mut all = vec![("origin", "https://own.test:8443")];
        all.extend(fields);
        decide(&policy, &RequestParts::read(&policy, "POST", &all))
    };
    let host = ("host", "own.test:8443");
    let site = |value| ("sec-fetch-site", value);
    for own in [
        &[site("same-origin")][..],
        &[site("none")],
        &[host],
        &[("host", "OWN.test:8443")],
        &[(":authority", "own.test:8443")],
        &[("host", "other.test"), site("same-origin")],
    ] {
        assert_eq!(decide_post(own), ["forward", "+ vary: Origin"], "{own:?}");
    }
    for other in [
        &[][..],
        &[("host", "own.test")],
        &[("host", "own.test:8443.evil.test")],
        &[host, ("host", "other.test")],
        &[host, (":authority", "other.test")],
        // Sec-Fetch-Site takes precedence over Host.
        &[host, site("cross-site")],
        &[host, site("same-site")],
    ] {
        assert_eq!(
            decide_post(other),
            ["respond 403", "cache-control: no-store", "+ vary: Origin"],
            "{other:?}"
        );
    }
    // Browsers never send a preflight to the page's own origin.
    let fields = [
        ("origin", "https://own.test"),
        ("access-control-request-method", "PUT"),
        ("host", "own.test"),
    ];
    let request = RequestParts::read(&policy, "OPTIONS", &fields);
    assert_eq!(decide(&policy, &request)[0], "respond 403");
    // An application with a scheme of its own is not the server.
    let fields = [("origin", "tauri://localhost"), ("host", "localhost")];
    let request = RequestParts::read(&policy, "POST", &fields);
    assert_eq!(decide(&policy, &request)[0], "respond 403");
}

#[test]
fn no_cache_stores_a_response_if_a_lookup_failed_or_was_not_made() {
    const NOT_STORED: [&str; 2] = ["cache-control: no-store", "+ vary: Origin"];
    const AGAIN: [&str; 3] = [
        "cache-control: no-store",
        "retry-after: 1",
        "+ vary: Origin",
    ];
    let config = || everything(["https://a.test"]).config().lookup_origins(true);
    let policy = config().build().unwrap();
    let refusing = config().refuse_disallowed_origins(true).build().unwrap();
    let forwarding = config().forward_preflights(true).build().unwrap();
    for (result, instead) in [
        (None, "respond 403"),
        (Some(LookupResult::NotBegun), "respond 403"),
        (Some(LookupResult::Failed), "respond 503"),
    ] {
        let actual = get().origin("https://b.test").lookup_result(result);
        let preflight = preflight("https://b.test", "PUT").lookup_result(result);
        for (policy, request, first) in [
            (&policy, &actual, "forward"),
            (&policy, &preflight, instead),
            (&refusing, &actual, instead),
            (&refusing, &preflight, instead),
            (&forwarding, &preflight, "forward"),
        ] {
            let decision = evaluate(policy, request);
            assert_eq!(decision.origin_status(), OriginStatus::Undecided);
            assert_eq!(decision.kind(), request.kind());
            let decided = decide(policy, request);
            assert_eq!(decided[0], first);
            if first == "respond 503" {
                assert_eq!(decided[1..], AGAIN);
            } else {
                assert_eq!(decided[1..], NOT_STORED);
            }
        }
    }
    // What the lookup said, and what needs no lookup, may be stored.
    for request in [
        get(),
        get()
            .origin("https://a.test")
            .lookup_result(LookupResult::Failed),
        get().origin("null"),
        get().origin("https://B.test"),
        get()
            .origin("https://b.test")
            .lookup_result(LookupResult::Allowed),
        get()
            .origin("https://b.test")
            .lookup_result(LookupResult::NotAllowed),
        preflight("https://b.test", "PUT").lookup_result(LookupResult::Allowed),
        preflight("https://b.test", "PUT").lookup_result(LookupResult::NotAllowed),
    ] {
        let decision = evaluate(&policy, &request);
        assert_ne!(decision.origin_status(), OriginStatus::Undecided);
        let decided = decide(&policy, &request);
        assert!(!decided.contains(&NOT_STORED[0].into()), "{request:?}");
    }
}
