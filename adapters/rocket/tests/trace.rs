//! The events that every adapter logs. One test in its own program: see `kit/tests/shared/events.rs`.
#![cfg(feature = "tracing")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../../kit/tests/shared/events.rs"]
mod events;

use omnicors_rocket::{
    Cors, Guard, Policy, PolicyConfig, PolicyHandle, PolicySource, PreparedPolicy,
};
use rocket::config::LogLevel;
use rocket::http::{Header, Method};
use rocket::local::blocking::Client;
use rocket::{Config, get, post, routes};

struct Server(Client);

#[get("/items")]
fn read() {}

#[post("/items")]
fn write() {}

impl events::Server for Server {
    fn new(policy: PolicySource) -> Self {
        let mut config = Config::release_default();
        config.log_level = LogLevel::Off;
        let rocket = rocket::custom(config)
            .mount("/api", routes![read, write])
            .attach(Cors::new(policy));
        Self(Client::untracked(rocket).unwrap())
    }

    fn send(&self, request: &events::Request) -> u16 {
        let method: Method = request.method.parse().unwrap();
        let mut sent = self.0.req(method, request.target);
        for (name, value) in &request.fields {
            sent.add_header(Header::new(*name, value.clone()));
        }
        sent.dispatch().status().code
    }
}

#[test]
fn events_are_logged() {
    events::check::<Server>();
}
