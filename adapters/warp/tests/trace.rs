//! The events that every adapter logs, of a service with a policy. One test in its own program: see `kit/tests/shared/events.rs`.
#![cfg(feature = "tracing")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../../kit/tests/shared/events.rs"]
mod events;

use std::convert::Infallible;

use omnicors_warp::{
    Cors, Guard, Policy, PolicyConfig, PolicyHandle, PolicySource, PreparedPolicy,
};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;
use tower::util::BoxCloneService;
use warp::Filter as _;
use warp::reply::Response;

struct Server {
    service: BoxCloneService<http::Request<String>, Response, Infallible>,
    runtime: Runtime,
}

impl events::Server for Server {
    fn new(policy: PolicySource) -> Self {
        let items = warp::path!("api" / "items").map(warp::reply);
        Self {
            service: BoxCloneService::new(Cors::new(policy).service(items)),
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
        let sent = sent.body(String::new()).unwrap();
        let response = self.service.clone().oneshot(sent);
        self.runtime.block_on(response).unwrap().status().as_u16()
    }
}

#[test]
fn events_are_logged() {
    events::check::<Server>();
}
