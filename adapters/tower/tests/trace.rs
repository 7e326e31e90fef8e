//! The events that every adapter logs. One test in its own program: see `kit/tests/shared/events.rs`.
#![cfg(all(feature = "axum", feature = "tracing"))]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../../kit/tests/shared/events.rs"]
mod events;

use axum::Router;
use axum::body::Body;
use axum::routing::any;
use omnicors_tower::{
    CorsLayer, Guard, Policy, PolicyConfig, PolicyHandle, PolicySource, PreparedPolicy,
};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

struct Server {
    router: Router,
    runtime: Runtime,
}

impl events::Server for Server {
    /// The layer is in a router that is nested into another one, which removes `/api` from the path.
    fn new(policy: PolicySource) -> Self {
        let items = Router::new().route("/items", any(async || ()));
        Self {
            router: Router::new().nest("/api", items.layer(CorsLayer::new(policy))),
            runtime: Builder::new_current_thread().build().unwrap(),
        }
    }

    fn send(&self, request: &events::Request) -> u16 {
        let mut sent = http::Request::builder()
            .method(request.method)
            .uri(request.target);
        for (name, value) in &request.fields {
            sent = sent.header(*name, value);
        }
        let sent = sent.body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(sent);
        let response = self.runtime.block_on(response).unwrap();
        response.status().as_u16()
    }
}

#[test]
fn events_are_logged() {
    events::check::<Server>();
}
