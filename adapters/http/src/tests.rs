use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use omnicors_core::{Origin, PolicyConfig};

use super::*;
use crate::decision::{self, evaluate_always, prepared_response};
use crate::request::Fields;

const ALLOWED: &str = "https://allowed.example";

fn cors(config: PolicyConfig) -> Arc<PreparedPolicy> {
    PreparedPolicy::shared(config.build().unwrap())
}

fn forward(policy: &PreparedPolicy, request: &Request<()>, response: Response<()>) -> HeaderMap {
    match decide(policy, request) {
        HttpDecision::Forward(mut fields) => {
            let mut headers = response.into_parts().0.headers;
            fields.apply(&mut headers);
            headers
        }
        HttpDecision::Respond(response) => panic!("{response:?}"),
    }
}

fn respond(policy: &PreparedPolicy, request: &Request<()>) -> Response<()> {
    match decide(policy, request) {
        HttpDecision::Respond(response) => response,
        HttpDecision::Forward(fields) => panic!("{fields:?}"),
    }
}

fn get(origin: HeaderValue) -> Request<()> {
    Request::get("/").header("origin", origin).body(()).unwrap()
}

#[test]
fn values_are_cloned_and_not_copied() {
    let config = PolicyConfig::new()
        .allow_origins([ALLOWED])
        .expose_headers(["x-a"])
        .allow_credentials(true);
    let cors = cors(config.allow_headers(["*"]).max_age(None));
    let origin = HeaderValue::from_str(ALLOWED).unwrap();
    let headers = forward(&cors, &get(origin.clone()), Response::new(()));
    let is_same =
        |one: &HeaderValue, other: &HeaderValue| std::ptr::eq(one.as_bytes(), other.as_bytes());
    assert!(is_same(&headers["access-control-allow-origin"], &origin));
    let again = forward(&cors, &get(origin.clone()), Response::new(()));
    assert!(is_same(
        &headers["access-control-expose-headers"],
        &again["access-control-expose-headers"]
    ));

    let names = HeaderValue::from_str("x-long-enough,x-not-to-be-inlined").unwrap();
    let preflight = Request::options("/")
        .header("origin", origin)
        .header("access-control-request-method", "PUT")
        .header("access-control-request-headers", names.clone())
        .body(())
        .unwrap();
    assert!(is_same(
        &respond(&cors, &preflight).headers()["access-control-allow-headers"],
        &names
    ));
}

/// Each decision is made in the quick way, and by an evaluation. With the feature `metrics`, requests are always evaluated, so the functions
/// are called themselves.
#[test]
fn a_prepared_decision_is_that_of_an_evaluation() {
    const OTHER: &str = "https://other.example";
    let with = || {
        PolicyConfig::new()
            .allow_origins([ALLOWED, OTHER])
            .allow_methods(["PUT"])
    };
    let one = || PolicyConfig::new().allow_origins([ALLOWED]);
    let mut prepared = 0;
    for config in [
        with(),
        with()
            .allow_credentials(true)
            .allow_headers(["x-a"])
            .expose_headers(["x-b"])
            .preflight_status(200)
            .max_age(None)
            .allow_private_network(true)
            .timing_allow_origin(true),
        one().static_origin(true).timing_allow_origin(true),
        one().allow_origins_if(|origin| origin.as_str() == OTHER),
        one().guard(Guard::All).allow_methods(["*"]),
        one().merge_expose_headers(true),
        one().forward_preflights(true),
        one().allow_hosts(["api.example"]),
        one().guard(Guard::All).guard_report_only(true),
        one()
            .allow_others_without_credentials(true)
            .allow_credentials(true),
        PolicyConfig::new()
            .allow_origins(["*"])
            .preflight_status(299),
        PolicyConfig::new().allow_origins(["https://*.example"]),
        PolicyConfig::new()
            .allow_origins(["*"])
            .allow_credentials(true)
            .dangerously_allow_any_origin_with_credentials(true),
    ] {
        let policy = cors(config);
        for method in [Method::OPTIONS, Method::GET, Method::POST] {
            for origins in [
                &[][..],
                &[ALLOWED],
                &[OTHER],
                &["null"],
                &["https://x.test"],
                &[OTHER, ALLOWED],
            ] {
                for methods in [&[][..], &["PUT"], &["PUT", "PUT"]] {
                    let mut request = Request::new(());
                    *request.method_mut() = method.clone();
                    for origin in origins {
                        let value = HeaderValue::from_static(origin);
                        request.headers_mut().append("origin", value);
                    }
                    for method in methods {
                        let value = HeaderValue::from_static(method);
                        let name = "access-control-request-method";
                        request.headers_mut().append(name, value);
                    }
                    let head = RequestHead::from(&request);
                    let fields = Fields::new(&head);
                    let quick = match policy.outline(method.as_str(), &fields, None) {
                        Some(outline) => Some(decision::forward(&policy, &fields, *outline)),
                        None => prepared_response(&policy, &fields).map(HttpDecision::Respond),
                    };
                    let Some(quick) = quick else { continue };
                    prepared += 1;
                    let evaluated = evaluate_always(&policy, &Fields::new(&head), None);
                    assert_eq!(
                        parts(quick),
                        parts(evaluated),
                        "{request:?} {:?}",
                        policy.policy()
                    );
                }
            }
        }
    }
    assert!(prepared > 200, "{prepared}");
}

/// Returns the status of a response, if there is one, and the fields.
fn parts(decision: HttpDecision) -> (Option<StatusCode>, HeaderMap) {
    match decision {
        HttpDecision::Forward(mut fields) => {
            let mut headers = HeaderMap::new();
            fields.apply(&mut headers);
            (None, headers)
        }
        HttpDecision::Respond(response) => (Some(response.status()), response.headers().clone()),
    }
}

#[test]
fn cors_fields_of_the_application_are_replaced_and_its_vary_is_kept() {
    let application = || {
        Response::builder()
            .header("access-control-allow-origin", "https://own.example")
            .header("access-control-allow-origin", "https://other.example")
            .header("access-control-allow-credentials", "true")
            .header("access-control-max-age", "5")
            .header("timing-allow-origin", "*")
            .header("vary", "accept-encoding")
            .body(())
            .unwrap()
    };
    let cors = cors(PolicyConfig::new().allow_origins([ALLOWED]));
    let headers = forward(
        &cors,
        &get(HeaderValue::from_static(ALLOWED)),
        application(),
    );
    assert_eq!(
        headers
            .get_all("access-control-allow-origin")
            .iter()
            .collect::<Vec<_>>(),
        [ALLOWED]
    );
    assert!(!headers.contains_key("access-control-allow-credentials"));
    assert!(!headers.contains_key("access-control-max-age"));
    assert_eq!(
        headers["timing-allow-origin"], "*",
        "the policy does not set it"
    );
    assert_eq!(
        headers.get_all("vary").iter().collect::<Vec<_>>(),
        ["accept-encoding", "Origin"]
    );

    let cors = self::cors(
        PolicyConfig::new()
            .allow_origins([ALLOWED])
            .timing_allow_origin(true),
    );
    let headers = forward(
        &cors,
        &get(HeaderValue::from_static("https://denied.example")),
        application(),
    );
    assert!(!headers.contains_key("access-control-allow-origin"));
    assert!(!headers.contains_key("timing-allow-origin"));
}

#[test]
fn same_origin_requests_are_not_rejected() {
    let cors = cors(
        PolicyConfig::new()
            .allow_origins([ALLOWED])
            .guard(Guard::All),
    );
    let post = |fields: &[(&'static str, &'static str)], uri: &str, version| {
        let mut request = Request::post(uri)
            .version(version)
            .header("origin", "https://own.example")
            .body(())
            .unwrap();
        for (name, value) in fields {
            request
                .headers_mut()
                .append(*name, HeaderValue::from_static(value));
        }
        request
    };
    for own in [
        post(&[("host", "own.example")], "/", Version::HTTP_11),
        post(&[], "https://own.example/", Version::HTTP_2),
        post(
            &[("host", "own.example")],
            "https://own.example/",
            Version::HTTP_2,
        ),
        post(&[("sec-fetch-site", "same-origin")], "/", Version::HTTP_11),
    ] {
        forward(&cors, &own, Response::new(()));
    }
    for other in [
        post(&[("host", "api.example")], "/", Version::HTTP_11),
        post(&[], "/", Version::HTTP_11),
        post(
            &[("host", "own.example"), ("sec-fetch-site", "cross-site")],
            "/",
            Version::HTTP_11,
        ),
    ] {
        assert_eq!(respond(&cors, &other).status(), StatusCode::FORBIDDEN);
    }
}

/// A denied preflight gets 403 without a guard as well.
#[test]
fn nothing_is_rejected_if_the_guard_only_reports() {
    for (report_only, status, is_rejected) in [(false, 421, true), (true, 403, false)] {
        let config = PolicyConfig::new()
            .allow_origins([ALLOWED])
            .guard(Guard::All);
        let config = config.allow_hosts(["api.test"]);
        let policy = cors(config.guard_report_only(report_only));
        let preflight = Request::options("/")
            .header("origin", "https://denied.example")
            .header("access-control-request-method", "PUT")
            .header("host", "other.test");
        let decision = decide(&policy, &preflight.body(()).unwrap());
        assert_eq!(decision.rejection().is_some(), is_rejected);
        let HttpDecision::Respond(response) = decision else {
            panic!("{decision:?}")
        };
        assert_eq!(response.status(), status);
    }
}

#[test]
fn the_result_of_a_lookup_allows_or_denies_the_origin() {
    let cors = cors(
        PolicyConfig::new()
            .allow_origins([ALLOWED])
            .lookup_origins(true),
    );
    let request = get(HeaderValue::from_static("https://tenant.example"));
    let origin = |origin: &Origin<'_>| origin.as_str().to_owned();
    let started = start_lookup(&cors, &request, origin);
    assert_eq!(started.as_deref(), Some("https://tenant.example"));
    let listed = get(HeaderValue::from_static(ALLOWED));
    assert_eq!(start_lookup(&cors, &listed, origin), None);
    for (result, allowed) in [
        (Some(LookupResult::Allowed), true),
        (Some(LookupResult::NotAllowed), false),
        (Some(LookupResult::Failed), false),
        (Some(LookupResult::TimedOut), false),
        (None, false),
    ] {
        let HttpDecision::Forward(mut fields) = decide_with_result(&cors, &request, result) else {
            panic!()
        };
        let mut headers = HeaderMap::new();
        fields.apply(&mut headers);
        assert_eq!(
            headers.contains_key("access-control-allow-origin"),
            allowed,
            "{result:?}"
        );
    }
}

#[test]
fn an_origin_that_is_not_ascii_is_denied() {
    let cors = cors(PolicyConfig::new().allow_origins(["https://*.example"]));
    let origin = HeaderValue::from_bytes(b"https://a.\xFF.example").unwrap();
    let headers = forward(&cors, &get(origin), Response::new(()));
    assert!(!headers.contains_key("access-control-allow-origin"));
    assert_eq!(headers["vary"], "Origin");
}

#[test]
fn a_static_policy_sends_the_same_fields_for_every_origin() {
    let cors = cors(PolicyConfig::new().allow_origins(["*"]));
    let not_ascii = HeaderValue::from_bytes(b"https://a.\xFF").unwrap();
    let mut repeated = get(HeaderValue::from_static(ALLOWED));
    let other = HeaderValue::from_static("https://other.example");
    repeated.headers_mut().append("origin", other);
    for request in [Request::new(()), get(not_ascii), repeated] {
        let headers = forward(&cors, &request, Response::new(()));
        assert_eq!(headers["access-control-allow-origin"], "*");
        assert!(!headers.contains_key("vary"));
    }
}

#[test]
fn a_request_can_be_converted_from_http_parts() {
    let cors = cors(PolicyConfig::public_read_only());
    let (parts, ()) = get(HeaderValue::from_static(ALLOWED)).into_parts();
    assert_eq!(parts.method, Method::GET);
    assert!(matches!(decide(&cors, &parts), HttpDecision::Forward(_)));
}
