//! The table "What each request gets", row by row.

mod hostile;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::{Decision, Operation, Policy, PolicyConfig, RequestParts, evaluate};

pub(crate) fn origins<const N: usize>(patterns: [&str; N]) -> PolicyConfig {
    PolicyConfig::new().allow_origins(patterns)
}

/// Every setting that has a header of its own.
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

/// A decision as a list: what to do, then each line, those to append with a `&`, those to merge with a `+`.
pub(crate) fn decide(policy: &Policy, request: &RequestParts<'_>) -> Vec<String> {
    let decision = evaluate(policy, request);
    let first = match decision {
        Decision::Forward { .. } => String::from("forward"),
        Decision::Answer { status, .. } => format!("answer {status}"),
    };
    let lines = decision.headers().iter().map(|line| match line.operation {
        Operation::Set => format!("{line}"),
        Operation::Append => format!("& {line}"),
        Operation::Merge => format!("+ {line}"),
    });
    core::iter::once(first).chain(lines).collect()
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
fn a_request_without_origin_is_forwarded_and_marked_for_caches() {
    for policy in [
        everything(["https://a.test"]),
        everything_with_credentials(["https://a.test"]),
        PolicyConfig::new()
            .decide_origins_outside(true)
            .build()
            .unwrap(),
    ] {
        assert_eq!(decide(&policy, &get()), ["forward", "+ vary: Origin"]);
    }
}

#[test]
fn a_request_without_origin_gets_what_everyone_gets_where_any_origin_is_allowed() {
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
fn without_origin_the_other_lines_mean_nothing() {
    let request = RequestParts::new("OPTIONS")
        .request_method("PUT")
        .request_headers("x-a");
    let policy = everything(["https://a.test"]);
    assert_eq!(decide(&policy, &request), ["forward", "+ vary: Origin"]);
}

#[test]
fn an_actual_request_from_an_allowed_origin_gets_what_the_policy_has() {
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
fn any_origin_with_credentials_names_the_one_that_asks() {
    let policy = origins(["*"])
        .allow_credentials(true)
        .dangerously_allow_any_origin_with_credentials(true)
        .dangerously_allow_null_origin(true)
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
fn an_actual_request_from_a_denied_origin_is_forwarded_without_any_permission() {
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
    let other = [
        get().origin("https://a.test/"),
        get().origin("null"),
        get().origin(""),
        get().origin("https://a.test."),
        get().origin(b"https://\xFF.test"),
        get().origin(&long),
        get().origin("https://a.test").origin("https://b.test"),
    ];
    for request in other {
        assert_eq!(decide(&policy, &request), decide(&policy, &get()));
    }
    let answer = decide(&policy, &preflight("https://a.test", "GET"));
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
        assert_eq!(decide(&policy, &request), answer);
    }
}

#[test]
fn an_options_without_request_method_belongs_to_the_application() {
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
fn a_preflight_from_an_allowed_origin_is_answered_with_the_whole_truth() {
    let policy = origins(["https://a.test"]).build().unwrap();
    assert_eq!(
        decide(&policy, &preflight("https://a.test", "GET")),
        [
            "answer 204",
            "access-control-allow-origin: https://a.test",
            "access-control-allow-methods: GET, HEAD, POST",
            "access-control-max-age: 600",
            "+ vary: Origin",
        ]
    );
    let whole = [
        "answer 204",
        "access-control-allow-origin: https://a.test",
        "access-control-allow-methods: PUT, DELETE",
        "access-control-allow-headers: x-b, x-a",
        "access-control-max-age: 600",
        "access-control-allow-private-network: true",
        "+ vary: Origin",
    ];
    let policy = everything(["https://a.test"]);
    // Whatever this one asks for.
    for method in ["PUT", "GET", "PATCH", "", "P U T", "put"] {
        let request = preflight("https://a.test", method);
        assert_eq!(decide(&policy, &request), whole, "{method}");
        for headers in ["x-a", "x-a,x-z", "", ",,,", "x y", "\0"] {
            let request = request.request_headers(headers);
            assert_eq!(decide(&policy, &request), whole, "{method} {headers}");
        }
    }
}

#[test]
fn a_preflight_is_told_of_credentials_and_of_anyone() {
    let request = preflight("https://a.test", "PUT");
    assert_eq!(
        decide(&everything_with_credentials(["https://a.test"]), &request),
        [
            "answer 204",
            "access-control-allow-origin: https://a.test",
            "access-control-allow-credentials: true",
            "access-control-allow-methods: PUT, DELETE",
            "access-control-allow-headers: x-b, x-a",
            "access-control-max-age: 600",
            "access-control-allow-private-network: true",
            "+ vary: Origin",
        ]
    );
    assert_eq!(
        decide(&everything(["*"]), &request),
        [
            "answer 204",
            "access-control-allow-origin: *",
            "access-control-allow-methods: PUT, DELETE",
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
            "answer 204",
            "access-control-allow-origin: *",
            "access-control-allow-methods: *",
            "access-control-allow-headers: *, authorization",
            "access-control-max-age: 600",
        ]
    );
}

#[test]
fn a_preflight_from_a_denied_origin_is_answered_403_without_any_permission() {
    for policy in [
        everything(["https://a.test"]),
        everything_with_credentials(["https://a.test"]),
        // Nothing is echoed, and so nothing of that named.
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
                ["answer 403", "+ vary: Origin"],
                "{origin}"
            );
        }
    }
}

#[test]
fn the_status_and_the_max_age_of_a_preflight_are_the_policys() {
    let request = preflight("https://a.test", "GET");
    let config = origins(["https://a.test"]);
    let zero = config.clone().max_age(core::time::Duration::ZERO);
    assert_eq!(
        decide(&zero.preflight_status(200).build().unwrap(), &request),
        [
            "answer 200",
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
            "answer 299",
            "access-control-allow-origin: https://a.test",
            "access-control-allow-methods: GET, HEAD, POST",
            "+ vary: Origin",
        ]
    );
}

#[test]
fn a_preflight_that_is_handed_on_has_the_same_headers() {
    let forwarding = |policy: Policy| policy.config().forward_preflights(true).build().unwrap();
    for policy in [
        everything(["https://a.test"]),
        everything_with_credentials(["https://a.test"]),
        everything(["*"]),
    ] {
        for origin in ["https://a.test", "https://b.test", "null", ""] {
            let request = preflight(origin, "PUT").request_headers("x-a");
            let answered = decide(&policy, &request);
            let forwarded = decide(&forwarding(policy.clone()), &request);
            assert!(answered[0].starts_with("answer "));
            assert_eq!(forwarded[0], "forward");
            assert_eq!(forwarded[1..], answered[1..]);
        }
    }
}

#[test]
fn a_policy_can_refuse_disallowed_origins_and_nothing_else() {
    let config = everything(["https://a.test"]).config();
    let policy = config.refuse_disallowed_origins(true).build().unwrap();
    for origin in ["https://b.test", "null", "", "https://b.test/"] {
        assert_eq!(
            decide(&policy, &get().origin(origin)),
            ["answer 403", "+ vary: Origin"],
            "{origin}"
        );
    }
    let twice = get().origin("https://a.test").origin("https://a.test");
    assert_eq!(decide(&policy, &twice)[0], "answer 403");
    assert_eq!(
        decide(&policy, &get().origin("https://a.test"))[0],
        "forward"
    );
    assert_eq!(decide(&policy, &get()), ["forward", "+ vary: Origin"]);
    let options = RequestParts::new("OPTIONS").origin("https://b.test");
    assert_eq!(decide(&policy, &options)[0], "answer 403");
    let anyone = everything(["*"]).config().refuse_disallowed_origins(true);
    let anyone = anyone.build().unwrap();
    for origin in ["null", "b.test", ""] {
        assert_eq!(decide(&anyone, &get().origin(origin))[0], "forward");
    }
}

#[test]
fn a_sites_own_pages_are_never_refused() {
    let policy = origins(["https://a.test"])
        .refuse_disallowed_origins(true)
        .build()
        .unwrap();
    let post = RequestParts::new("POST").origin("https://own.test:8443");
    for own in [
        post.sec_fetch_site("same-origin"),
        post.sec_fetch_site("none"),
        post.host("own.test:8443"),
        post.host("OWN.test:8443"),
        post.host("other.test").sec_fetch_site("same-origin"),
    ] {
        assert_eq!(decide(&policy, &own), ["forward", "+ vary: Origin"]);
    }
    for other in [
        post,
        post.host("own.test"),
        post.host("own.test:8443.evil.test"),
        post.host("own.test:8443").host("other.test"),
        // Where the browser says what it is, Host says no more.
        post.host("own.test:8443").sec_fetch_site("cross-site"),
        post.host("own.test:8443").sec_fetch_site("same-site"),
    ] {
        assert_eq!(decide(&policy, &other)[0], "answer 403", "{other:?}");
    }
    // A preflight is never made for a page of the same origin.
    let request = preflight("https://own.test", "PUT").host("own.test");
    assert_eq!(decide(&policy, &request)[0], "answer 403");
    // An application that shows pages of its own scheme is not the server.
    let app = RequestParts::new("POST").origin("tauri://localhost");
    assert_eq!(decide(&policy, &app.host("localhost"))[0], "answer 403");
}
