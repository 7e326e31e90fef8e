//! Response headers: what is echoed, where values come from, and what is removed.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::adapter::EchoedField;
use crate::adapter::{
    constant_fields, dependent_fields, echoed_fields, preflight_fields, prepared_values,
};
use crate::tests::{decide, everything, everything_with_credentials, get, origins, preflight};
use crate::{
    Decision, FieldValue, HeaderField, HeaderFields, LookupResult, Operation, Policy, PolicyConfig,
    RequestParts, ResponseHeaderName, evaluate, limits,
};

/// Returns a policy that allows any method and any header with credentials, where `*` is not a wildcard.
fn echoing() -> Policy {
    origins(["https://a.test"])
        .allow_credentials(true)
        .allow_methods(["*"])
        .allow_headers(["*"])
        .max_age(None)
        .build()
        .unwrap()
}

/// The header fields of a request.
type Fields = Vec<(&'static str, String)>;

/// Returns the fields of a preflight, with several `Access-Control-Request-Headers` fields.
fn preflight_with<S: Into<String>>(values: impl IntoIterator<Item = S>) -> Fields {
    let mut fields: Fields = Vec::new();
    fields.push(("Origin", "https://a.test".into()));
    fields.push(("Access-Control-Request-Method", "PUT".into()));
    let values = values.into_iter().map(Into::into);
    fields.extend(values.map(|value| ("Access-Control-Request-Headers", value)));
    fields
}

/// Returns the values of `Access-Control-Allow-Headers` in the response to such a preflight.
fn echoed_headers<S: Into<String>>(
    policy: &Policy,
    values: impl IntoIterator<Item = S>,
) -> Vec<(Operation, String)> {
    let fields = preflight_with(values);
    let request = RequestParts::read(policy, "OPTIONS", &fields);
    let decision = evaluate(policy, &request);
    // Nothing that a preflight asks for is a reason for a 403.
    assert!(matches!(decision, Decision::Respond { status: 204, .. }));
    let fields = decision.headers().iter();
    fields
        .filter(|field| field.name == ResponseHeaderName::AccessControlAllowHeaders)
        .map(|field| (field.operation, field.value.as_str().into()))
        .collect()
}

fn response_fields<'a>(policy: &'a Policy, request: &RequestParts<'a>) -> Vec<HeaderField<'a>> {
    evaluate(policy, request).headers().iter().collect()
}

fn values<'a>(
    policy: &'a Policy,
    request: &RequestParts<'a>,
) -> Vec<(ResponseHeaderName, FieldValue<'a>)> {
    let fields = response_fields(policy, request).into_iter();
    fields.map(|field| (field.name, field.value)).collect()
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
    // A policy that does not echo states its methods, whatever is asked for.
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

#[test]
fn a_value_names_its_source() {
    use FieldValue::{Constant, Echo};
    use ResponseHeaderName as Name;

    let policy = everything_with_credentials(["https://a.test"]);
    let origin = Echo(EchoedField::Origin, b"https://a.test");
    assert_eq!(
        values(&policy, &preflight("https://a.test", "PUT")),
        [
            (Name::AccessControlAllowOrigin, origin),
            (Name::AccessControlAllowCredentials, Constant("true")),
            (
                Name::AccessControlAllowMethods,
                FieldValue::Policy("GET, HEAD, POST, PUT, DELETE")
            ),
            (
                Name::AccessControlAllowHeaders,
                FieldValue::Policy("x-b, x-a")
            ),
            (Name::AccessControlMaxAge, FieldValue::Policy("600")),
            (Name::AccessControlAllowPrivateNetwork, Constant("true")),
            (Name::Vary, Constant("Origin")),
        ]
    );
    assert_eq!(
        values(&policy, &get().origin("https://a.test")),
        [
            (Name::AccessControlAllowOrigin, origin),
            (Name::AccessControlAllowCredentials, Constant("true")),
            (
                Name::AccessControlExposeHeaders,
                FieldValue::Policy("etag, x-c")
            ),
            (Name::TimingAllowOrigin, origin),
            (Name::Vary, Constant("Origin")),
        ]
    );
    let policy = echoing();
    let request = preflight("https://a.test", "PUT");
    let echoed = response_fields(&policy, &request);
    assert_eq!(
        echoed[2].value,
        Echo(EchoedField::RequestMethod, b"PUT".as_slice())
    );
}

#[test]
fn the_values_of_a_policy_are_its_prepared_values() {
    for policy in [
        everything(["*"]),
        everything_with_credentials(["https://a.test"]),
        echoing(),
    ] {
        let known: Vec<_> = prepared_values(&policy).collect();
        for request in [
            get(),
            get().origin("https://a.test"),
            preflight("https://a.test", "PUT"),
        ] {
            for field in response_fields(&policy, &request) {
                if let FieldValue::Policy(text) = field.value {
                    assert!(known.contains(&(field.name, text)), "{field}");
                }
            }
        }
    }
}

#[test]
fn fields_are_in_the_order_of_their_names() {
    let policy = everything_with_credentials(["https://a.test"]);
    for request in [
        get(),
        get().origin("https://a.test"),
        preflight("https://a.test", "PUT"),
    ] {
        let fields = response_fields(&policy, &request);
        let names: Vec<_> = fields.iter().map(|field| field.name).collect();
        assert!(names.is_sorted_by(|one, next| one < next), "{names:?}");
    }
}

#[test]
fn the_cors_fields_of_the_application_are_removed_from_every_response() {
    let with_timing = everything(["https://a.test"]);
    let without = origins(["https://a.test"]).build().unwrap();
    for request in [
        get(),
        get().origin("https://a.test"),
        get().origin("https://b.test"),
        preflight("https://a.test", "PUT"),
        preflight("https://b.test", "PUT"),
    ] {
        let removed = |policy: &Policy| evaluate(policy, &request).headers().removed();
        let names: Vec<_> = removed(&with_timing)
            .iter()
            .map(|name| name.as_str())
            .collect();
        assert_eq!(
            names,
            [
                "access-control-allow-origin",
                "access-control-allow-credentials",
                "access-control-allow-methods",
                "access-control-allow-headers",
                "access-control-max-age",
                "access-control-allow-private-network",
                "access-control-expose-headers",
                "timing-allow-origin",
            ]
        );
        // A policy without `timing_allow_origin` leaves that field to the application.
        assert_eq!(removed(&without), &removed(&with_timing)[..7]);
        // Vary is merged, never removed. All other fields are removed before they are set.
        for field in evaluate(&with_timing, &request).headers() {
            let is_vary = field.name == ResponseHeaderName::Vary;
            assert_eq!(removed(&with_timing).contains(&field.name), !is_vary);
            assert_eq!(field.operation == Operation::Merge, is_vary);
        }
    }
}

#[test]
fn the_iterator_over_fields_is_fused() {
    let policy = everything(["https://a.test"]);
    let request = get().origin("https://a.test");
    let decision = evaluate(&policy, &request);
    let mut fields = decision.headers().iter();
    assert_eq!(fields.by_ref().count(), 4);
    assert!(fields.next().is_none() && fields.next().is_none());
    assert_eq!((*decision.headers()).into_iter().count(), 4);
}

#[test]
fn a_name_matches_in_any_case() {
    for name in ResponseHeaderName::ALL {
        assert!(name.matches(name.as_str().to_uppercase()));
        assert_eq!(name.to_string(), name.as_str());
    }
    assert!(!ResponseHeaderName::Vary.matches("vary "));
}

#[test]
fn cache_control_is_removed_only_where_it_is_set() {
    let config = || everything(["https://a.test"]).config().lookup_origins(true);
    let with_timing = config().refuse_disallowed_origins(true).build().unwrap();
    let without = PolicyConfig::new()
        .lookup_origins(true)
        .refuse_disallowed_origins(true)
        .build()
        .unwrap();
    let not_allowed = get()
        .origin("https://b.test")
        .lookup_result(LookupResult::NotAllowed);
    for (request, is_removed) in [
        (get().origin("https://b.test"), true),
        (
            get()
                .origin("https://b.test")
                .lookup_result(LookupResult::Failed),
            true,
        ),
        (preflight("https://b.test", "PUT"), true),
        (not_allowed, true),
        (
            preflight("https://b.test", "PUT").lookup_result(LookupResult::NotAllowed),
            false,
        ),
        (
            get()
                .origin("https://b.test")
                .lookup_result(LookupResult::Allowed),
            false,
        ),
        (get(), false),
    ] {
        for (policy, count) in [(&with_timing, 8), (&without, 7)] {
            let decision = evaluate(policy, &request);
            let removed = decision.headers().removed();
            let name = ResponseHeaderName::CacheControl;
            assert_eq!(removed.contains(&name), is_removed, "{request:?}");
            let can_be_sent_again = removed.contains(&ResponseHeaderName::RetryAfter);
            let others = usize::from(is_removed) + usize::from(can_be_sent_again);
            assert_eq!(removed.len(), count + others);
            assert_eq!(
                decision.headers().iter().any(|field| field.name == name),
                is_removed
            );
        }
    }
}

#[test]
fn decisions_are_equal_if_they_have_the_same_effect() {
    let policy = everything(["https://a.test", "https://b.test"]);
    let same = everything(["https://a.test"]);
    let request = get().origin("https://a.test");
    let decision = evaluate(&policy, &request);
    assert_eq!(decision, evaluate(&policy, &request));
    assert_eq!(decision, evaluate(&same, &request));
    assert_eq!(decision.headers(), evaluate(&same, &request).headers());
    let fields = [("ORIGIN", "https://a.test"), ("accept", "*/*")];
    let read = RequestParts::read(&policy, "GET", &fields);
    assert_eq!(decision, evaluate(&policy, &read));
    let other = get().origin("https://b.test");
    assert_ne!(decision, evaluate(&policy, &other));
    assert_ne!(decision.headers(), evaluate(&policy, &other).headers());
    // The same headers, but another status or another action.
    let preflight = preflight("https://a.test", "PUT");
    let config = || policy.config();
    let status = config().preflight_status(200).build().unwrap();
    let forwarding = config().forward_preflights(true).build().unwrap();
    let decision = evaluate(&policy, &preflight);
    for other in [
        evaluate(&status, &preflight),
        evaluate(&forwarding, &preflight),
    ] {
        assert_ne!(decision, other);
        assert_eq!(decision.headers(), other.headers());
    }
    // The same fields, but another set of removed names.
    let timing = origins(["https://a.test"]).timing_allow_origin(true);
    let (timing, no_timing) = (
        timing.build().unwrap(),
        origins(["https://a.test"]).build().unwrap(),
    );
    let denied = get().origin("https://c.test");
    let (one, other) = (evaluate(&timing, &denied), evaluate(&no_timing, &denied));
    assert!(one.headers().iter().eq(other.headers().iter()));
    assert_ne!(one.headers(), other.headers());
}

#[test]
fn request_parts_are_equal_if_method_fields_and_lookup_result_are() {
    let request = || preflight("https://a.test", "PUT");
    assert_eq!(request(), request());
    for other in [
        get(),
        preflight("https://b.test", "PUT"),
        preflight("https://a.test", "PATCH"),
        request().origin("https://a.test"),
        request().request_headers(""),
        request().lookup_result(LookupResult::Allowed),
    ] {
        assert_ne!(other, request());
    }
    let replaced = request().request_headers("a").request_headers("b");
    assert_eq!(replaced, request().request_headers("b"));
    assert_eq!(
        request()
            .lookup_result(LookupResult::Failed)
            .lookup_result(None),
        request()
    );
    let any = everything(["*"]);
    let fields = [
        ("access-control-request-method", "PUT"),
        ("origin", "https://a.test"),
    ];
    assert_eq!(RequestParts::read(&any, "OPTIONS", &fields), request());
    // What a policy does not read is compared as well.
    let fields = [("origin", "https://a.test")];
    assert_eq!(
        RequestParts::read(&any, "GET", &fields),
        get().origin("https://a.test")
    );
    assert_ne!(RequestParts::read(&any, "GET", &fields), get());
}

#[test]
fn the_fields_for_adapters_add_up_to_the_response() {
    let texts = |fields: HeaderFields<'_, '_>| -> Vec<String> {
        fields.map(|field| field.to_string()).collect()
    };
    let sorted = |mut fields: Vec<String>| {
        fields.sort();
        fields
    };
    for policy in [
        everything(["*"]),
        everything(["https://a.test"]),
        everything_with_credentials(["https://a.test"]),
        echoing(),
    ] {
        for request in [
            get(),
            get().origin("https://a.test"),
            get().origin("https://b.test"),
            preflight("https://a.test", "PUT").request_headers("x-a"),
            preflight("https://b.test", "PUT"),
        ] {
            let decision = evaluate(&policy, &request);
            let headers = decision.headers();
            let all = sorted(texts(headers.iter()));
            let mut split = texts(dependent_fields(headers));
            split.extend(constant_fields(headers).map(|field| field.to_string()));
            assert_eq!(sorted(split), all);
            let is_echoed = |field: &HeaderField<'_>| matches!(field.value, FieldValue::Echo(..));
            assert!(echoed_fields(headers).all(|field| is_echoed(&field)));
            assert!(headers.iter().filter(is_echoed).eq(echoed_fields(headers)));
            assert_eq!(
                constant_fields(headers).len(),
                constant_fields(headers).count()
            );
            let is_allowed = decision.origin_status() == crate::OriginStatus::Allowed;
            if decision.kind() == crate::RequestKind::Preflight && is_allowed {
                let mut split = texts(echoed_fields(headers));
                split.extend(preflight_fields(&policy).iter().map(ToString::to_string));
                assert_eq!(sorted(split), all);
            }
        }
    }
}

#[test]
fn the_size_hint_of_the_fields_holds_at_each_step() {
    let policy = echoing();
    for values in [&["a", "", "b"][..], &["a"], &[]] {
        let fields = preflight_with(values.iter().copied());
        let request = RequestParts::read(&policy, "OPTIONS", &fields);
        let decision = evaluate(&policy, &request);
        let mut fields = decision.headers().iter();
        loop {
            let (lower, upper) = fields.size_hint();
            let left = fields.clone().count();
            assert!(lower <= left && upper.is_some_and(|upper| left <= upper));
            if fields.next().is_none() {
                break;
            }
        }
    }
}
