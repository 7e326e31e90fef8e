//! Verdicts: what a browser will conclude.

use alloc::string::ToString as _;

use crate::tests::{everything, everything_with_credentials, get, origins, preflight};
use crate::{Denial, OriginError, Policy, RequestParts, Verdict, evaluate};

fn verdict<'a>(policy: &'a Policy, request: &'a RequestParts<'a>) -> Result<(), Denial<'a>> {
    result(evaluate(policy, request).verdict())
}

fn with_credentials<'a>(
    policy: &'a Policy,
    request: &'a RequestParts<'a>,
) -> Result<(), Denial<'a>> {
    result(evaluate(policy, request).verdict_with_credentials())
}

fn result(verdict: Verdict<'_>) -> Result<(), Denial<'_>> {
    match verdict {
        Verdict::Allowed => Ok(()),
        Verdict::Denied(denial) => Err(denial),
    }
}

#[test]
fn an_actual_request_is_judged_by_its_origin_alone() {
    let policy = everything(["https://a.test"]);
    for method in ["GET", "PUT", "PATCH", "get"] {
        let request = RequestParts::new(method).origin("https://a.test");
        assert_eq!(verdict(&policy, &request), Ok(()), "{method}");
    }
    for (origin, denial) in [
        ("https://b.test", Denial::OriginNotAllowed),
        ("null", Denial::OriginNull),
        ("", Denial::OriginMalformed(OriginError::Empty)),
    ] {
        assert_eq!(verdict(&policy, &get().origin(origin)), Err(denial));
    }
}

#[test]
fn a_browser_does_not_judge_what_is_no_cors_request() {
    let policy = everything(["https://a.test"]);
    assert_eq!(verdict(&policy, &get()), Ok(()));
    assert_eq!(with_credentials(&policy, &get()), Ok(()));
    for own in [
        get().origin("https://own.test").host("own.test"),
        get()
            .origin("https://own.test")
            .sec_fetch_site("same-origin"),
    ] {
        assert_eq!(verdict(&policy, &own), Ok(()));
        assert_eq!(with_credentials(&policy, &own), Ok(()));
    }
    let cross_site = get()
        .origin("https://own.test")
        .host("own.test")
        .sec_fetch_site("cross-site");
    assert_eq!(verdict(&policy, &cross_site), Err(Denial::OriginNotAllowed));
}

#[test]
fn a_preflight_is_judged_by_origin_then_method_then_headers() {
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
    let limits_first = preflight("https://b.test", "PUT").request_method("PUT");
    assert_eq!(
        verdict(&policy, &limits_first),
        Err(Denial::RequestMethodRepeated)
    );
}

#[test]
fn methods_are_compared_with_case_and_headers_without() {
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
fn a_preflight_names_only_what_needs_permission_so_that_everything_it_names_needs_listing() {
    // A browser names `accept` or `content-type` only where their value is not safelisted.
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
fn a_star_covers_any_header_but_authorization() {
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
    // With credentials there is no `*`: what is asked for is echoed, by its name.
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
    // A browser makes the CORS check first, and finds no credentials allowed before it looks for the method.
    let policy = everything(["https://a.test"]);
    let request = preflight("https://a.test", "PATCH");
    assert_eq!(
        with_credentials(&policy, &request),
        Err(Denial::CredentialsNotAllowed)
    );
}

#[test]
fn the_verdict_on_a_preflight_that_is_handed_on_is_that_on_its_answer() {
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
fn each_denial_says_what_it_is() {
    for (denial, says) in [
        (Denial::OriginRepeated, "there is more than one Origin line"),
        (
            Denial::OriginMalformed(OriginError::Path),
            "the Origin line is malformed: something follows the host; an origin has no path, query, fragment or \
             trailing slash",
        ),
        (
            Denial::OriginNull,
            "the origin is `null`, which the policy does not allow",
        ),
        (
            Denial::OriginNotAllowed,
            "the policy does not allow the origin",
        ),
        (
            Denial::OriginInsecure,
            "the origin is neither https nor loopback, and the policy allows credentials",
        ),
        (
            Denial::OriginUndecided,
            "the policy leaves the origin to its caller, who has not decided",
        ),
        (
            Denial::RequestMethodRepeated,
            "there is more than one Access-Control-Request-Method line",
        ),
        (
            Denial::RequestMethodMalformed,
            "the Access-Control-Request-Method line is no method",
        ),
        (
            Denial::MethodNotAllowed(b"PATCH"),
            "the policy does not allow the method PATCH",
        ),
        (
            Denial::RequestHeadersTooLong,
            "the Access-Control-Request-Headers lines are too many or too long",
        ),
        (
            Denial::RequestHeadersMalformed,
            "the Access-Control-Request-Headers lines are no list of header names",
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
        assert_eq!(denial.to_string(), says);
    }
}
