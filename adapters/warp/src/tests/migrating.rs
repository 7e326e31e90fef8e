//! Tests of each difference that `docs/migrating/warp.md` lists. Each request is sent to both: `theirs` is
//! `warp::cors`, `ours` is this crate's.

use std::convert::Infallible;

use http::{HeaderValue, Request, Response};
use tower::ServiceExt as _;
use warp::{Filter, Rejection, Reply};

use crate::{Cors, PolicyConfig};

const ALLOWED: &str = "https://allowed.example";
const DENIED: &str = "https://denied.example";

fn routes()
-> impl Filter<Extract = (impl Reply + use<>,), Error = Rejection> + Clone + Send + Sync + 'static {
    warp::path::end().map(|| "ran")
}

/// Sends a request to a filter with each CORS, with the same settings.
async fn send_to_both(request: Request<String>) -> [Response<hyper::body::Bytes>; 2] {
    let theirs = warp::cors()
        .allow_origin(ALLOWED)
        .allow_methods(["GET", "PUT"])
        .allow_header("x-token")
        .expose_header("x-request-id");
    let ours = PolicyConfig::new()
        .allow_origins([ALLOWED])
        .allow_methods(["PUT"])
        .allow_headers(["x-token"])
        .expose_headers(["x-request-id"]);
    let theirs = warp::service(routes().with(theirs));
    let ours = Cors::new(ours.build().unwrap()).service(routes());
    let Ok(theirs) = theirs.oneshot(request.clone()).await;
    let Ok(ours) = ours.oneshot(request).await;
    [read(theirs).await, read(ours).await]
}

async fn read(response: warp::reply::Response) -> Response<hyper::body::Bytes> {
    use http_body_util::BodyExt as _;
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
}

fn request(method: &str, fields: &[(&'static str, &'static str)]) -> Request<String> {
    let mut request = Request::new(String::new());
    *request.method_mut() = method.parse().unwrap();
    for (name, value) in fields {
        request
            .headers_mut()
            .append(*name, HeaderValue::from_static(value));
    }
    request
}

fn preflight(method: &'static str, names: &'static str) -> Request<String> {
    let mut request = request(
        "OPTIONS",
        &[
            ("origin", ALLOWED),
            ("access-control-request-method", method),
        ],
    );
    if !names.is_empty() {
        let names = HeaderValue::from_static(names);
        request
            .headers_mut()
            .insert("access-control-request-headers", names);
    }
    request
}

fn statuses<B>(responses: &[Response<B>; 2]) -> [u16; 2] {
    responses.each_ref().map(|one| one.status().as_u16())
}

/// Returns whether each response has a field with this name.
fn have<B>(responses: &[Response<B>; 2], name: &str) -> [bool; 2] {
    responses
        .each_ref()
        .map(|one| one.headers().contains_key(name))
}

#[tokio::test]
async fn warp_rejects_requests_from_origins_that_are_not_listed() {
    // Browsers send `Origin` with a same-origin POST as well.
    let own = [
        ("origin", "https://own.example"),
        ("host", "own.example"),
        ("sec-fetch-site", "same-origin"),
    ];
    for request in [request("GET", &[("origin", DENIED)]), request("POST", &own)] {
        let both = send_to_both(request).await;
        assert_eq!(statuses(&both), [403, 200]);
        assert_eq!(both[1].body(), "ran");
        assert_eq!(have(&both, "access-control-allow-origin"), [false, false]);
    }
}

#[tokio::test]
async fn warp_adds_no_headers_to_a_rejection() {
    let mut request = request("GET", &[("origin", ALLOWED)]);
    *request.uri_mut() = "/missing".parse().unwrap();
    let both = send_to_both(request).await;
    assert_eq!(statuses(&both), [404, 404]);
    assert_eq!(have(&both, "access-control-allow-origin"), [false, true]);
}

#[tokio::test]
async fn warp_does_not_send_vary() {
    for request in [
        request("GET", &[("origin", ALLOWED)]),
        request("GET", &[]),
        preflight("PUT", ""),
    ] {
        assert_eq!(have(&send_to_both(request).await, "vary"), [false, true]);
    }
}

#[tokio::test]
async fn warp_rejects_preflights_for_safelisted_and_unlisted_methods() {
    for (method, names, theirs) in [
        ("PUT", "x-token", 200),
        // Always allowed by Fetch.
        ("POST", "", 403),
        ("PUT", "content-language", 403),
        // Not allowed by the policy.
        ("DELETE", "", 403),
        ("PUT", "x-other", 403),
    ] {
        let both = send_to_both(preflight(method, names)).await;
        assert_eq!(statuses(&both), [theirs, 204], "{method} {names}");
        let value = |name| both[1].headers()[name].to_str().unwrap();
        assert_eq!(
            value("access-control-allow-methods"),
            "GET, HEAD, POST, PUT"
        );
        assert_eq!(value("access-control-allow-headers"), "x-token");
    }
    let both = send_to_both(preflight("PUT", "x-token")).await;
    assert_eq!(have(&both, "access-control-expose-headers"), [true, false]);
    assert_eq!(have(&both, "access-control-max-age"), [false, true]);
}

#[tokio::test]
async fn warp_adds_no_headers_to_options_requests_that_are_not_preflights() {
    let both = send_to_both(request("OPTIONS", &[("origin", ALLOWED)])).await;
    assert_eq!(statuses(&both), [200, 200]);
    assert_eq!(have(&both, "access-control-allow-origin"), [false, true]);
}

#[tokio::test]
async fn warp_reads_the_first_of_two_origins() {
    let both = send_to_both(request("GET", &[("origin", ALLOWED), ("origin", DENIED)])).await;
    assert_eq!(statuses(&both), [200, 200]);
    assert_eq!(have(&both, "access-control-allow-origin"), [true, false]);
}

#[tokio::test]
async fn warp_accepts_any_origin_with_credentials() {
    let theirs = warp::service(routes().with(warp::cors().allow_credentials(true)));
    let Ok::<_, Infallible>(theirs) = theirs.oneshot(request("GET", &[("origin", DENIED)])).await;
    let headers = theirs.headers();
    assert_eq!(headers["access-control-allow-origin"], DENIED);
    assert_eq!(headers["access-control-allow-credentials"], "true");

    let any = PolicyConfig::new().allow_origins(["*"]);
    assert!(any.allow_credentials(true).build().is_err());
    assert!(PolicyConfig::new().build().is_err(), "no origin at all");
}

#[tokio::test]
async fn warp_accepts_an_origin_that_no_browser_sends() {
    let theirs = warp::cors().allow_origin("https://Allowed.example");
    let theirs = warp::service(routes().with(theirs));
    let Ok(theirs) = theirs.oneshot(request("GET", &[("origin", ALLOWED)])).await;
    assert_eq!(theirs.status(), 403);

    let error = PolicyConfig::new()
        .allow_origins(["https://Allowed.example"])
        .build()
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("write `https://allowed.example`")
    );
}

#[tokio::test]
async fn warp_adds_no_headers_to_a_recovered_rejection() {
    let sorry = |_: Rejection| std::future::ready(Ok::<_, Infallible>("sorry"));
    let theirs = warp::cors().allow_origin(ALLOWED);
    let theirs = warp::service(routes().with(theirs).recover(sorry));
    let ours = PolicyConfig::new().allow_origins([ALLOWED]);
    let ours = Cors::new(ours.build().unwrap()).service(routes().recover(sorry));
    let mut request = request("GET", &[("origin", ALLOWED)]);
    *request.uri_mut() = "/missing".parse().unwrap();
    let Ok(theirs) = theirs.oneshot(request.clone()).await;
    let Ok(ours) = ours.oneshot(request).await;
    let both = [theirs, ours];
    assert_eq!(statuses(&both), [200, 200]);
    assert_eq!(have(&both, "access-control-allow-origin"), [false, true]);
}

#[test]
fn warp_panics_for_an_invalid_method() {
    std::panic::catch_unwind(|| warp::cors().allow_method("no method")).unwrap_err();
    let config = PolicyConfig::new().allow_origins([ALLOWED]);
    assert!(config.allow_methods(["no method"]).build().is_err());
}
