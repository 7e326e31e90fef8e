//! The events that every adapter logs. One test in its own program: see `kit/tests/shared/events.rs`.
#![cfg(feature = "tracing")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../../kit/tests/shared/events.rs"]
mod events;

use omnicors_salvo::{
    Cors, Guard, Policy, PolicyConfig, PolicyHandle, PolicySource, PreparedPolicy,
};
use salvo::http::HeaderName;
use salvo::prelude::*;
use tokio::runtime::{Builder, Runtime};

struct Server {
    service: Service,
    runtime: Runtime,
}

#[handler]
async fn items() -> &'static str {
    "items"
}

impl events::Server for Server {
    /// The hoop is on a router inside of the one for `/api`.
    fn new(policy: PolicySource) -> Self {
        let items = Router::with_path("items")
            .hoop(Cors::new(policy))
            .goal(items);
        Self {
            service: Service::new(Router::with_path("api").push(items)),
            runtime: Builder::new_current_thread().build().unwrap(),
        }
    }

    fn send(&self, request: &events::Request) -> u16 {
        let mut sent = Request::new();
        *sent.method_mut() = request.method.parse().unwrap();
        *sent.uri_mut() = request.target.parse().unwrap();
        for (name, value) in &request.fields {
            let name = HeaderName::from_static(name);
            sent.headers_mut().append(name, value.parse().unwrap());
        }
        let response = self.runtime.block_on(self.service.handle(sent));
        response.status_code.map_or(0, |status| status.as_u16())
    }
}

#[test]
fn events_are_logged() {
    events::check::<Server>();
}
