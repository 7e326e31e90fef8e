//! Policies that echo the requested method and headers.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::response::{echoing, preflight_with, response_fields, values};
use super::{decide, everything, everything_with_credentials, get, origins, preflight};
use crate::adapter::EchoedField;
use crate::{
    Decision, FieldValue, Operation, Policy, RequestParts, ResponseHeaderName, evaluate, limits,
};

/// Returns the values of `Access-Control-Allow-Headers` in the response to such a preflight.
fn echoed_headers<S: Into<String>>(
    policy: &Policy,
    values: impl IntoIterator<Item = S>,
) -> Vec<(Operation, String)> {
    let fields = preflight_with(values);
    let request = RequestParts::read(policy, "OPTIONS", &fields);
    let decision = evaluate(policy, &request);
    // The requested method and headers never cause a 403.
    assert!(matches!(decision, Decision::Respond { status: 204, .. }));
    let fields = decision.headers().iter();
    fields
        .filter(|field| field.name == ResponseHeaderName::AccessControlAllowHeaders)
        .map(|field| (field.operation, field.value.as_str().into()))
        .collect()
}

#[test]
fn with_credentials_any_method_and_any_header_are_echoed() {
    let request = preflight("https://a.test", "PURGE").request_headers("Authorization, x-a");
    assert_eq!(
        decide(&echoing(), &request),
        [
            "respond 204",
            "access-control-allow-origin: https://a.test",
            "access-control-allow-credentials: true",
            "access-control-allow-methods: PURGE",
            "access-control-allow-headers: Authorization, x-a",
            "+ vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        ]
    );
    let nothing_asked = preflight("https://a.test", "GET");
    assert_eq!(
        decide(&echoing(), &nothing_asked),
        [
            "respond 204",
            "access-control-allow-origin: https://a.test",
            "access-control-allow-credentials: true",
            "access-control-allow-methods: GET",
            "+ vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        ]
    );
}

#[test]
fn vary_names_only_the_fields_that_are_echoed() {
    let config = origins(["https://a.test"]).allow_credentials(true);
    let request = preflight("https://a.test", "PUT").request_headers("x-a");
    let vary = |policy: &Policy, request: &RequestParts<'_>| {
        decide(policy, request).pop().unwrap_or_default()
    };
    let methods = config.clone().allow_methods(["*"]).build().unwrap();
    assert_eq!(
        vary(&methods, &request),
        "+ vary: Origin, Access-Control-Request-Method"
    );
    let headers = config.clone().allow_headers(["*"]).build().unwrap();
    assert_eq!(
        vary(&headers, &request),
        "+ vary: Origin, Access-Control-Request-Headers"
    );
    let neither = config.build().unwrap();
    assert_eq!(vary(&neither, &request), "+ vary: Origin");
    for other in [
        get(),
        get().origin("https://a.test"),
        get().origin("https://b.test"),
        preflight("https://b.test", "PUT"),
    ] {
        assert_eq!(vary(&echoing(), &other), "+ vary: Origin");
    }
}

#[test]
fn without_credentials_an_asterisk_is_sent_and_nothing_is_echoed() {
    let policy = echoing().config().allow_credentials(false).build().unwrap();
    let request = preflight("https://a.test", "PURGE").request_headers("x-a");
    assert_eq!(
        decide(&policy, &request),
        [
            "respond 204",
            "access-control-allow-origin: https://a.test",
            "access-control-allow-methods: *",
            "access-control-allow-headers: *",
            "+ vary: Origin",
        ]
    );
}

#[test]
fn several_fields_are_echoed_one_by_one() {
    let policy = echoing();
    let fields = preflight_with(["a,b", " c ", "d"]);
    let request = RequestParts::read(&policy, "OPTIONS", &fields);
    let echoed: Vec<_> = response_fields(&policy, &request)
        .into_iter()
        .filter(|field| field.name == ResponseHeaderName::AccessControlAllowHeaders)
        .map(|field| (field.operation, field.value))
        .collect();
    let echo = |index, text: &'static str| {
        FieldValue::Echo(EchoedField::RequestHeaders(index), text.as_bytes())
    };
    assert_eq!(
        echoed,
        [
            (Operation::Set, echo(0, "a,b")),
            (Operation::Append, echo(1, " c ")),
            (Operation::Append, echo(2, "d")),
        ]
    );
}

#[test]
fn blank_fields_are_not_echoed() {
    let echoed = |values: &[&str]| {
        let echoed = echoed_headers(&echoing(), values.iter().copied());
        let values = echoed.into_iter().map(|(_, value)| value);
        values.collect::<Vec<_>>()
    };
    assert_eq!(echoed(&["a", "", " \t", ",, ,", "b"]), ["a", "b"]);
    assert_eq!(echoed(&["", ",", "a"]), ["a"]);
    for blank in [&[""][..], &[" "], &[",,,"], &["", ""], &[]] {
        assert_eq!(echoed(blank), [""; 0], "{blank:?}");
    }
    // The index is that of the request field.
    let policy = echoing();
    let fields = preflight_with(["a", "", "b"]);
    let request = RequestParts::read(&policy, "OPTIONS", &fields);
    let last = FieldValue::Echo(EchoedField::RequestHeaders(2), b"b");
    assert!(
        values(&policy, &request).contains(&(ResponseHeaderName::AccessControlAllowHeaders, last))
    );
}

#[test]
fn the_number_of_empty_elements_is_not_limited() {
    let commas = ",".repeat(limits::REQUEST_HEADERS - 1) + "a";
    let echoed = echoed_headers(&echoing(), [commas.as_str()]);
    assert_eq!(echoed, [(Operation::Set, commas)]);
}

#[test]
fn nothing_is_echoed_if_one_of_several_fields_is_malformed() {
    for values in [["x-a", "x b"], ["x b", "x-a"], ["x-a,(", ""]] {
        assert_eq!(echoed_headers(&echoing(), values), []);
    }
    let policy = echoing();
    let fields = preflight_with(["x-a", "x b"]);
    assert_eq!(
        decide(&policy, &RequestParts::read(&policy, "OPTIONS", &fields)),
        [
            "respond 204",
            "access-control-allow-origin: https://a.test",
            "access-control-allow-credentials: true",
            "access-control-allow-methods: PUT",
            "+ vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        ]
    );
}

#[test]
fn requested_headers_are_echoed_up_to_the_limits() {
    let policy = echoing();
    let most = limits::REQUEST_HEADERS_FIELDS;
    let longest = "a".repeat(limits::REQUEST_HEADERS);
    let echoed = echoed_headers(&policy, [longest.as_str()]);
    assert_eq!(echoed, [(Operation::Set, longest.clone())]);
    let half = "a".repeat(limits::REQUEST_HEADERS / 2);
    assert_eq!(echoed_headers(&policy, [&*half, &half]).len(), 2);
    let echoed = echoed_headers(&policy, ["a"].repeat(most));
    assert_eq!(echoed.len(), most);
    assert_eq!(echoed[0].0, Operation::Set);
    assert!(
        echoed[1..]
            .iter()
            .all(|(operation, _)| *operation == Operation::Append)
    );
    for beyond in [
        [longest.clone() + "a"].to_vec(),
        [longest.clone(), "a".into()].to_vec(),
        [half.clone(), half.clone(), "a".into()].to_vec(),
        ["a"]
            .repeat(most + 1)
            .into_iter()
            .map(String::from)
            .collect(),
    ] {
        assert_eq!(echoed_headers(&policy, beyond), []);
    }
}

#[test]
fn a_method_is_echoed_up_to_the_limit() {
    let allowed_methods = |policy: &Policy, method: &str| {
        let request = preflight("https://a.test", method);
        let fields = response_fields(policy, &request).into_iter();
        let mut methods =
            fields.filter(|field| field.name == ResponseHeaderName::AccessControlAllowMethods);
        methods.next().map(|field| field.value.as_str().to_string())
    };
    let longest = "A".repeat(limits::REQUEST_METHOD);
    let too_long = "A".repeat(limits::REQUEST_METHOD + 1);
    assert_eq!(allowed_methods(&echoing(), &longest), Some(longest.clone()));
    assert_eq!(allowed_methods(&echoing(), &too_long), None);
    let twice = preflight("https://a.test", "PUT").request_method("PUT");
    assert_eq!(decide(&echoing(), &twice)[0], "respond 204");
    assert!(
        !decide(&echoing(), &twice)
            .iter()
            .any(|field| field.contains("PUT"))
    );
    // A policy that does not echo lists its methods, for any request.
    let listing = everything_with_credentials(["https://a.test"]);
    for method in [&longest, &too_long] {
        assert_eq!(
            allowed_methods(&listing, method).as_deref(),
            Some("GET, HEAD, POST, PUT, DELETE")
        );
    }
}

#[test]
fn a_policy_that_does_not_echo_ignores_what_a_preflight_asks_for() {
    let names = "a".repeat(limits::REQUEST_HEADERS + 1);
    for policy in [
        everything(["*"]),
        everything(["https://a.test"]),
        everything_with_credentials(["https://a.test"]),
    ] {
        let expected = decide(&policy, &preflight("https://a.test", "PUT"));
        for values in [
            [names.as_str()].to_vec(),
            ["a"].repeat(limits::REQUEST_HEADERS_FIELDS + 1),
            ["x b"].to_vec(),
        ] {
            let fields = preflight_with(values);
            let request = RequestParts::read(&policy, "OPTIONS", &fields);
            assert_eq!(decide(&policy, &request), expected);
        }
        let twice = preflight("https://a.test", "PUT").request_method("PUT");
        assert_eq!(decide(&policy, &twice), expected);
    }
}

#[test]
fn an_invalid_method_is_not_echoed() {
    for method in ["", "P U T", "PUT\r\nx: y", "PUT, GET", "\u{e9}"] {
        assert_eq!(
            decide(&echoing(), &preflight("https://a.test", method)),
            [
                "respond 204",
                "access-control-allow-origin: https://a.test",
                "access-control-allow-credentials: true",
                "+ vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
            ],
            "{method:?}"
        );
    }
}
