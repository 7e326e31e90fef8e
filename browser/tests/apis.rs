//! The APIs by which a page makes requests: what each lets the page set, and what the page gets.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod shared;

use bytes::Bytes;
use http::{Method, Request, header};
use omnicors_browser::{
    Credentials, Exchange, ExchangeKind, Fetch, Mode, NetworkError, Outcome, Page, Redirect,
    ResponseType,
};
use shared::{page, respond};

const API: &str = "https://api.example/";

/// Sends a request to a server that allows any page.
fn send(fetch: &Fetch) -> Outcome {
    fetch.send_now(&mut |_: Request<Bytes>| respond(200, &[("access-control-allow-origin", "*")]))
}

/// Returns the reason why the page cannot make a request.
fn invalid(fetch: &Fetch) -> String {
    let outcome = send(fetch);
    assert!(outcome.exchanges().is_empty(), "{outcome}");
    match outcome.result() {
        Err(NetworkError::InvalidRequest(reason)) => reason,
        _ => panic!("{outcome}"),
    }
}

/// The standard `WebSockets`, "establish a WebSocket connection": any status but 101 fails the connection.
#[test]
fn a_handshake_needs_the_status_101() {
    let socket = page().web_socket("wss://api.example/socket");
    for status in [200, 204, 304, 401, 403, 500] {
        let outcome = socket.send_now(&mut |_: Request<Bytes>| respond(status, &[]));
        assert_eq!(
            outcome.assert_blocked(),
            &NetworkError::HandshakeStatus(status)
        );
        let seen = outcome.exchanges()[0].response().unwrap().status();
        assert_eq!(seen, status);
    }
    let outcome = socket.send_now(&mut |_: Request<Bytes>| respond(101, &[]));
    assert_eq!(outcome.assert_readable().status(), 101);
}

/// Only the `Request` constructor, step 5.3, rejects a user name and a password. They are not sent.
#[test]
fn only_fetch_rejects_a_url_with_user_info() {
    const URL: &str = "https://user:password@api.example/";
    let page = page();
    invalid(&page.fetch(URL));
    for fetch in [
        page.fetch(URL).xml_http_request(),
        page.event_source(URL),
        page.image(URL),
        page.font(URL),
        page.send_beacon(URL, "text/plain", "x"),
        page.post_form(URL),
    ] {
        let outcome = send(&fetch);
        assert!(outcome.result().is_ok(), "{outcome}");
        assert_eq!(outcome.exchanges()[0].request().uri(), API);
    }
}

/// HTML, "navigate": the response is that of a new document. A link has no `Origin`, a form by POST has one: Fetch, "append a request
/// `Origin` header", step 4.
#[test]
fn the_new_document_gets_the_response_to_a_navigation() {
    for (fetch, origin) in [
        (page().navigate(API), None),
        (page().post_form(API), Some("https://app.example")),
    ] {
        let outcome = fetch.send_now(&mut |_: Request<Bytes>| respond(404, &[("x-id", "7")]));
        let response = outcome.result().unwrap();
        assert_eq!(response.response_type(), ResponseType::Document);
        assert_eq!(response.status(), 404);
        let sent = outcome.exchanges()[0].request().headers();
        assert_eq!(sent["sec-fetch-mode"], "navigate");
        assert_eq!(sent["sec-fetch-dest"], "document");
        let sent = sent.get("origin").map(|value| value.to_str().unwrap());
        assert_eq!(sent, origin);
        assert!(
            outcome.to_string().ends_with(
                "The new document gets status 404. The page that navigates cannot read the response."
            ),
            "{outcome}"
        );
    }
}

#[test]
#[should_panic(expected = "the page cannot read the response")]
fn no_page_reads_the_response_to_a_form() {
    send(&page().post_form(API)).assert_readable();
}

/// "Request class", constructor, step 17, and the values of `RequestMode`.
#[test]
fn fetch_neither_navigates_nor_opens_a_socket() {
    let navigation = invalid(&page().fetch(API).mode(Mode::Navigate));
    assert!(navigation.contains("Page::navigate"), "{navigation}");
    assert!(navigation.contains("Page::post_form"), "{navigation}");
    let socket = invalid(&page().fetch(API).mode(Mode::WebSocket));
    assert!(socket.contains("Page::web_socket"), "{socket}");
    assert!(
        send(&page().navigate(API).mode(Mode::Navigate))
            .result()
            .is_ok()
    );
}

/// HTML and Beacon: their requests have fixed methods, headers and bodies.
#[test]
fn only_fetch_chooses_the_method_and_the_headers() {
    let page = page();
    let others = [
        page.event_source(API),
        page.send_beacon(API, "text/plain", "x"),
        page.post_form(API),
        page.navigate(API),
        page.web_socket("wss://api.example/"),
        page.image(API),
        page.script(API).crossorigin(),
        page.font(API),
    ];
    for fetch in others {
        let fetch = || fetch.clone();
        for request in [
            fetch().method("PUT"),
            fetch().header("x-custom", "1"),
            fetch().header("accept", "text/html"),
            fetch().stream("x"),
            fetch().upload_listener(),
            fetch().redirect(Redirect::Manual),
            fetch().mode(Mode::SameOrigin),
        ] {
            let reason = invalid(&request);
            assert!(
                reason.contains("only `fetch()` and `XMLHttpRequest` do"),
                "{reason}"
            );
        }
    }
    for fetch in [
        page.send_beacon(API, "application/json", "{}"),
        page.post_form(API),
        page.navigate(API),
        page.web_socket("wss://api.example/"),
        page.image(API),
        page.script(API),
    ] {
        let reason = invalid(&fetch.credentials(Credentials::Omit));
        assert!(reason.contains("always has credentials"), "{reason}");
    }
    invalid(&page.image(API).body("x"));
    invalid(&page.event_source(API).header("content-type", "text/plain"));
    invalid(&page.font(API).mode(Mode::NoCors));
    let events = page.event_source(API).header("Last-Event-ID", "7");
    send(&events).assert_readable();
}

/// HTML, "form submission attributes": `enctype` has three values.
#[test]
fn the_content_type_of_a_form_is_its_enctype() {
    let form = || page().post_form(API);
    let text = form().header("Content-Type", "text/plain").body("a=b");
    let parts = form().header("content-type", "multipart/form-data; boundary=x");
    for (fetch, content_type) in [
        (form(), "application/x-www-form-urlencoded"),
        (text, "text/plain"),
        (parts, "multipart/form-data; boundary=x"),
    ] {
        let outcome = send(&fetch);
        let sent = outcome.exchanges()[0].request();
        assert_eq!(sent.method(), Method::POST);
        let values = sent.headers().get_all(header::CONTENT_TYPE);
        assert!(values.iter().eq([content_type]), "{values:?}");
    }
    let json = invalid(&form().header("content-type", "application/json"));
    assert!(json.contains("`application/json`"), "{json}");
}

/// "Headers", append, steps 3.1 to 3.4: the combined value must be safelisted, with at most 128 bytes.
#[test]
fn a_no_cors_header_is_safelisted_with_its_earlier_values() {
    let long = "a".repeat(100);
    let fetch = page().fetch(API).mode(Mode::NoCors);
    let fetch = fetch
        .header("content-language", &long)
        .header("content-language", &long)
        .header("content-language", "de")
        .header("content-type", "text/plain")
        .header("content-type", "text/plain")
        .header("x-custom", "1");
    let outcome = send(&fetch);
    let sent = outcome.exchanges()[0].request().headers();
    let languages = sent.get_all("content-language");
    assert!(languages.iter().eq([long.as_str(), "de"]), "{languages:?}");
    let types = sent.get_all("content-type");
    assert!(types.iter().eq(["text/plain"]), "{types:?}");
    assert!(!sent.contains_key("x-custom"));
}

/// "Request class", constructor, step 39.2.
#[test]
fn a_no_cors_request_cannot_send_a_stream() {
    let fetch = page().fetch(API).method("POST").mode(Mode::NoCors);
    let reason = invalid(&fetch.clone().stream("x"));
    assert!(reason.contains("stream"), "{reason}");
    assert_eq!(send(&fetch.body("x")).exchanges().len(), 1);
}

/// Beacon, "processing model", and Fetch, "HTTP-network-or-cache fetch", step 8.10.5: at most 64 KiB.
#[test]
fn a_beacon_has_at_most_64_kib() {
    let beacon = |length: usize| page().send_beacon(API, "text/plain", vec![b'x'; length]);
    assert_eq!(send(&beacon(65_536)).exchanges().len(), 1);
    let reason = invalid(&beacon(65_537));
    assert!(reason.contains("65537 bytes"), "{reason}");
}

fn has_preflight(fetch: &Fetch) -> bool {
    let outcome = send(fetch);
    let first = outcome.exchanges().first().map(Exchange::kind);
    first == Some(ExchangeKind::Preflight)
}

/// "Request class", constructor, step 39.3, and the upload listener flag of `XMLHttpRequest`.
#[test]
fn a_body_in_the_place_of_a_stream_needs_no_preflight() {
    let post = || page().fetch(API).method("POST");
    assert!(has_preflight(&post().stream("x")));
    assert!(!has_preflight(&post().stream("x").body("y")));
    assert!(has_preflight(&post().upload_listener().body("y")));
}

/// Fetch, "fetch", step 12, and "CORS-unsafe request-header names", step 5: `Accept: */*` has three of the 1024 bytes.
#[test]
fn the_limit_of_1024_bytes_includes_the_accept_of_the_browser() {
    let value = "a".repeat(127);
    for (rest, expected) in [("abcde", false), ("abcdef", true)] {
        let fetch = (0..8).fold(page().fetch(API), |fetch, _| {
            fetch.header("content-language", &value)
        });
        // 8 · 127 + 5 + 3 = 1024.
        let fetch = fetch.header("content-language", rest);
        assert_eq!(has_preflight(&fetch), expected);
        assert_eq!(!fetch.preflight_reasons().is_empty(), expected);
    }
}

/// Mixed Content, "Does settings prohibit mixed security contexts?", step 2: the ancestors count.
#[test]
fn a_sandboxed_frame_in_an_https_page_does_not_fetch_http() {
    for (embedder, url, allowed) in [
        ("https://app.example/", "http://api.example/", false),
        ("https://app.example/", "http://localhost:8080/", true),
        ("https://app.example/", "https://api.example/", true),
        ("http://app.example/", "http://api.example/", true),
    ] {
        let outcome = send(&Page::sandboxed(embedder).unwrap().fetch(url));
        if allowed {
            outcome.assert_readable();
        } else {
            assert_eq!(outcome.assert_blocked(), &NetworkError::MixedContent);
        }
    }
}
