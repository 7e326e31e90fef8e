//! Verdicts on names over a limit.

use alloc::string::ToString as _;
use alloc::vec::Vec;

use super::{result, verdict};
use crate::tests::{everything, origins, preflight};
use crate::{Denial, Policy, RequestParts, Verdict, evaluate, limits};

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
