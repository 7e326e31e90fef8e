use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use omnicors_core::PolicyConfig;

use super::*;

const ALLOWED: &str = "https://allowed.example";

fn cors(config: PolicyConfig) -> SharedPolicy {
    SharedPolicy::new(config.build().unwrap())
}

fn forward(cors: &SharedPolicy, request: &Request<()>, response: Response<()>) -> HeaderMap {
    match cors.decide(request) {
        HttpDecision::Forward(headers) => headers.onto(response).into_parts().0.headers,
        HttpDecision::Answer(answer) => panic!("{answer:?}"),
    }
}

fn answer(cors: &SharedPolicy, request: &Request<()>) -> Response<()> {
    match cors.decide(request) {
        HttpDecision::Answer(answer) => answer,
        HttpDecision::Forward(headers) => panic!("{headers:?}"),
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
        &answer(&cors, &preflight).headers()["access-control-allow-headers"],
        &names
    ));
}

#[test]
fn the_applications_own_lines_are_replaced_and_its_vary_is_kept() {
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
        "the policy does not speak of it"
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
fn a_sites_own_pages_are_never_refused() {
    let cors = cors(
        PolicyConfig::new()
            .allow_origins([ALLOWED])
            .refuse_disallowed_origins(true),
    );
    let post = |lines: &[(&'static str, &'static str)], uri: &str, version| {
        let mut request = Request::post(uri)
            .version(version)
            .header("origin", "https://own.example")
            .body(())
            .unwrap();
        for (name, value) in lines {
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
        assert_eq!(answer(&cors, &other).status(), StatusCode::FORBIDDEN);
    }
}

#[test]
fn what_the_caller_decides_counts_where_the_policy_says_so() {
    let cors = cors(
        PolicyConfig::new()
            .allow_origins([ALLOWED])
            .decide_origins_outside(true),
    );
    let request = get(HeaderValue::from_static("https://tenant.example"));
    assert_eq!(
        cors.origin_to_decide(&request).unwrap().host(),
        "tenant.example"
    );
    assert!(
        cors.origin_to_decide(&get(HeaderValue::from_static(ALLOWED)))
            .is_none()
    );
    for (verdict, allowed) in [(Some(true), true), (Some(false), false), (None, false)] {
        let HttpDecision::Forward(headers) = cors.decide_given(&request, verdict) else {
            panic!()
        };
        let response = headers.onto(Response::new(()));
        assert_eq!(
            response
                .headers()
                .contains_key("access-control-allow-origin"),
            allowed,
            "{verdict:?}"
        );
    }
}

#[test]
fn bytes_that_are_no_text_are_denied() {
    let cors = cors(PolicyConfig::new().allow_origins(["*"]));
    let headers = forward(
        &cors,
        &get(HeaderValue::from_bytes(b"https://a.\xFF").unwrap()),
        Response::new(()),
    );
    assert!(!headers.contains_key("access-control-allow-origin"));
    assert_eq!(headers["vary"], "Origin");
}

#[test]
fn a_request_is_read_from_its_parts_as_well() {
    let cors = cors(PolicyConfig::public_read_only());
    let (parts, ()) = get(HeaderValue::from_static(ALLOWED)).into_parts();
    assert_eq!(parts.method, Method::GET);
    assert!(matches!(cors.decide(&parts), HttpDecision::Forward(_)));
}
