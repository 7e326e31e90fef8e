//! The events that every adapter logs. One test in its own program: see `kit/tests/shared/events.rs`.
#![cfg(feature = "tracing")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../../kit/tests/shared/events.rs"]
mod events;

use std::sync::Arc;

use omnicors_salvo::{
    Cors, Guard, Policy, PolicyConfig, PolicyHandle, PolicySource, PreparedPolicy,
};
use salvo::http::HeaderName;
use salvo::prelude::{Depot, FlowCtrl, Request, Response, handler};
use tokio::runtime::{Builder, Runtime};

struct Server {
    cors: Cors,
    runtime: Runtime,
}

#[handler]
async fn hello() -> &'static str {
    "hello"
}

impl events::Server for Server {
    /// Routers of salvo do not change the path.
    fn new(policy: PolicySource) -> Self {
        Self {
            cors: Cors::new(policy),
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
        let mut response = Response::new();
        let mut control = FlowCtrl::new(vec![Arc::new(self.cors.clone()), Arc::new(hello)]);
        let mut depot = Depot::new();
        let responded = control.call_next(&mut sent, &mut depot, &mut response);
        self.runtime.block_on(responded);
        response.status_code.map_or(200, |status| status.as_u16())
    }
}

#[test]
fn events_are_logged() {
    events::check::<Server>();
}
