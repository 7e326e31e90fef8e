//! Tests of what `docs/migrating/poem.md` says about poem's own middleware.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use poem::middleware::Cors as PoemCors;

use super::*;

async fn send(cors: PoemCors, request: Request) -> Response {
    Route::new()
        .at("/", get(text("hello")).options(text("options")))
        .with(cors)
        .get_response(request)
        .await
}

#[tokio::test]
async fn poem_panics_if_an_origin_is_not_ascii() {
    let mut request = request("GET", "/", "");
    request.headers_mut().insert(
        "origin",
        HeaderValue::from_bytes(b"https://a\xFF.example").unwrap(),
    );
    let cors = PoemCors::new().allow_origin_regex("https://*.example");
    let response = AssertUnwindSafe(send(cors, request)).catch_unwind().await;
    assert!(response.is_err());
}

#[tokio::test]
async fn a_wildcard_of_poem_matches_delimiters() {
    let cors = || PoemCors::new().allow_origin_regex("https://*.example.com");
    for foreign in [
        "https://evil.test/?.example.com",
        "https://evil.test:1.example.com",
    ] {
        let response = send(cors(), request("GET", "/", foreign)).await;
        assert_eq!(allow_origin(response.headers()), Some(foreign));
    }
}

#[tokio::test]
async fn poem_allows_any_origin_by_default_even_with_credentials() {
    let cors = PoemCors::new().allow_credentials(true);
    let response = send(cors, request("GET", "/", DENIED)).await;
    assert_eq!(allow_origin(response.headers()), Some(DENIED));
    assert_eq!(
        response.headers()["access-control-allow-credentials"],
        "true"
    );
}

#[tokio::test]
async fn poem_rejects_same_origin_requests_if_the_origin_is_not_listed() {
    let mut own = request("POST", "/", "https://own.example");
    own.headers_mut()
        .insert("host", HeaderValue::from_static("own.example"));
    let response = send(PoemCors::new().allow_origin(ALLOWED), own).await;
    assert_eq!(response.status(), 403);
}

#[tokio::test]
async fn poem_treats_every_options_request_with_an_origin_as_a_preflight() {
    let cors = PoemCors::new().allow_origin(ALLOWED);
    let response = send(cors, request("OPTIONS", "/", ALLOWED)).await;
    assert_eq!(response.status(), 403, "the route is not reached");
}

#[tokio::test]
async fn poem_accepts_a_preflight_if_one_requested_header_is_allowed() {
    let cors = PoemCors::new().allow_origin(ALLOWED).allow_header("x-a");
    let mut request = preflight("/", ALLOWED);
    request.headers_mut().insert(
        "access-control-request-headers",
        HeaderValue::from_static("x-a,x-b"),
    );
    let response = send(cors, request).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["access-control-allow-headers"], "x-a");
}

#[tokio::test]
async fn poem_sends_no_vary_for_a_listed_origin_and_otherwise_overwrites_it() {
    let app = || make_sync(|_| "hello".with_header("vary", "accept-encoding"));
    let listed = app().with(PoemCors::new().allow_origin(ALLOWED));
    let response = listed.get_response(request("GET", "/", ALLOWED)).await;
    assert_eq!(response.headers()["vary"], "accept-encoding");
    let any = app().with(PoemCors::new());
    let response = any.get_response(request("GET", "/", ALLOWED)).await;
    assert_eq!(response.headers()["vary"], "Origin");
}

#[tokio::test]
async fn poem_keeps_some_cors_fields_of_the_application() {
    let app = make_sync(|_| "hello".with_header("access-control-allow-credentials", "true"))
        .with(PoemCors::new().allow_origin(ALLOWED));
    let response = app.get_response(request("GET", "/", ALLOWED)).await;
    assert_eq!(
        response.headers()["access-control-allow-credentials"],
        "true"
    );
}
