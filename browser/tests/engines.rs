//! The differences between engines that were measured with Chromium 156, Firefox ESR 153.7 and WebKitGTK 2.50.6.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use omnicors_browser::{Browser, Credentials, Engine, Fetch, Page};

const PAGE: &str = "https://app.example";
const API: &str = "https://api.example/items";

fn page() -> Page {
    Page::new(PAGE).unwrap()
}

/// A server that sends the same headers with every response.
fn server(
    headers: &'static [(&'static str, &'static str)],
) -> impl FnMut(Request<Bytes>) -> Response<&'static str> {
    move |_| {
        let mut response = Response::new("");
        for (name, value) in headers {
            response.headers_mut().append(*name, value.parse().unwrap());
        }
        response
    }
}

/// The methods that an engine sends for fetches that follow each other.
fn sent(
    engine: Engine,
    fetches: &[Fetch],
    headers: &'static [(&'static str, &'static str)],
) -> String {
    let mut browser = Browser::new(engine);
    let mut server = server(headers);
    let mut methods = Vec::new();
    for fetch in fetches {
        let outcome = browser.send_now(fetch, &mut server);
        methods.extend(
            outcome
                .exchanges()
                .iter()
                .map(|exchange| exchange.request().method().to_string()),
        );
    }
    methods.join(" ")
}

fn assert_sent(
    fetches: &[Fetch],
    headers: &'static [(&'static str, &'static str)],
    expected: [(Engine, &str); 4],
) {
    for (engine, methods) in expected {
        assert_eq!(sent(engine, fetches, headers), methods, "{engine}");
    }
}

#[test]
fn a_wildcard_allows_authorization_in_every_engine_but_not_in_the_standard() {
    let fetch = page().fetch(API).header("authorization", "Bearer x");
    assert_sent(
        &[fetch],
        &[
            ("access-control-allow-origin", "*"),
            ("access-control-allow-headers", "*"),
        ],
        [
            (Engine::Standard, "OPTIONS"),
            (Engine::Chromium, "OPTIONS GET"),
            (Engine::Firefox, "OPTIONS GET"),
            (Engine::WebKit, "OPTIONS GET"),
        ],
    );
}

#[test]
fn engines_combine_the_values_of_a_repeated_header_before_they_check_its_length() {
    let value = "a".repeat(100);
    let fetch = page()
        .fetch(API)
        .header("content-language", &value)
        .header("content-language", &value);
    assert_sent(
        &[fetch],
        &[
            ("access-control-allow-origin", "*"),
            ("access-control-allow-headers", "*"),
        ],
        [
            (Engine::Standard, "GET"),
            (Engine::Chromium, "OPTIONS GET"),
            (Engine::Firefox, "OPTIONS GET"),
            (Engine::WebKit, "OPTIONS GET"),
        ],
    );
}

#[test]
fn after_an_error_firefox_and_the_standard_send_a_new_preflight() {
    for (engine, expected) in [
        (Engine::Standard, "OPTIONS PUT PUT OPTIONS OPTIONS"),
        (Engine::Chromium, "OPTIONS PUT PUT PUT PUT"),
        (Engine::Firefox, "OPTIONS PUT PUT OPTIONS OPTIONS"),
        (Engine::WebKit, "OPTIONS PUT PUT PUT PUT"),
    ] {
        let mut browser = Browser::new(engine);
        let put = page().fetch(API).method("PUT");
        let mut methods = Vec::new();
        for allowed in [true, false, false, false] {
            let mut server = server(if allowed {
                &[
                    ("access-control-allow-origin", "*"),
                    ("access-control-allow-methods", "PUT"),
                    ("access-control-max-age", "60"),
                ]
            } else {
                &[]
            });
            let outcome = browser.send_now(&put, &mut server);
            methods.extend(
                outcome
                    .exchanges()
                    .iter()
                    .map(|exchange| exchange.request().method().to_string()),
            );
        }
        assert_eq!(methods.join(" "), expected, "{engine}");
    }
}

#[test]
fn engines_store_the_method_of_an_upload_although_it_is_not_listed() {
    let upload = page().fetch(API).method("POST").body("x").upload_listener();
    assert_sent(
        &[upload.clone(), upload.clone(), upload],
        &[
            ("access-control-allow-origin", "*"),
            ("access-control-allow-methods", "PUT"),
        ],
        [
            (Engine::Standard, "OPTIONS POST OPTIONS POST OPTIONS POST"),
            (Engine::Chromium, "OPTIONS POST POST POST"),
            (Engine::Firefox, "OPTIONS POST POST POST"),
            (Engine::WebKit, "OPTIONS POST POST POST"),
        ],
    );
}

#[test]
fn an_upload_is_stored_when_no_method_is_listed() {
    let upload = page().fetch(API).method("POST").body("x").upload_listener();
    for engine in Engine::ALL {
        let methods = sent(
            engine,
            &[upload.clone(), upload.clone()],
            &[("access-control-allow-origin", "*")],
        );
        assert_eq!(methods, "OPTIONS POST POST", "{engine}");
    }
}

#[test]
fn firefox_stores_a_wildcard_for_one_method() {
    assert_sent(
        &[
            page().fetch(API).method("PUT"),
            page().fetch(API).method("DELETE"),
        ],
        &[
            ("access-control-allow-origin", "*"),
            ("access-control-allow-methods", "*"),
        ],
        [
            (Engine::Standard, "OPTIONS PUT DELETE"),
            (Engine::Chromium, "OPTIONS PUT DELETE"),
            (Engine::Firefox, "OPTIONS PUT OPTIONS DELETE"),
            (Engine::WebKit, "OPTIONS PUT DELETE"),
        ],
    );
}

#[test]
fn firefox_keeps_preflights_with_and_without_credentials_apart() {
    let put = page().fetch(API).method("PUT");
    assert_sent(
        &[
            put.clone().credentials(Credentials::Include),
            put.credentials(Credentials::Omit),
        ],
        &[
            ("access-control-allow-origin", PAGE),
            ("access-control-allow-methods", "PUT"),
            ("access-control-allow-credentials", "true"),
        ],
        [
            (Engine::Standard, "OPTIONS PUT PUT"),
            (Engine::Chromium, "OPTIONS PUT PUT"),
            (Engine::Firefox, "OPTIONS PUT OPTIONS PUT"),
            (Engine::WebKit, "OPTIONS PUT PUT"),
        ],
    );
}

#[test]
fn the_longest_max_age_differs() {
    for (engine, after_606, after_86_401) in [
        (Engine::Standard, 1, 1),
        (Engine::Chromium, 1, 2),
        (Engine::Firefox, 1, 2),
        (Engine::WebKit, 2, 2),
    ] {
        for (seconds, expected) in [(606, after_606), (86_401, after_86_401)] {
            let mut browser = Browser::new(engine);
            let mut server = server(&[
                ("access-control-allow-origin", "*"),
                ("access-control-allow-methods", "PUT"),
                ("access-control-max-age", "100000"),
            ]);
            let put = page().fetch(API).method("PUT");
            let _ = browser.send_now(&put, &mut server);
            browser.advance(Duration::from_secs(seconds));
            assert_eq!(
                browser.send_now(&put, &mut server).exchanges().len(),
                expected,
                "{engine} {seconds}"
            );
        }
    }
}

/// Without `Access-Control-Max-Age`, a preflight is kept for 5 seconds. With 0, it is not kept.
#[test]
fn the_default_max_age_is_5_seconds() {
    let put = page().fetch(API).method("PUT");
    for (headers, at_4, at_5) in [
        (
            &[
                ("access-control-allow-origin", "*"),
                ("access-control-allow-methods", "PUT"),
            ][..],
            1,
            2,
        ),
        (
            &[
                ("access-control-allow-origin", "*"),
                ("access-control-allow-methods", "PUT"),
                ("access-control-max-age", "0"),
            ][..],
            2,
            2,
        ),
    ] {
        for (seconds, expected) in [(4, at_4), (5, at_5)] {
            let mut browser = Browser::default();
            let mut server = server(headers);
            let _ = browser.send_now(&put, &mut server);
            browser.advance(Duration::from_secs(seconds));
            assert_eq!(
                browser.send_now(&put, &mut server).exchanges().len(),
                expected
            );
        }
    }
}

#[test]
fn chromium_does_not_follow_a_redirect_with_user_info_within_the_origin() {
    for engine in Engine::ALL {
        let mut server = |request: Request<Bytes>| {
            let redirects = request.uri().path() == "/";
            Response::builder()
                .status(if redirects { 302 } else { 200 })
                .header("location", "https://user:password@app.example/end")
                .body("")
                .unwrap()
        };
        let fetch = page().fetch("https://app.example/");
        let outcome = Browser::new(engine).send_now(&fetch, &mut server);
        let follows = engine != Engine::Chromium;
        assert_eq!(outcome.result().is_ok(), follows, "{engine}");
    }
}

#[test]
fn the_fetch_metadata_of_a_web_socket_differ() {
    for (engine, destination) in [
        (Engine::Standard, Some("empty")),
        (Engine::Chromium, None),
        (Engine::Firefox, Some("empty")),
        (Engine::WebKit, Some("websocket")),
    ] {
        let socket = page().web_socket("wss://api.example/socket");
        let outcome = Browser::new(engine).send_now(&socket, &mut server(&[]));
        let headers = outcome.exchanges()[0].request().headers();
        assert_eq!(headers["origin"], PAGE, "{engine}");
        for (name, value) in [
            ("sec-fetch-dest", destination),
            ("sec-fetch-mode", destination.map(|_| "websocket")),
            ("sec-fetch-site", destination.map(|_| "cross-site")),
        ] {
            let sent = headers.get(name).map(|sent| sent.to_str().unwrap());
            assert_eq!(sent, value, "{engine} {name}");
        }
    }
}

#[test]
fn webkit_follows_the_redirect_of_a_web_socket_with_the_origin_of_the_page() {
    for engine in Engine::ALL {
        for location in ["end", "https://other.example/end"] {
            let mut server = |request: Request<Bytes>| {
                let redirects = request.uri().path() == "/socket";
                Response::builder()
                    .status(if redirects { 302 } else { 101 })
                    .header("location", location)
                    .body("")
                    .unwrap()
            };
            let socket = page().web_socket("wss://api.example/socket");
            let outcome = Browser::new(engine).send_now(&socket, &mut server);
            let follows = engine == Engine::WebKit;
            assert_eq!(outcome.result().is_ok(), follows, "{engine} {location}");
            assert_eq!(outcome.exchanges().len(), if follows { 2 } else { 1 });
            for exchange in outcome.exchanges() {
                assert_eq!(exchange.request().headers()["origin"], PAGE);
            }
        }
    }
}

#[test]
fn webkit_omits_fetch_metadata_after_a_redirect_to_another_origin() {
    for engine in Engine::ALL {
        for (location, has) in [
            ("https://api.example/end", true),
            ("https://other.example/end", engine != Engine::WebKit),
        ] {
            let mut server = |request: Request<Bytes>| {
                let redirects = request.uri().path() == "/items";
                Response::builder()
                    .status(if redirects { 302 } else { 200 })
                    .header("location", location)
                    .header("access-control-allow-origin", "*")
                    .body("")
                    .unwrap()
            };
            let outcome = Browser::new(engine).send_now(&page().fetch(API), &mut server);
            let last = outcome.exchanges().last().unwrap().request();
            let sent = last.headers().contains_key("sec-fetch-site");
            assert_eq!(sent, has, "{engine} {location}");
        }
    }
}

#[test]
fn webkit_blocks_mixed_content_on_loopback() {
    for engine in Engine::ALL {
        let mut server = server(&[("access-control-allow-origin", "*")]);
        for (url, readable) in [
            ("http://localhost:8080/", engine != Engine::WebKit),
            ("http://api.example/", false),
            ("https://localhost:8443/", true),
        ] {
            let outcome = Browser::new(engine).send_now(&page().fetch(url), &mut server);
            assert_eq!(outcome.result().is_ok(), readable, "{engine} {url}");
        }
    }
}
