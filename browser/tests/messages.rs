//! The messages that a developer sees when a page cannot read a response.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shared;

use bytes::Bytes;
use http::Request;
use shared::{origin_of, page, respond};

/// Returns the last line of the message about a PUT.
fn message(status: u16, headers: &[(&str, &str)]) -> String {
    let put = page().fetch("https://api.example/items").method("PUT");
    let outcome = put.send_now(&mut |request: Request<Bytes>| {
        assert_eq!(origin_of(&request), "https://app.example");
        respond(status, headers)
    });
    outcome.to_string().lines().last().unwrap().to_owned()
}

#[test]
fn a_preflight_without_cors_headers_and_with_an_error_names_the_status() {
    for (status, reason) in [
        (401, "authentication"),
        (404, "routing"),
        (405, "routing"),
        (307, "redirect"),
    ] {
        let message = message(status, &[]);
        assert!(message.contains("`Access-Control-Allow-Origin` is missing"));
        assert!(
            message.contains(&format!("`OPTIONS` got {status}")),
            "{message}"
        );
        assert!(message.contains(reason), "{message}");
    }
    assert!(!message(204, &[]).contains("OPTIONS"));
}

#[test]
fn two_cors_layers_are_named() {
    let origin = ("access-control-allow-origin", "https://app.example");
    let message = message(204, &[origin, origin]);
    assert!(message.contains("set by two CORS layers"), "{message}");
}
