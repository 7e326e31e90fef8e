//! The events that every adapter logs. One test in its own program: see `kit/tests/shared/events.rs`.
#![cfg(feature = "tracing")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../../kit/tests/shared/events.rs"]
mod events;

use omnicors_http::{
    Guard, HttpDecision, Policy, PolicyConfig, PolicyHandle, PolicySource, PreparedPolicy,
    decide_by_source,
};

struct Server(PolicySource);

impl events::Server for Server {
    fn new(policy: PolicySource) -> Self {
        Self(policy)
    }

    fn send(&self, request: &events::Request) -> u16 {
        let mut sent = http::Request::builder()
            .method(request.method)
            .uri(request.target);
        for (name, value) in &request.fields {
            sent = sent.header(*name, value);
        }
        match decide_by_source(&self.0, &sent.body(()).unwrap()) {
            HttpDecision::Forward(_) => 200,
            HttpDecision::Respond(response) => response.status().as_u16(),
        }
    }
}

#[test]
fn events_are_logged() {
    events::check::<Server>();
}
