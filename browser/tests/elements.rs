//! Requests that a page makes without `fetch()`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shared;

use bytes::Bytes;
use http::Request;
use omnicors_browser::{Browser, Credentials, Engine, Fetch, NetworkError, Page, RedirectFailure};
use shared::{origin_of, page, respond};

const API: &str = "https://api.example/";

/// Returns the methods that are sent, and the last request.
fn sent(fetch: &Fetch) -> (Vec<String>, Request<Bytes>) {
    let mut server = |request: Request<Bytes>| {
        let headers = [
            ("access-control-allow-origin", origin_of(&request)),
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-headers", "content-type"),
        ];
        respond(200, &headers)
    };
    let outcome = fetch.send_now(&mut server);
    assert!(outcome.result().is_ok(), "{outcome}");
    let requests = outcome.exchanges().iter();
    let methods = requests.map(|exchange| exchange.request().method().to_string());
    let last = outcome.exchanges().last().unwrap().request();
    (methods.collect(), last.clone())
}

/// <https://html.spec.whatwg.org/multipage/urls-and-fetching.html#create-a-potential-cors-request>, and Fetch Metadata.
#[test]
fn elements_send_their_destination_mode_and_credentials() {
    for (fetch, destination, mode, cookie) in [
        (page().image(API), "image", "no-cors", true),
        (page().image(API).crossorigin(), "image", "cors", false),
        (page().script(API), "script", "no-cors", true),
        (
            page()
                .script(API)
                .crossorigin()
                .credentials(Credentials::Include),
            "script",
            "cors",
            true,
        ),
        (page().font(API), "font", "cors", false),
        (page().event_source(API), "empty", "cors", false),
        (
            page().event_source(API).credentials(Credentials::Include),
            "empty",
            "cors",
            true,
        ),
        (
            page().send_beacon(API, "text/plain", "x"),
            "empty",
            "no-cors",
            true,
        ),
        (
            page().send_beacon(API, "application/json", "{}"),
            "empty",
            "cors",
            true,
        ),
    ] {
        let (_, request) = sent(&fetch.cookies("a=b"));
        let headers = request.headers();
        assert_eq!(headers["sec-fetch-dest"], destination);
        assert_eq!(headers["sec-fetch-mode"], mode, "{destination}");
        assert_eq!(
            headers.contains_key("cookie"),
            cookie,
            "{destination} {mode}"
        );
        let is_cors = mode == "cors" || request.method() == "POST";
        assert_eq!(
            headers.contains_key("origin"),
            is_cors,
            "{destination} {mode}"
        );
    }
}

/// <https://w3c.github.io/beacon/#sec-processing-model>: measured in three engines with JSON.
#[test]
fn a_beacon_is_preflighted_if_its_content_type_is_not_safelisted() {
    for (content_type, methods) in [
        ("text/plain;charset=UTF-8", &["POST"][..]),
        ("application/x-www-form-urlencoded", &["POST"]),
        ("multipart/form-data; boundary=x", &["POST"]),
        ("application/json", &["OPTIONS", "POST"]),
    ] {
        let (sent, request) = sent(&page().send_beacon(API, content_type, "body"));
        assert_eq!(sent, methods, "{content_type}");
        assert_eq!(request.headers()["content-type"], content_type);
        assert_eq!(request.body(), "body");
    }
}

/// Beacon, "processing model": only a content type that is not null makes the mode "cors", and adds `Content-Type`. Fetch, "extract a body":
/// an `ArrayBuffer` and a `Blob` without a type have none (<https://fetch.spec.whatwg.org/#concept-bodyinit-extract>).
#[test]
fn a_beacon_without_a_content_type_is_not_preflighted() {
    let (methods, request) = sent(&page().send_beacon(API, "", "bytes"));
    assert_eq!(methods, ["POST"]);
    assert!(!request.headers().contains_key("content-type"));
    assert_eq!(request.headers()["sec-fetch-mode"], "no-cors");
    assert_eq!(request.body(), "bytes");
}

/// The cache mode is "no-store"
/// (<https://html.spec.whatwg.org/multipage/server-sent-events.html#dom-eventsource>, step 11).
#[test]
fn an_event_source_is_neither_stored_nor_preflighted() {
    let fetch = page().event_source(API).header("last-event-id", "7");
    let mut browser = Browser::new(Engine::Standard);
    let mut server = |_: Request<Bytes>| {
        let headers = [
            ("cache-control", "max-age=60"),
            ("access-control-allow-origin", "*"),
        ];
        respond(200, &headers)
    };
    for _ in 0..2 {
        let outcome = browser.send_now(&fetch, &mut server);
        let [exchange] = outcome.exchanges() else {
            panic!("{outcome}")
        };
        assert!(!exchange.is_from_cache());
        let headers = exchange.request().headers();
        assert_eq!(headers["accept"], "text/event-stream");
        assert_eq!(headers["last-event-id"], "7");
        assert_eq!(headers["cache-control"], "no-cache");
    }
}

/// A handshake must reach the server, whatever is stored for its URL.
#[test]
fn a_web_socket_handshake_is_not_served_from_the_cache() {
    let mut browser = Browser::new(Engine::Standard);
    let mut server = |request: Request<Bytes>| {
        let headers = [
            ("cache-control", "max-age=60"),
            ("access-control-allow-origin", origin_of(&request)),
        ];
        respond(200, &headers)
    };
    browser
        .send_now(&page().fetch(API), &mut server)
        .assert_readable();
    let handshake = page().web_socket("wss://api.example/");
    for _ in 0..2 {
        let outcome = browser.send_now(&handshake, &mut server);
        assert!(!outcome.exchanges()[0].is_from_cache());
    }
}

/// [Establish a WebSocket connection](https://websockets.spec.whatwg.org/#concept-websocket-establish): the redirect mode is
/// "error" and the cache mode is "no-store".
#[test]
fn a_web_socket_handshake_is_not_redirected() {
    for location in ["/other", "https://other.example/"] {
        let mut server = |request: Request<Bytes>| {
            assert_eq!(request.uri(), "https://api.example/socket");
            assert_eq!(request.headers()["cache-control"], "no-cache");
            respond(302, &[("location", location)])
        };
        let socket = page().web_socket("wss://api.example/socket");
        let outcome = socket.send_now(&mut server);
        let failure = NetworkError::Redirect(RedirectFailure::NotAllowed);
        assert_eq!(outcome.assert_blocked(), &failure);
        assert_eq!(outcome.exchanges().len(), 1);
    }
}

#[test]
fn pages_and_workers_of_data_urls_send_null() {
    for page in [
        Page::new("data:text/html,page").unwrap(),
        Page::new("data:text/javascript,worker").unwrap(),
        Page::opaque(),
    ] {
        let (_, request) = sent(&page.fetch(API));
        assert_eq!(request.headers()["origin"], "null");
        assert_eq!(request.headers()["sec-fetch-site"], "cross-site");
    }
}

/// `fetch()` does not open sockets.
#[test]
fn only_a_handshake_may_have_the_scheme_ws() {
    let mut server = |_: Request<Bytes>| respond(200, &[("access-control-allow-origin", "*")]);
    for url in ["ws://api.example/", "wss://api.example/"] {
        let outcome = page().fetch(url).send_now(&mut server);
        assert!(
            matches!(outcome.result(), Err(NetworkError::NotHttp(_))),
            "{outcome}"
        );
    }
    let outcome = page()
        .web_socket("wss://api.example/")
        .send_now(&mut server);
    let sent = outcome.exchanges()[0].request();
    assert_eq!(sent.uri(), "https://api.example/");
    assert_eq!(sent.headers()["cache-control"], "no-cache");
    let outcome = page()
        .web_socket("ftp://api.example/")
        .send_now(&mut server);
    assert_eq!(
        outcome.result().unwrap_err(),
        NetworkError::NotHttp("ftp".to_owned())
    );
}
