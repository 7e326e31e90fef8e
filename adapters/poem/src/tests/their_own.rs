//! What poem's own middleware does, and this one does not: what `docs/migrating/poem.md` says of it.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use poem::middleware::Cors as TheirOwn;

use super::*;

async fn ask(cors: TheirOwn, request: Request) -> Response {
    Route::new()
        .at("/", get(text("hello")).options(text("options")))
        .with(cors)
        .get_response(request)
        .await
}

#[tokio::test]
async fn an_origin_that_is_not_text_makes_it_panic() {
    let mut request = request("GET", "/", "");
    request.headers_mut().insert(
        "origin",
        HeaderValue::from_bytes(b"https://a\xFF.example").unwrap(),
    );
    let cors = TheirOwn::new().allow_origin_regex("https://*.example");
    let asked = AssertUnwindSafe(ask(cors, request)).catch_unwind().await;
    assert!(asked.is_err());
}

#[tokio::test]
async fn a_wildcard_matches_across_delimiters() {
    let cors = || TheirOwn::new().allow_origin_regex("https://*.example.com");
    for foreign in [
        "https://evil.test/?.example.com",
        "https://evil.test:1.example.com",
    ] {
        let response = ask(cors(), request("GET", "/", foreign)).await;
        assert_eq!(allow_origin(response.headers()), Some(foreign));
    }
}

#[tokio::test]
async fn nothing_said_allows_everything_and_may_do_so_with_credentials() {
    let cors = TheirOwn::new().allow_credentials(true);
    let response = ask(cors, request("GET", "/", DENIED)).await;
    assert_eq!(allow_origin(response.headers()), Some(DENIED));
    assert_eq!(
        response.headers()["access-control-allow-credentials"],
        "true"
    );
}

#[tokio::test]
async fn an_origin_that_is_not_allowed_gets_403_even_on_the_sites_own_pages() {
    let mut own = request("POST", "/", "https://own.example");
    own.headers_mut()
        .insert("host", HeaderValue::from_static("own.example"));
    let response = ask(TheirOwn::new().allow_origin(ALLOWED), own).await;
    assert_eq!(response.status(), 403);
}

#[tokio::test]
async fn every_options_request_with_an_origin_is_taken_for_a_preflight() {
    let cors = TheirOwn::new().allow_origin(ALLOWED);
    let response = ask(cors, request("OPTIONS", "/", ALLOWED)).await;
    assert_eq!(response.status(), 403, "the route is not reached");
}

#[tokio::test]
async fn one_header_that_is_allowed_lets_all_that_are_asked_for_pass_its_check() {
    let cors = TheirOwn::new().allow_origin(ALLOWED).allow_header("x-a");
    let mut asked = preflight("/", ALLOWED);
    asked.headers_mut().insert(
        "access-control-request-headers",
        HeaderValue::from_static("x-a,x-b"),
    );
    let response = ask(cors, asked).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["access-control-allow-headers"], "x-a");
}

#[tokio::test]
async fn vary_is_missing_for_a_listed_origin_and_else_overwritten() {
    let app = || make_sync(|_| "hello".with_header("vary", "accept-encoding"));
    let listed = app().with(TheirOwn::new().allow_origin(ALLOWED));
    let response = listed.get_response(request("GET", "/", ALLOWED)).await;
    assert_eq!(response.headers()["vary"], "accept-encoding");
    let any = app().with(TheirOwn::new());
    let response = any.get_response(request("GET", "/", ALLOWED)).await;
    assert_eq!(response.headers()["vary"], "Origin");
}

#[tokio::test]
async fn some_cors_fields_of_the_application_survive() {
    let app = make_sync(|_| "hello".with_header("access-control-allow-credentials", "true"))
        .with(TheirOwn::new().allow_origin(ALLOWED));
    let response = app.get_response(request("GET", "/", ALLOWED)).await;
    assert_eq!(
        response.headers()["access-control-allow-credentials"],
        "true"
    );
}
