//! Verdicts and denials.

use alloc::string::ToString as _;
use alloc::vec::Vec;

use crate::tests::{everything, everything_with_credentials, get, origins, preflight};
use crate::{
    Decision, Denial, LookupResult, OriginError, Policy, PolicyConfig, RequestParts, Verdict,
    evaluate, limits,
};

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

/// Returns a policy that echoes the requested method and headers.
fn echoing() -> Policy {
    let config = origins(["https://a.test"]).allow_credentials(true);
    let config = config.allow_methods(["*"]).allow_headers(["*"]);
    config.build().unwrap()
}

#[test]
fn a_method_over_the_limit_is_malformed_only_if_it_would_be_echoed() {
    let echoing = echoing();
    let any = origins(["https://a.test"]).allow_methods(["*"]);
    let any = any.build().unwrap();
    let listing = everything(["https://a.test"]);
    let echoing_headers = origins(["https://a.test"]).allow_credentials(true);
    let echoing_headers = echoing_headers.allow_headers(["*"]).build().unwrap();
    let longest = "A".repeat(limits::REQUEST_METHOD);
    let too_long = "A".repeat(limits::REQUEST_METHOD + 1);
    let of = |policy, method| {
        let request = preflight("https://a.test", method);
        let verdict = evaluate(policy, &request).verdict();
        result(verdict).map_err(|denial| denial.to_string())
    };
    let malformed = Denial::RequestMethodMalformed.to_string();
    assert_eq!(of(&echoing, &longest), Ok(()));
    assert_eq!(of(&echoing, &too_long), Err(malformed));
    for method in [&longest, &too_long] {
        let not_allowed = Denial::MethodNotAllowed(method.as_bytes()).to_string();
        assert_eq!(of(&any, method), Ok(()));
        assert_eq!(of(&listing, method), Err(not_allowed.clone()));
        assert_eq!(of(&echoing_headers, method), Err(not_allowed));
    }
}

#[test]
fn the_verdict_says_why_requested_headers_were_not_echoed() {
    let policy = echoing();
    let names = "a".repeat(limits::REQUEST_HEADERS);
    let of = |values: &[&str]| {
        let mut fields = Vec::from([
            ("origin", "https://a.test"),
            ("access-control-request-method", "PUT"),
        ]);
        fields.extend(
            values
                .iter()
                .map(|value| ("access-control-request-headers", *value)),
        );
        let request = RequestParts::read(&policy, "OPTIONS", &fields);
        verdict(&policy, &request).map_err(|denial| denial.to_string())
    };
    let too_long = Err(Denial::RequestHeadersTooLong.to_string());
    let malformed = Err(Denial::RequestHeadersMalformed.to_string());
    let most = limits::REQUEST_HEADERS_FIELDS;
    assert_eq!(of(&["a"; limits::REQUEST_HEADERS_FIELDS]), Ok(()));
    assert_eq!(of(&["a"].repeat(most + 1)), too_long);
    // Blank fields count as well.
    assert_eq!(of(&[""].repeat(most)), Ok(()));
    assert_eq!(of(&[""].repeat(most + 1)), too_long);
    assert_eq!(of(&[&names]), Ok(()));
    assert_eq!(of(&[&names, ""]), Ok(()));
    assert_eq!(of(&[&names, ","]), too_long);
    assert_eq!(of(&[&names[1..], ","]), Ok(()));
    assert_eq!(of(&["a", "b c"]), malformed);
}

#[test]
fn requested_headers_have_no_limit_where_they_are_not_echoed() {
    let listing = everything(["https://a.test"]);
    let any = origins(["https://a.test"]).allow_methods(["PUT"]);
    let any = any.allow_headers(["*"]).build().unwrap();
    let of = |policy, name: &str, count: usize| {
        let mut fields = Vec::from([
            ("origin", "https://a.test"),
            ("access-control-request-method", "PUT"),
        ]);
        fields.extend([("access-control-request-headers", name)].repeat(count));
        let request = RequestParts::read(policy, "OPTIONS", &fields);
        let explained = Policy::explain(policy, &request).to_string();
        let result = evaluate(policy, &request).verdict();
        (result.to_string(), explained)
    };
    let long = "x-a,".repeat(limits::REQUEST_HEADERS / 4 + 1);
    // Miri takes minutes for more.
    let (many, long) = if cfg!(miri) {
        (70, "x-a")
    } else {
        (1000, &*long)
    };
    for policy in [&listing, &any] {
        for (name, count) in [
            ("x-a", limits::REQUEST_HEADERS_FIELDS + 1),
            ("x-a", many),
            (long, 1),
            ("", many),
        ] {
            let (verdict, explained) = of(policy, name, count);
            assert_eq!(verdict, "allowed");
            assert!(!explained.contains("beyond the limit"), "{explained}");
        }
    }
    let (_, explained) = of(&listing, "x-a", 100);
    assert!(
        explained.contains("all 100 requested headers are listed"),
        "{explained}"
    );
    let (verdict, _) = of(&listing, "x-a b", 100);
    assert_eq!(
        verdict,
        Verdict::Denied(Denial::RequestHeadersMalformed).to_string()
    );
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
fn a_denial_of_the_origin_names_the_lookup() {
    let policy = PolicyConfig::new().lookup_origins(true).build().unwrap();
    let request = get().origin("https://a.test");
    for (result, expected) in [
        (None, Err(Denial::OriginUndecided)),
        (Some(LookupResult::Failed), Err(Denial::LookupFailed)),
        (Some(LookupResult::TimedOut), Err(Denial::LookupTimedOut)),
        (Some(LookupResult::NotBegun), Err(Denial::LookupNotBegun)),
        (
            Some(LookupResult::NotAllowed),
            Err(Denial::LookupNotAllowed),
        ),
        (Some(LookupResult::Allowed), Ok(())),
    ] {
        assert_eq!(verdict(&policy, &request.lookup_result(result)), expected);
    }
}

#[test]
fn a_lookup_result_can_be_made_of_a_bool_or_a_result() {
    assert_eq!(LookupResult::from(true), LookupResult::Allowed);
    assert_eq!(LookupResult::from(false), LookupResult::NotAllowed);
    for (result, expected) in [
        (Ok(true), LookupResult::Allowed),
        (Ok(false), LookupResult::NotAllowed),
        (Err("timeout"), LookupResult::Failed),
    ] {
        assert_eq!(LookupResult::from(result), expected);
    }
}

/// Fetch, [CORS check](https://fetch.spec.whatwg.org/#cors-check), step 2: a 503 after a failed lookup has no
/// `Access-Control-Allow-Origin`.
#[test]
fn a_failed_lookup_is_denied_even_if_others_are_allowed_without_credentials() {
    let config = origins(["https://a.test"]).allow_credentials(true);
    let config = config
        .allow_others_without_credentials(true)
        .lookup_origins(true);
    let policy = config.build().unwrap();
    let request = preflight("https://b.test", "GET");
    let request = request.lookup_result(LookupResult::Failed);
    let decision = evaluate(&policy, &request);
    assert!(matches!(decision, Decision::Respond { status: 503, .. }));
    let failed = Verdict::Denied(Denial::LookupFailed);
    assert_eq!(decision.verdict(), failed);
    assert_eq!(decision.verdict_with_credentials(), failed);

    // The second tier is for requests without credentials only.
    let request = preflight("https://b.test", "GET").lookup_result(LookupResult::NotAllowed);
    let decision = evaluate(&policy, &request);
    assert_eq!(decision.verdict(), Verdict::Allowed);
    assert!(!decision.verdict_with_credentials().is_allowed());
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
