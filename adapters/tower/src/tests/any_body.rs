//! Tests of response bodies with `Default`, without `Default`, and with `EmptyBody`.

use std::pin::pin;

use axum::body::Bytes;
use http_body::Body as _;
use http_body_util::combinators::{BoxBody, UnsyncBoxBody};
use http_body_util::{BodyExt as _, Empty, Full};

use super::*;

/// A body without `Default`.
#[derive(Debug, PartialEq)]
struct Text(&'static str);

impl EmptyBody for Text {
    fn empty() -> Self {
        Self("")
    }
}

/// A body without `Default` and without `EmptyBody`, as from another crate.
#[derive(Debug, PartialEq)]
struct Foreign(&'static str);

#[test]
fn common_bodies_can_be_empty() {
    fn can_be_empty<B: EmptyBody>() {}
    can_be_empty::<Body>();
    can_be_empty::<BoxBody<Bytes, Infallible>>();
    can_be_empty::<UnsyncBoxBody<Bytes, Infallible>>();
    can_be_empty::<Full<Bytes>>();
    can_be_empty::<Empty<Bytes>>();
    can_be_empty::<OptionalBody<Foreign>>();
    can_be_empty::<String>();
    can_be_empty::<()>();
}

#[tokio::test]
async fn a_body_that_implements_empty_body_is_used_for_preflights() {
    let app = CorsLayer::new(policy().build().unwrap()).layer(service_fn(async |_| {
        Ok::<_, Infallible>(Response::new(Text("hello")))
    }));
    let response = app.clone().oneshot(request("GET", "/", ALLOWED)).await;
    assert_eq!(*response.unwrap().body(), Text("hello"));
    let response = app.oneshot(preflight("/", ALLOWED)).await.unwrap();
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(*response.body(), Text(""));
}

#[tokio::test]
async fn a_layer_for_any_body_returns_the_body_of_the_inner_service_or_none() {
    let layer = CorsLayer::new(policy().build().unwrap()).for_any_body();
    let app = layer.layer(service_fn(async |_| {
        Ok::<_, Infallible>(Response::new(Foreign("hello")))
    }));
    for origin in [ALLOWED, "https://denied.example"] {
        let response = app.clone().oneshot(request("GET", "/", origin)).await;
        let response = response.unwrap();
        let is_allowed = origin == ALLOWED;
        assert_eq!(allow_origin(response.headers()).is_some(), is_allowed);
        assert_eq!(response.into_body().into_inner(), Some(Foreign("hello")));
        let response = app.clone().oneshot(preflight("/", origin)).await.unwrap();
        assert_eq!(allow_origin(response.headers()).is_some(), is_allowed);
        assert!(response.into_body().into_inner().is_none());
    }
}

#[tokio::test]
async fn an_error_of_a_service_with_any_body_is_returned() {
    let layer = CorsLayer::new(policy().build().unwrap()).for_any_body();
    let app = layer.layer(service_fn(async |_| Err::<Response<Foreign>, _>("broken")));
    let error = app.oneshot(request("GET", "/", ALLOWED)).await.unwrap_err();
    assert_eq!(error, "broken");
}

#[tokio::test]
async fn an_optional_body_delegates_to_its_body() {
    let body = OptionalBody::new(Full::new(Bytes::from_static(b"hello")));
    assert_eq!(body.size_hint().exact(), Some(5));
    assert!(!body.is_end_stream());
    assert_eq!(body.collect().await.unwrap().to_bytes(), "hello");

    let body = OptionalBody::<Full<Bytes>>::default();
    assert_eq!(body.size_hint().exact(), Some(0));
    assert!(body.is_end_stream());
    let mut body = pin!(body);
    assert!(body.frame().await.is_none());
}

/// axum accepts every body that implements `http_body::Body`.
#[tokio::test]
async fn a_router_accepts_a_layer_for_any_body() {
    let app = Router::new()
        .route("/", get(async || "hello"))
        .layer(CorsLayer::new(policy().build().unwrap()).for_any_body());
    let response = send(app, request("GET", "/", ALLOWED)).await;
    assert_eq!(allow_origin(response.headers()), Some(ALLOWED));
    let body = response.into_body().collect().await.unwrap();
    assert_eq!(body.to_bytes(), "hello");
}
