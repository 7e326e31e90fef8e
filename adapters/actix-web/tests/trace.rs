//! The events that every adapter logs. One test in its own program: see `kit/tests/shared/events.rs`.
#![cfg(feature = "tracing")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../../kit/tests/shared/events.rs"]
mod events;

use actix_web::http::Method;
use actix_web::rt::System;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, HttpResponse, web};
use omnicors_actix_web::{
    Cors, Guard, Policy, PolicyConfig, PolicyHandle, PolicySource, PreparedPolicy,
};

struct Server(Cors);

impl events::Server for Server {
    fn new(policy: PolicySource) -> Self {
        Self(Cors::new(policy))
    }

    /// The middleware is in a scope, which matches `/api` of the path.
    fn send(&self, request: &events::Request) -> u16 {
        let method = Method::from_bytes(request.method.as_bytes()).unwrap();
        let mut sent = TestRequest::with_uri(request.target).method(method);
        for (name, value) in &request.fields {
            sent = sent.insert_header((*name, value.as_str()));
        }
        System::new().block_on(async {
            let items = web::resource("/items").to(HttpResponse::Ok);
            let scope = web::scope("/api").service(items).wrap(self.0.clone());
            let service = init_service(App::new().service(scope)).await;
            let response = call_service(&service, sent.to_request()).await;
            response.status().as_u16()
        })
    }
}

#[test]
fn events_are_logged() {
    events::check::<Server>();
}
