//! What goes wrong with a layer on each nested router, and what `per_path` does instead: the table in `docs/several-policies.md`.
#![cfg(feature = "axum")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Router, extract};
use omnicors_tower::{CorsLayer, PolicyConfig, PolicySource, per_path};
use tower::ServiceExt as _;

const APP: &str = "https://app.example";

fn layer(origin: &str) -> CorsLayer {
    let policy = PolicyConfig::new().allow_origins([origin]);
    CorsLayer::new(policy.allow_methods(["PUT"]).build().unwrap())
}

fn items() -> Router {
    Router::new().route("/items", get(async || "items"))
}

/// The policies of `layer`, in one layer.
fn paths() -> PolicySource {
    let policy = PolicyConfig::new().allow_origins([APP]);
    per_path([("/api", policy.allow_methods(["PUT"]).build().unwrap())])
}

/// Returns the status, and whether the page may read the response.
async fn send(app: &Router, method: &str, path: &str) -> (u16, bool) {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("origin", APP);
    if method == "OPTIONS" {
        request = request.header("access-control-request-method", "PUT");
    }
    let request = request.body(Body::empty()).unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    let allowed = response.headers().get("access-control-allow-origin");
    (
        response.status().as_u16(),
        allowed.is_some_and(|allowed| allowed == APP),
    )
}

/// A layer that responds in place of the application, as a timeout does.
async fn overloaded(_: extract::Request, _: Next) -> Response {
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

#[tokio::test]
async fn responses_from_outside_a_nested_layer_have_no_fields() {
    let nested = Router::new().nest("/api", items().layer(layer(APP)));
    let whole = Router::new()
        .nest("/api", items())
        .layer(CorsLayer::new(paths()));
    for app in [&nested, &whole] {
        assert_eq!(send(app, "GET", "/api/items").await, (200, true));
        assert_eq!(send(app, "OPTIONS", "/api/items").await, (204, true));
    }
    assert_eq!(send(&nested, "GET", "/api/typo").await, (404, false));
    assert_eq!(send(&nested, "OPTIONS", "/api/typo").await, (404, false));
    assert_eq!(send(&whole, "GET", "/api/typo").await, (404, true));

    let with_fallback = Router::new()
        .nest("/api", items().layer(layer(APP)))
        .fallback(async || (StatusCode::NOT_FOUND, "no such page"));
    assert_eq!(send(&with_fallback, "GET", "/api/typo").await, (404, false));

    let nested = nested.layer(from_fn(overloaded));
    let whole = Router::new()
        .nest("/api", items())
        .layer(from_fn(overloaded))
        .layer(CorsLayer::new(paths()));
    assert_eq!(send(&nested, "GET", "/api/items").await, (503, false));
    assert_eq!(send(&whole, "GET", "/api/items").await, (503, true));
}

#[tokio::test]
async fn a_route_layer_does_not_see_unknown_paths() {
    let app = Router::new().nest("/api", items().route_layer(layer(APP)));
    assert_eq!(send(&app, "GET", "/api/items").await, (200, true));
    assert_eq!(send(&app, "OPTIONS", "/api/items").await, (204, true));
    assert_eq!(send(&app, "GET", "/api/typo").await, (404, false));
    assert_eq!(send(&app, "OPTIONS", "/api/typo").await, (404, false));
}

/// `get(…)` does not accept `OPTIONS`.
#[tokio::test]
async fn a_route_layer_on_a_method_router_does_not_see_preflights() {
    let route = get(async || "items").route_layer(layer(APP));
    let app = Router::new().route("/items", route);
    assert_eq!(send(&app, "GET", "/items").await, (200, true));
    assert_eq!(send(&app, "OPTIONS", "/items").await, (405, false));
}

#[tokio::test]
async fn an_outer_layer_replaces_the_fields_of_an_inner_one() {
    let app = Router::new()
        .nest("/api", items().layer(layer(APP)))
        .layer(layer("https://other.example"));
    assert_eq!(send(&app, "GET", "/api/items").await, (200, false));
    assert_eq!(send(&app, "OPTIONS", "/api/items").await, (403, false));
}

#[tokio::test]
async fn a_layer_on_a_nested_router_sees_the_whole_path() {
    let app = Router::new().nest("/api", items().layer(CorsLayer::new(paths())));
    assert_eq!(send(&app, "GET", "/api/items").await, (200, true));
}
