use omnicors_core::adapter::{RequestField, RequestFields};
use omnicors_core::{Guard, LookupResult, Policy, PolicyConfig, RequestParts, evaluate};

use super::*;
use crate::field_map::tests::Map;

/// Returns the value of a request field that is echoed.
fn value(request: &RequestParts<'_>, echoed: EchoedField) -> Option<String> {
    let (field, index) = echoed.request_field();
    String::from_utf8(request.value(field, index)?.to_vec()).ok()
}

/// The fields for an allowed origin.
fn fields() -> ForwardHeaders<String> {
    let policy = PolicyConfig::new().allow_origins(["https://a.example"]);
    let policy = policy.build().unwrap();
    let request = RequestParts::new("GET").origin("https://a.example");
    let decision = evaluate(&policy, &request);
    ForwardHeaders::new(
        decision.headers(),
        &PreparedValues::from(&policy),
        |echoed| value(&request, echoed),
    )
}

/// Asserts that the fields applied to a response are the fields of the decision. Returns true if one of them is
/// `Timing-Allow-Origin`, which shares its value with `Access-Control-Allow-Origin`.
#[track_caller]
fn assert_fields_are_applied(
    policy: &Policy,
    method: &str,
    request_fields: &[(&str, &str)],
    result: Option<LookupResult>,
) -> bool {
    let request_fields = request_fields.to_vec();
    let request = RequestParts::read(policy, method, &request_fields).lookup_result(result);
    let request = &request;
    let decision = evaluate(policy, request);
    let headers = decision.headers();
    let mut applied = Map::with_room(99);
    ForwardHeaders::new(headers, &PreparedValues::from(policy), |echoed| {
        value(request, echoed)
    })
    .apply(&mut applied);
    let fields = headers.iter();
    let fields = fields.map(|field| (field.name.as_str(), field.value.as_str().to_owned()));
    let mut expected: Vec<_> = fields.collect();
    // The order of fields with different names is not significant (RFC 9110, section 5.3).
    expected.sort_unstable();
    applied.fields.sort_unstable();
    assert_eq!(applied.fields, expected, "{policy} {request:?}");
    let prepared = PreparedPolicy::<PreparedValues<String>>::shared(policy.clone());
    if let Some(outline) = prepared.outline(method, &request_fields, result) {
        let origin = || value(request, EchoedField::Origin);
        let mut applied = Map::with_room(99);
        ForwardHeaders::with_outline(outline, prepared.values(), origin).apply(&mut applied);
        applied.fields.sort_unstable();
        assert_eq!(applied.fields, expected, "{policy} {request:?}");
    }
    let mut names = expected.iter().map(|(name, _)| *name);
    names.any(|name| name == ResponseHeaderName::TimingAllowOrigin.as_str())
}

#[test]
fn no_field_of_the_request_is_read_for_a_static_policy() {
    struct Unread;

    impl RequestFields for Unread {
        fn value(&self, field: RequestField, _: usize) -> Option<&[u8]> {
            panic!("{field} was read")
        }
    }

    let policy = PolicyConfig::new().allow_origins(["*"]).build().unwrap();
    let request = RequestParts::read(&policy, "GET", &Unread);
    let decision = evaluate(&policy, &request);
    let mut applied = Map::with_room(9);
    ForwardHeaders::new(
        decision.headers(),
        &PreparedValues::from(&policy),
        |echoed| value(&request, echoed),
    )
    .apply(&mut applied);
    let expected = [("access-control-allow-origin", "*".to_owned())];
    assert_eq!(applied.fields, expected);
}

#[test]
fn all_fields_of_a_decision_are_applied_for_every_kind_of_policy() {
    const LISTED: &str = "https://a.example";
    let listed = || PolicyConfig::new().allow_origins([LISTED]);
    let all = || PolicyConfig::new().allow_origins(["*"]);
    let origins = [
        all(),
        all()
            .allow_credentials(true)
            .dangerously_allow_any_origin_with_credentials(true),
        listed(),
        listed().allow_origins(["https://*.a.example"]),
        listed().allow_origins_if(|origin| origin.host() == Some("predicate.example")),
        listed().lookup_origins(true),
        listed()
            .allow_origins(["null"])
            .dangerously_allow_opaque_origins(true),
    ];
    let others: [fn(PolicyConfig) -> PolicyConfig; 5] = [
        |config| config,
        |config| config.allow_credentials(true),
        |config| config.expose_headers(["etag"]).allow_methods(["PUT"]),
        |config| config.guard(Guard::All),
        |config| config.forward_preflights(true).allow_headers(["x-a"]),
    ];
    let configs = origins.iter().flat_map(|config| {
        let configs = others.map(|other| other(config.clone()));
        configs.map(|config| config.timing_allow_origin(true))
    });
    // Any origin with credentials is a fault without the opt-out.
    let policies = configs.filter_map(|config| config.build().ok());
    let mut with_timing = 0;
    for policy in policies {
        for origin in [
            LISTED,
            "https://b.a.example",
            "https://predicate.example",
            "https://lookup.example",
            "null",
        ] {
            for result in [
                LookupResult::Allowed,
                LookupResult::NotAllowed,
                LookupResult::Failed,
                LookupResult::TimedOut,
            ] {
                let fields = [("origin", origin), ("access-control-request-method", "PUT")];
                for (method, fields) in [("OPTIONS", &fields[..]), ("GET", &fields[..1])] {
                    let has = assert_fields_are_applied(&policy, method, fields, Some(result));
                    with_timing += usize::from(has);
                }
            }
        }
        let has = assert_fields_are_applied(&policy, "GET", &[], None);
        with_timing += usize::from(has);
    }
    assert!(with_timing > 100, "{with_timing}");
}

#[test]
fn exposed_names_of_the_application_are_merged_with_those_of_the_policy() {
    const NAME: &str = "access-control-expose-headers";
    let listed = || {
        let config = PolicyConfig::new().allow_origins(["https://a.example"]);
        config.merge_expose_headers(true)
    };
    let etag = || listed().expose_headers(["etag"]);
    let public = || {
        PolicyConfig::new()
            .allow_origins(["*"])
            .merge_expose_headers(true)
    };
    let allowed = Some("https://a.example");
    let denied = Some("https://b.example");
    for (config, origin, expected) in [
        (etag(), allowed, Some("etag, X-Own, *")),
        (etag().allow_credentials(true), allowed, Some("etag, X-Own")),
        (listed(), allowed, Some("X-Own, ETag, *")),
        (etag(), denied, None),
        (etag(), None, None),
        (etag().merge_expose_headers(false), allowed, Some("etag")),
        (listed().merge_expose_headers(false), allowed, None),
        (public(), None, Some("X-Own, ETag, *")),
        (public().expose_headers(["*"]), denied, Some("*")),
    ] {
        let policy = config.build().unwrap();
        let mut request = RequestParts::new("GET");
        if let Some(origin) = origin {
            request = request.origin(origin);
        }
        let decision = evaluate(&policy, &request);
        let mut headers = Map::with_room(9);
        headers.fields.push((NAME, "X-Own, not valid".to_owned()));
        headers.fields.push((NAME, "ETag, x-own, *".to_owned()));
        ForwardHeaders::new(
            decision.headers(),
            &PreparedValues::from(&policy),
            |echoed| value(&request, echoed),
        )
        .apply(&mut headers);
        let values = headers.fields.iter().filter(|(name, _)| *name == NAME);
        let values: Vec<_> = values.map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, Vec::from_iter(expected), "{policy} {origin:?}");
    }
}

#[test]
fn fields_are_applied_once() {
    let mut fields = fields();
    let mut headers = Map::with_room(9);
    assert!(!fields.is_empty());
    fields.apply(&mut headers);
    assert!(fields.is_empty());
    let once = headers.clone();
    fields.apply(&mut headers);
    assert_eq!(headers, once);
    assert_eq!(headers.fields.len(), 2);
}

#[test]
fn a_map_without_room_for_vary_allows_no_origin() {
    for (room, expected) in [
        (0, &[][..]),
        (1, &["vary"]),
        (2, &["vary", "access-control-allow-origin"]),
    ] {
        let mut headers = Map::with_room(room);
        fields().apply(&mut headers);
        assert_eq!(names(&headers), expected);
    }
}

#[test]
fn a_map_without_room_for_a_name_to_vary_on_allows_no_origin() {
    for (room, expected) in [
        (0, &[][..]),
        (1, &["vary"]),
        (2, &["vary", "vary"]),
        (3, &["vary", "vary", "access-control-allow-origin"]),
    ] {
        let mut headers = Map::with_room(room);
        let mut fields = fields();
        fields.vary_on(VaryNames::default().with(["x-tenant"]));
        fields.apply(&mut headers);
        assert_eq!(names(&headers), expected);
    }
}

#[test]
fn names_are_merged_with_the_vary_of_the_policy() {
    let mut headers = Map::with_room(9);
    let mut fields = fields();
    fields.vary_on(VaryNames::default().with(["origin", "x-tenant"]));
    fields.apply(&mut headers);
    assert!(fields.is_empty());
    let vary: Vec<_> = headers.values(ResponseHeaderName::Vary).collect();
    assert_eq!(vary, [b"origin".as_slice(), b"x-tenant"]);
}

#[test]
fn without_a_policy_only_vary_is_added() {
    let mut headers = Map::with_room(9);
    let own = ("access-control-allow-origin", "*".to_owned());
    headers.fields.push(own.clone());
    let mut fields = ForwardHeaders::default();
    fields.vary_on(VaryNames::default().with(["x-tenant"]));
    assert!(!fields.is_empty());
    fields.apply(&mut headers);
    assert!(fields.is_empty());
    assert_eq!(headers.fields, [own, ("vary", "x-tenant".to_owned())]);
}

fn names(headers: &Map) -> Vec<&'static str> {
    headers.fields.iter().map(|(name, _)| *name).collect()
}
