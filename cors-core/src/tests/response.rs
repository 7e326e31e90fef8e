//! Response headers: the sources of their values, their order, and the removed names.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::adapter::{EchoedField, prepared_values};
use crate::limits::REQUEST_HEADERS_FIELDS;
use crate::tests::{everything, everything_with_credentials, get, origins, preflight};
use crate::{
    FieldValue, Guard, HeaderField, LookupResult, Operation, Policy, PolicyConfig, RequestParts,
    ResponseHeaderName, evaluate,
};

/// Returns a policy that allows any method and any header with credentials, where `*` is not a wildcard.
pub(super) fn echoing() -> Policy {
    origins(["https://a.test"])
        .allow_credentials(true)
        .allow_methods(["*"])
        .allow_headers(["*"])
        .max_age(None)
        .build()
        .unwrap()
}

/// The header fields of a request.
pub(super) type Fields = Vec<(&'static str, String)>;

/// Returns the fields of a preflight, with several `Access-Control-Request-Headers` fields.
pub(super) fn preflight_with<S: Into<String>>(values: impl IntoIterator<Item = S>) -> Fields {
    let mut fields: Fields = Vec::new();
    fields.push(("Origin", "https://a.test".into()));
    fields.push(("Access-Control-Request-Method", "PUT".into()));
    let values = values.into_iter().map(Into::into);
    fields.extend(values.map(|value| ("Access-Control-Request-Headers", value)));
    fields
}

pub(super) fn response_fields<'a>(
    policy: &'a Policy,
    request: &RequestParts<'a>,
) -> Vec<HeaderField<'a>> {
    evaluate(policy, request).headers().iter().collect()
}

pub(super) fn values<'a>(
    policy: &'a Policy,
    request: &RequestParts<'a>,
) -> Vec<(ResponseHeaderName, FieldValue<'a>)> {
    let fields = response_fields(policy, request).into_iter();
    fields.map(|field| (field.name, field.value)).collect()
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
        // A policy without `timing_allow_origin` keeps the application's field.
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
    let with_timing = config().guard(Guard::All).build().unwrap();
    let without = PolicyConfig::new()
        .lookup_origins(true)
        .guard(Guard::All)
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
    // Fields that a policy does not read are compared as well.
    let fields = [("origin", "https://a.test")];
    assert_eq!(
        RequestParts::read(&any, "GET", &fields),
        get().origin("https://a.test")
    );
    assert_ne!(RequestParts::read(&any, "GET", &fields), get());
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
            // The number of values that can be echoed is the only one that is unknown.
            assert!(upper.is_some_and(|upper| upper - lower <= REQUEST_HEADERS_FIELDS));
            if fields.next().is_none() {
                break;
            }
        }
    }
}

#[test]
fn the_number_of_fields_is_known_before_they_are_read() {
    let config = origins(["https://a.test"]).allow_credentials(true);
    let policy = config.allow_headers(["*"]).build().unwrap();
    // An echo without requested headers has no field.
    let request = preflight("https://a.test", "GET");
    let decision = evaluate(&policy, &request);
    let fields = decision.headers().iter();
    let (least, most) = fields.size_hint();
    let count = fields.count();
    assert_eq!(least, count);
    assert!(most.is_some_and(|most| most >= count));
}

#[test]
fn the_fields_of_a_response_are_written_for_debugging() {
    let policy = origins(["https://a.test"]).build().unwrap();
    let decision = evaluate(&policy, &get().origin("https://a.test"));
    let expected = r#""access-control-allow-origin": "https://a.test""#;
    let fields = format!("{:?}", decision.headers().iter());
    assert!(fields.contains(expected), "{fields}");
    let headers = format!("{:?}", decision.headers());
    assert!(headers.contains(expected), "{headers}");
}
