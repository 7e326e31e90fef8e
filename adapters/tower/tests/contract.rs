//! The tests that every adapter passes, and a policy that needs a lookup with an adapter that has none.
#![cfg(feature = "tokio")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../kit/tests/shared/contract.rs"]
mod contract;

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse as _;
use axum::routing::any;
use http::Request;
use omnicors_tower::{
    CorsLayer, Guard, Policy, PolicyConfig, PolicyEntry, PolicyHandle, PolicySource,
    PreparedPolicy, per_host, per_path, per_request,
};
use tower::ServiceExt as _;

use contract::{Application, CACHE_CONTROL, EXPOSE_HEADERS, Response, TIMEOUT, VARY, look_up};

struct App(Router);

impl Application for App {
    async fn new(policy: PolicySource, with_lookup: bool) -> Self {
        let hello = async || {
            [
                ("cache-control", CACHE_CONTROL),
                ("vary", VARY),
                ("access-control-expose-headers", EXPOSE_HEADERS),
            ]
        };
        let router = Router::new()
            .route("/", any(hello))
            .route("/{*path}", any(hello));
        let layer = CorsLayer::new(policy);
        Self(if with_lookup {
            router.layer(layer.lookup_origins(TIMEOUT, look_up))
        } else {
            router.layer(layer)
        })
    }

    async fn send(
        &self,
        method: &'static str,
        path: &str,
        fields: &[(&'static str, String)],
    ) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in fields {
            request = request.header(*name, value);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = self.0.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Response::new(head.status.as_u16(), &head.headers).with_body(body)
    }
}

contract::tests!(
    #[tokio::test]
    App
);

#[tokio::test]
#[should_panic(expected = "call `lookup_origins(timeout, function)` on the adapter")]
async fn a_missing_lookup_panics_when_the_service_is_built() {
    App::new(contract::looking_up().into(), false).await;
}

#[tokio::test]
#[should_panic(expected = "call `lookup_origins(timeout, function)` on the adapter")]
async fn a_missing_lookup_of_an_entry_panics_when_the_service_is_built() {
    App::new(contract::choice::looking_up_for_a_path(), false).await;
}

#[tokio::test]
async fn only_the_body_of_a_rejected_request_is_replaced() {
    contract::rejection::only_the_body_of_a_rejected_request_is_replaced(async |policy| {
        let layer = CorsLayer::new(policy).on_reject(|rejection| {
            let body = contract::rejection::make_body(rejection).unwrap_or_default();
            (contract::rejection::MADE_FIELDS, body).into_response()
        });
        App(Router::new().route("/", any(async || "hello")).layer(layer))
    })
    .await;
}
