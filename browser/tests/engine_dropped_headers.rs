//! The headers that engines send and name in preflights after a redirect has dropped some of them, which were measured with Chromium
//! 156, Firefox ESR 153.7 and WebKitGTK 2.50.6.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shared;

use bytes::Bytes;
use http::Request;
use omnicors_browser::{Browser, Engine, Fetch};
use shared::{origin_of, page, respond};

const PAGE: &str = "https://app.example/";
const API: &str = "https://api.example/";

/// Returns `Access-Control-Request-Headers`, or `Authorization` and `Content-Type`, of each request.
fn names(engine: Engine, fetch: &Fetch, redirects: &[(u16, &'static str)]) -> String {
    let mut redirects = redirects.iter();
    let mut server = |request: Request<Bytes>| {
        let allow = [
            ("access-control-allow-origin", origin_of(&request)),
            ("access-control-allow-methods", "PATCH"),
            (
                "access-control-allow-headers",
                "authorization, content-type",
            ),
        ];
        if request.method() == "OPTIONS" {
            return respond(204, &allow);
        }
        match redirects.next() {
            Some(&(status, location)) => {
                respond(status, &[&allow[..], &[("location", location)]].concat())
            }
            None => respond(200, &allow),
        }
    };
    let outcome = Browser::new(engine).send_now(fetch, &mut server);
    outcome.assert_readable();
    let mut lines = Vec::new();
    for exchange in outcome.exchanges() {
        let headers = exchange.request().headers();
        let mut names: Vec<&str> = ["authorization", "content-type"].into();
        names.retain(|name| headers.contains_key(*name));
        if let Some(requested) = headers.get("access-control-request-headers") {
            names.extend(requested.to_str().unwrap().split(','));
        }
        lines.push(format!(
            "{} {}",
            exchange.request().method(),
            names.join("+")
        ));
    }
    lines.join(", ")
}

fn assert_names(fetch: &Fetch, redirects: &[(u16, &'static str)], expected: [(Engine, &str); 4]) {
    for (engine, expected) in expected {
        assert_eq!(names(engine, fetch, redirects), expected, "{engine}");
    }
}

#[test]
fn firefox_and_webkit_send_a_preflight_although_a_redirect_drops_the_headers_that_need_it() {
    let fetch = page().fetch(PAGE).method("POST");
    assert_names(
        &fetch.clone().header("content-type", "application/json"),
        &[(303, API)],
        [
            (Engine::Standard, "POST content-type, GET "),
            (Engine::Chromium, "POST content-type, GET "),
            (Engine::Firefox, "POST content-type, OPTIONS , GET "),
            (
                Engine::WebKit,
                "POST content-type, OPTIONS content-type, GET ",
            ),
        ],
    );
    assert_names(
        &fetch.header("authorization", "Bearer x"),
        &[(307, API)],
        [
            (Engine::Standard, "POST authorization, POST "),
            (Engine::Chromium, "POST authorization, POST "),
            (Engine::Firefox, "POST authorization, OPTIONS , POST "),
            (
                Engine::WebKit,
                "POST authorization, OPTIONS authorization, POST ",
            ),
        ],
    );
    // Neither the headers nor the method after the redirect need a preflight.
    let fetch = page().fetch(PAGE).method("PATCH");
    for engine in Engine::ALL {
        assert_eq!(
            names(engine, &fetch, &[(303, API)]),
            "PATCH , GET ",
            "{engine}"
        );
    }
}

#[test]
fn firefox_sends_the_headers_that_a_redirect_has_dropped_again_after_another_redirect() {
    let fetch = page().fetch(API).method("PATCH");
    let fetch = fetch
        .header("authorization", "Bearer x")
        .header("content-type", "application/json");
    let both = "authorization+content-type";
    assert_names(
        &fetch,
        &[(303, "https://other.example/b"), (307, "/c")],
        [
            (
                Engine::Standard,
                &format!("OPTIONS {both}, PATCH {both}, GET , GET "),
            ),
            (
                Engine::Chromium,
                &format!("OPTIONS {both}, PATCH {both}, GET , GET "),
            ),
            (
                Engine::Firefox,
                &format!(
                    "OPTIONS {both}, PATCH {both}, OPTIONS , GET , OPTIONS {both}, GET {both}"
                ),
            ),
            (
                Engine::WebKit,
                &format!(
                    "OPTIONS {both}, PATCH {both}, OPTIONS {both}, GET , OPTIONS {both}, GET "
                ),
            ),
        ],
    );
}
