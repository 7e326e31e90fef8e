//! The events that every adapter logs, of a filter with a policy. One test in its own program: see `kit/tests/shared/events.rs`.
#![cfg(feature = "tracing")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../../kit/tests/shared/events.rs"]
mod events;

use omnicors_warp::{
    Cors, Guard, Policy, PolicyConfig, PolicyHandle, PolicySource, PreparedPolicy,
};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;
use warp::Filter as _;
use warp::filters::BoxedFilter;
use warp::reply::Response;

struct Server {
    filter: BoxedFilter<(Response,)>,
    runtime: Runtime,
}

impl events::Server for Server {
    /// The wrapper is inside of a filter that has matched `/api` of the path.
    fn new(policy: PolicySource) -> Self {
        let items = warp::path("items").map(warp::reply);
        let wrapped = Cors::new(policy).wrap(items);
        Self {
            filter: warp::path("api").and(wrapped).boxed(),
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
        let service = warp::service(self.filter.clone());
        let response = self.runtime.block_on(service.oneshot(sent)).unwrap();
        response.status().as_u16()
    }
}

#[test]
fn events_are_logged() {
    events::check::<Server>();
}
