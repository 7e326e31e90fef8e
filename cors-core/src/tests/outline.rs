//! What adapters keep of a response while the application runs.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::response::echoing;
use crate::adapter::{
    ResponseOutline, expose_headers_merge, merged_expose_headers, other_echoed_fields,
    preflight_fields, prepared_values,
};
use crate::tests::{everything, everything_with_credentials, get, preflight};
use crate::{
    FieldValue, HeaderField, Policy, PolicyConfig, RequestParts, ResponseHeaderName, evaluate,
};

#[test]
fn the_fields_for_adapters_add_up_to_the_response() {
    let sorted = |mut fields: Vec<String>| {
        fields.sort();
        fields
    };
    for policy in [
        everything(["*"]),
        everything(["https://a.test"]),
        everything_with_credentials(["https://a.test"]),
        everything_static("https://a.test"),
        echoing(),
        with_others(),
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
            let all = sorted(texts(headers));
            assert_eq!(sorted(texts_of_outline(&policy, &request)), all);
            let is_echoed = |field: &HeaderField<'_>| matches!(field.value, FieldValue::Echo(..));
            let is_allowed = decision.origin_status() == crate::OriginStatus::Allowed;
            if decision.kind() == crate::RequestKind::Preflight && is_allowed {
                let mut split = texts(headers.iter().filter(is_echoed));
                split.extend(preflight_fields(&policy).iter().map(ToString::to_string));
                assert_eq!(sorted(split), all);
            }
        }
    }
}

fn texts<'a>(fields: impl IntoIterator<Item = HeaderField<'a>>) -> Vec<String> {
    let texts = fields.into_iter().map(|field| field.to_string());
    texts.collect()
}

fn everything_static(origin: &str) -> Policy {
    let config = everything([origin]).config();
    config.static_origin(true).build().unwrap()
}

fn with_others() -> Policy {
    let config = echoing()
        .config()
        .timing_allow_origin(true)
        .expose_headers(["etag"]);
    config
        .allow_others_without_credentials(true)
        .build()
        .unwrap()
}

#[test]
fn the_exposed_names_of_the_application_are_merged_only_for_an_allowed_origin() {
    let config = PolicyConfig::new().allow_origin("https://a.example");
    let config = config.expose_headers(["etag"]);
    let application = [b"X-Total, ETag".as_slice()];
    let merged = |config: PolicyConfig, origin: &str| {
        let policy = config.build().unwrap();
        let request = RequestParts::new("GET").origin(origin);
        let decision = evaluate(&policy, &request);
        let headers = decision.headers();
        assert_eq!(
            expose_headers_merge(headers),
            ResponseOutline::of(headers).expose_headers_merge()
        );
        merged_expose_headers(headers, application)
    };
    let merging = config.clone().merge_expose_headers(true);
    assert_eq!(
        merged(merging.clone(), "https://a.example").as_deref(),
        Some("etag, X-Total")
    );
    assert_eq!(merged(merging, "https://b.example"), None);
    assert_eq!(merged(config.clone(), "https://a.example"), None);
    // With credentials, browsers read `*` as a name.
    let any = |config: PolicyConfig| {
        let policy = config.merge_expose_headers(true).build().unwrap();
        let request = RequestParts::new("GET").origin("https://a.example");
        merged_expose_headers(evaluate(&policy, &request).headers(), [b"*".as_slice()])
    };
    assert_eq!(any(config.clone()).as_deref(), Some("etag, *"));
    assert_eq!(any(config.allow_credentials(true)), None);
}

/// Returns the fields of a response, as an adapter that keeps only the outline and the values creates them.
fn texts_of_outline(policy: &Policy, request: &RequestParts<'_>) -> Vec<String> {
    let decision = evaluate(policy, request);
    let headers = decision.headers();
    let outline = ResponseOutline::of(headers);
    assert!(!outline.is_empty());
    assert_eq!(outline.echoes_origin(), outline.origin_fields().count() > 0);
    assert_eq!(outline.needs_policy(), outline.policy_fields().count() > 0);
    for name in ResponseHeaderName::ALL {
        assert_eq!(outline.removes(name), headers.removed().contains(&name));
    }
    let mut all: Vec<String> = outline
        .constant_fields()
        .map(|field| field.to_string())
        .collect();
    let origin = request.origin_field().once().unwrap_or_default();
    let origin = String::from_utf8(origin.to_vec()).unwrap();
    all.extend(
        outline
            .origin_fields()
            .map(|name| format!("{name}: {origin}")),
    );
    for name in outline.policy_fields() {
        let (_, value) = prepared_values(policy)
            .find(|(other, _)| *other == name)
            .unwrap();
        all.push(format!("{name}: {value}"));
    }
    all.extend(texts(other_echoed_fields(headers).into_iter().flatten()));
    all
}

#[test]
fn an_outline_that_changes_nothing_is_empty() {
    let outline = ResponseOutline::default();
    assert!(outline.is_empty() && !outline.echoes_origin() && !outline.needs_policy());
    assert_eq!(format!("{outline:?}"), "{}");
    let policy = PolicyConfig::new().allow_origin("*").build().unwrap();
    let decision = evaluate(&policy, &RequestParts::new("GET"));
    let outline = ResponseOutline::of(decision.headers());
    assert_eq!(format!("{outline:?}"), "{\"access-control-allow-origin\"}");
}
