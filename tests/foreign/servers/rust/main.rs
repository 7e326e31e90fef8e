//! Rust servers with the CORS middleware of other projects: `SERVER`, `CONFIGURATION` and `ALLOWED` say which one. It prints its port.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a server that cannot start must end with a message"
)]

mod actix_cors;
mod application;
mod poem;
mod rocket_cors;
mod salvo_cors;
mod tower_http;
mod warp;

use std::env;
use std::net::{Ipv4Addr, TcpListener};

/// A configuration of `catalog`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Configuration {
    Default,
    Right,
    Mistake,
    Dangerous,
}

fn main() {
    let variable = |name: &str| env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let configuration = match variable("CONFIGURATION").as_str() {
        "default" => Configuration::Default,
        "right" => Configuration::Right,
        "mistake" => Configuration::Mistake,
        "dangerous" => Configuration::Dangerous,
        other => panic!("{other} is not a configuration"),
    };
    let allowed = variable("ALLOWED");
    match variable("SERVER").as_str() {
        "actix-cors" => actix_cors::serve(configuration, allowed),
        "poem" => on_tokio(|listener| poem::serve(configuration, allowed, listener)),
        "rocket-cors" => on_tokio(|listener| {
            // Rocket binds a port itself.
            drop(listener);
            rocket_cors::serve(configuration, allowed)
        }),
        "salvo-cors" => on_tokio(|listener| salvo_cors::serve(configuration, allowed, listener)),
        "tower-http" => on_tokio(|listener| tower_http::serve(configuration, allowed, listener)),
        "warp" => on_tokio(|listener| warp::serve(configuration, allowed, listener)),
        other => panic!("{other} is not a server"),
    }
}

/// Binds a port of the loopback address.
fn bind() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port")
}

/// Prints the port.
fn announce(port: u16) {
    println!("port {port}");
}

fn on_tokio<F: Future<Output = ()>>(serve: impl FnOnce(tokio::net::TcpListener) -> F) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = bind();
        listener.set_nonblocking(true).expect("an option");
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
        serve(listener).await;
    });
}

/// Prints the port of a listener.
fn announce_listener(listener: &tokio::net::TcpListener) {
    let address = listener.local_addr().expect("a bound socket has one");
    announce(address.port());
}
