//! Tests of behaviour that is specific to this adapter. The tests of all frameworks together are in the package
//! `omnicors-tests`.

use std::convert::Infallible;
#[cfg(feature = "tokio")]
use std::sync::Arc;
#[cfg(feature = "tokio")]
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::{HeaderMap, Request, Response, StatusCode};
use tower::{ServiceExt as _, service_fn};
use tower_layer::Layer as _;
use tower_service::Service;

use super::*;

mod any_body;
mod migrating;
#[cfg(feature = "tokio")]
mod readiness;

const ALLOWED: &str = "https://allowed.example";

fn policy() -> PolicyConfig {
    PolicyConfig::new()
        .allow_origins([ALLOWED])
        .allow_methods(["PUT"])
}

fn request(method: &str, path: &str, origin: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("origin", origin)
        .body(Body::empty())
        .unwrap()
}

fn preflight(path: &str, origin: &str) -> Request<Body> {
    let mut request = request("OPTIONS", path, origin);
    request
        .headers_mut()
        .insert("access-control-request-method", "PUT".parse().unwrap());
    request
}

fn allow_origin(headers: &HeaderMap) -> Option<&str> {
    Some(
        headers
            .get("access-control-allow-origin")?
            .to_str()
            .unwrap(),
    )
}

async fn send<S>(service: S, request: Request<Body>) -> Response<Body>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    service.oneshot(request).await.unwrap()
}

#[tokio::test]
async fn an_error_of_the_inner_service_is_returned() {
    let app =
        CorsLayer::new(policy().build().unwrap()).layer(service_fn(|_: Request<Body>| async {
            Err::<Response<Body>, _>("broken")
        }));
    assert_eq!(
        app.oneshot(request("GET", "/", ALLOWED)).await.unwrap_err(),
        "broken"
    );
}

#[tokio::test]
async fn a_response_without_a_policy_is_not_changed() {
    let own_field = [("access-control-allow-origin", "https://own.example")];
    let app = Router::new()
        .route("/", get(move || async move { own_field }))
        .layer(CorsLayer::new(per_request(|_| None)));
    let response = send(app, request("GET", "/", ALLOWED)).await;
    assert_eq!(
        allow_origin(response.headers()),
        Some("https://own.example")
    );
    assert!(!response.headers().contains_key("vary"));
}

#[test]
fn a_cloned_service_shares_the_policy() {
    let service = CorsLayer::new(policy().build().unwrap()).layer(());
    let clone = service.clone();
    let head = Request::new(());
    let [one, other] = [service, clone].map(|service| {
        service
            .source
            .choose(&RequestHead::from(&head))
            .policy
            .unwrap()
    });
    assert!(std::ptr::eq(one.policy(), other.policy()));
}
