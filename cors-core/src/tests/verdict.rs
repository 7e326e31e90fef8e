//! Verdicts and denials.

mod limits;
mod lookups;

use alloc::string::ToString as _;

use crate::tests::{everything, everything_with_credentials, get, origins, preflight};
use crate::{Decision, Denial, OriginError, Policy, RequestParts, Verdict, evaluate};

fn verdict<'a>(policy: &'a Policy, request: &RequestParts<'a>) -> Result<(), Denial<'a>> {
    result(evaluate(policy, request).verdict())
}

fn with_credentials<'a>(policy: &'a Policy, request: &RequestParts<'a>) -> Result<(), Denial<'a>> {
    result(evaluate(policy, request).verdict_with_credentials())
}

fn result(verdict: Verdict<'_>) -> Result<(), Denial<'_>> {
    match verdict {
        Verdict::Allowed => Ok(()),
        Verdict::Denied(denial) => Err(denial),
    }
}

#[test]
fn the_verdict_on_an_actual_request_depends_on_its_origin_alone() {
    let policy = everything(["https://a.test"]);
    for method in ["GET", "PUT", "PATCH", "get"] {
        let request = RequestParts::new(method).origin("https://a.test");
        assert_eq!(verdict(&policy, &request), Ok(()), "{method}");
    }
    for (origin, denial) in [
        ("https://b.test", Denial::OriginNotAllowed),
        ("null", Denial::OriginOpaque),
        ("", Denial::OriginMalformed(OriginError::Empty)),
    ] {
        assert_eq!(verdict(&policy, &get().origin(origin)), Err(denial));
    }
}

#[test]
fn a_browser_does_not_check_non_cors_and_same_origin_responses() {
    let policy = everything(["https://a.test"]);
    assert_eq!(verdict(&policy, &get()), Ok(()));
    assert_eq!(with_credentials(&policy, &get()), Ok(()));
    let origin = ("origin", "https://own.test");
    let host = ("host", "own.test");
    for fields in [
        [origin, host],
        [origin, (":authority", "own.test")],
        [origin, ("sec-fetch-site", "same-origin")],
    ] {
        let own = RequestParts::read(&policy, "GET", &fields);
        assert_eq!(verdict(&policy, &own), Ok(()));
        assert_eq!(with_credentials(&policy, &own), Ok(()));
    }
    let fields = [origin, host, ("sec-fetch-site", "cross-site")];
    let cross_site = RequestParts::read(&policy, "GET", &fields);
    assert_eq!(verdict(&policy, &cross_site), Err(Denial::OriginNotAllowed));
}

#[test]
fn a_preflight_is_checked_by_origin_then_method_then_headers() {
    let policy = everything(["https://a.test"]);
    let all_wrong = preflight("https://b.test", "PATCH").request_headers("x-z");
    assert_eq!(verdict(&policy, &all_wrong), Err(Denial::OriginNotAllowed));
    let two_wrong = preflight("https://a.test", "PATCH").request_headers("x-z");
    assert_eq!(
        verdict(&policy, &two_wrong),
        Err(Denial::MethodNotAllowed(b"PATCH"))
    );
    let one_wrong = preflight("https://a.test", "PUT").request_headers("x-a,x-y,x-z");
    assert_eq!(
        verdict(&policy, &one_wrong),
        Err(Denial::HeaderNotAllowed(b"x-y"))
    );
    let right = preflight("https://a.test", "PUT").request_headers("x-a,x-b");
    assert_eq!(verdict(&policy, &right), Ok(()));
    let repeated = |origin| preflight(origin, "PUT").request_method("PUT");
    assert_eq!(
        verdict(&policy, &repeated("https://b.test")),
        Err(Denial::OriginNotAllowed)
    );
    assert_eq!(
        verdict(&policy, &repeated("https://a.test").request_headers("x-z")),
        Err(Denial::RequestMethodRepeated)
    );
}

#[test]
fn methods_are_case_sensitive_and_header_names_are_not() {
    let policy = everything(["https://a.test"]);
    for method in ["put", "Put", "PUTT", "PU"] {
        assert_eq!(
            verdict(&policy, &preflight("https://a.test", method)),
            Err(Denial::MethodNotAllowed(method.as_bytes()))
        );
    }
    for method in ["GET", "HEAD", "POST", "PUT", "DELETE"] {
        assert_eq!(
            verdict(&policy, &preflight("https://a.test", method)),
            Ok(())
        );
    }
    let request = preflight("https://a.test", "PUT").request_headers("X-A, x-B");
    assert_eq!(verdict(&policy, &request), Ok(()));
}

#[test]
fn a_requested_header_must_be_listed_even_if_its_name_is_safelisted() {
    // Browsers request `accept` and `content-type` only if their value is not safelisted.
    let policy = everything(["https://a.test"]);
    for name in ["accept", "content-type", "range"] {
        let request = preflight("https://a.test", "GET").request_headers(name);
        assert_eq!(
            verdict(&policy, &request),
            Err(Denial::HeaderNotAllowed(name.as_bytes()))
        );
    }
}

#[test]
fn an_asterisk_covers_any_header_but_authorization() {
    let star = origins(["https://a.test"])
        .allow_methods(["*"])
        .allow_headers(["*"]);
    let policy = star.clone().build().unwrap();
    let any = preflight("https://a.test", "PURGE").request_headers("x-anything,content-type");
    assert_eq!(verdict(&policy, &any), Ok(()));
    let authorization =
        preflight("https://a.test", "PURGE").request_headers("x-anything,Authorization");
    assert_eq!(
        verdict(&policy, &authorization),
        Err(Denial::HeaderNotAllowed(b"Authorization"))
    );
    let named = star.clone().allow_headers(["Authorization"]);
    assert_eq!(verdict(&named.build().unwrap(), &authorization), Ok(()));
    // With credentials `*` is not sent: the requested names are echoed.
    let echoing = star.allow_credentials(true).build().unwrap();
    assert_eq!(verdict(&echoing, &authorization), Ok(()));
    assert_eq!(with_credentials(&echoing, &authorization), Ok(()));
}

#[test]
fn with_credentials_the_policy_must_allow_them() {
    let requests = [
        get().origin("https://a.test"),
        preflight("https://a.test", "PUT"),
    ];
    for request in &requests {
        for policy in [everything(["https://a.test"]), everything(["*"])] {
            assert_eq!(verdict(&policy, request), Ok(()));
            assert_eq!(
                with_credentials(&policy, request),
                Err(Denial::CredentialsNotAllowed)
            );
        }
        let policy = everything_with_credentials(["https://a.test"]);
        assert_eq!(verdict(&policy, request), Ok(()));
        assert_eq!(with_credentials(&policy, request), Ok(()));
    }
    // The CORS check comes before the check of the method.
    let policy = everything(["https://a.test"]);
    let request = preflight("https://a.test", "PATCH");
    assert_eq!(
        with_credentials(&policy, &request),
        Err(Denial::CredentialsNotAllowed)
    );
}

#[test]
fn the_verdict_on_a_forwarded_preflight_is_the_same_as_without_forwarding() {
    let policy = everything(["https://a.test"]);
    let forwarding = policy.config().forward_preflights(true).build().unwrap();
    for (origin, method) in [
        ("https://a.test", "PUT"),
        ("https://a.test", "PATCH"),
        ("https://b.test", "PUT"),
    ] {
        let request = preflight(origin, method);
        assert_eq!(verdict(&forwarding, &request), verdict(&policy, &request));
    }
}

#[test]
fn each_denial_prints_its_reason() {
    for (denial, text) in [
        (
            Denial::OriginRepeated,
            "the request has more than one Origin field",
        ),
        (
            Denial::OriginMalformed(OriginError::Path),
            "the Origin field is malformed: origin has a path, query, fragment or trailing slash; it must end after the host or port",
        ),
        (
            Denial::OriginOpaque,
            "the policy does not allow opaque origins (`null`, `file://`)",
        ),
        (
            Denial::OriginNotAllowed,
            "the policy does not allow the origin",
        ),
        (
            Denial::OriginInsecure,
            "the policy allows credentials, so the origin must be https or loopback",
        ),
        (
            Denial::OriginUndecided,
            "the policy requires an origin lookup, and none was made",
        ),
        (
            Denial::LookupNotAllowed,
            "the origin lookup did not allow it",
        ),
        (Denial::LookupFailed, "the origin lookup failed"),
        (Denial::LookupTimedOut, "the origin lookup timed out"),
        (
            Denial::LookupNotBegun,
            "the origin lookup was not begun: too many lookups are running or waiting",
        ),
        (
            Denial::RequestMethodRepeated,
            "the request has more than one Access-Control-Request-Method field",
        ),
        (
            Denial::RequestMethodMalformed,
            "the Access-Control-Request-Method field is not a valid method, or is longer than 64 bytes",
        ),
        (
            Denial::MethodNotAllowed(b"PATCH"),
            "the policy does not allow the method PATCH",
        ),
        (
            Denial::RequestHeadersTooLong,
            "the Access-Control-Request-Headers fields exceed the limit of 64 fields and 16384 bytes",
        ),
        (
            Denial::RequestHeadersMalformed,
            "the Access-Control-Request-Headers field is not a list of header names",
        ),
        (
            Denial::HeaderNotAllowed(b"x-a"),
            "the policy does not allow the header x-a",
        ),
        (
            Denial::CredentialsNotAllowed,
            "the policy does not allow credentials",
        ),
    ] {
        assert_eq!(denial.to_string(), text);
    }
}

/// Creates the parts and returns only the decision.
fn decide_locally<'a>(policy: &'a Policy, origin: &'a str, method: &'a str) -> Decision<'a> {
    let request = RequestParts::new("OPTIONS").origin(origin);
    let request = request.request_method(method);
    evaluate(policy, &request)
}

#[test]
fn a_decision_and_a_denial_outlive_the_request_parts() {
    let policy = everything(["https://a.test"]);
    let decision = decide_locally(&policy, "https://a.test", "PATCH");
    let denial = {
        let fields = [
            ("origin", "https://a.test"),
            ("access-control-request-method", "PUT"),
        ];
        let request = RequestParts::read(&policy, "OPTIONS", &fields);
        assert_eq!(verdict(&policy, &request), Ok(()));
        let request = preflight("https://a.test", "PUT").request_headers("x-a,x-z");
        verdict(&policy, &request).unwrap_err()
    };
    assert_eq!(
        result(decision.verdict()),
        Err(Denial::MethodNotAllowed(b"PATCH"))
    );
    assert_eq!(denial, Denial::HeaderNotAllowed(b"x-z"));
    assert!(matches!(decision, Decision::Respond { status: 204, .. }));
}

#[test]
fn a_name_in_a_denial_is_shortened_after_120_bytes() {
    let name = "a".repeat(121);
    let shown = |name: &str| Denial::HeaderNotAllowed(name.as_bytes()).to_string();
    assert!(!shown(&name[..120]).contains('…'));
    assert!(shown(&name[..120]).contains(&name[..120]));
    assert!(shown(&name).contains('…'));
    assert!(!shown(&name).contains(&name));
}
