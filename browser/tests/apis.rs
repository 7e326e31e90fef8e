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

/// `WebSockets`, constructor: a URL whose fragment is non-null throws a `SyntaxError`, also if the fragment is empty
/// (<https://websockets.spec.whatwg.org/#dom-websocket-websocket>).
#[test]
fn the_url_of_a_web_socket_has_no_fragment() {
    for url in ["wss://api.example/socket#a", "wss://api.example/socket#"] {
        let reason = invalid(&page().web_socket(url));
        assert!(reason.contains("cannot have a fragment"), "{reason}");
    }
    let socket = page().web_socket("wss://api.example/socket?a");
    let outcome = socket.send_now(&mut |_: Request<Bytes>| respond(101, &[]));
    outcome.assert_readable();
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

/// HTML and Beacon: their requests have fixed methods, headers and bodies. An `XMLHttpRequest` chooses them, but no mode and no redirect mode.
#[test]
fn only_fetch_chooses_the_method_and_the_headers() {
    const BOTH: &str = "only `fetch()` and `XMLHttpRequest` do";
    const FETCH: &str = "only `fetch()` does";
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
        for (request, who) in [
            (fetch().method("PUT"), BOTH),
            (fetch().header("x-custom", "1"), BOTH),
            (fetch().header("accept", "text/html"), BOTH),
            (fetch().stream("x"), FETCH),
            (fetch().upload_listener(), "only `XMLHttpRequest` does"),
            (fetch().redirect(Redirect::Manual), FETCH),
            (fetch().mode(Mode::SameOrigin), FETCH),
        ] {
            let reason = invalid(&request);
            assert!(reason.ends_with(who), "{reason}");
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

/// `EventSource` and CSS Fonts: the credentials mode is "same-origin" or "include". So it is with `crossorigin`: HTML, "CORS settings
/// attributes" (<https://html.spec.whatwg.org/multipage/urls-and-fetching.html#cors-settings-attributes>).
#[test]
fn only_fetch_omits_credentials() {
    let page = page();
    for fetch in [
        page.event_source(API),
        page.font(API),
        page.image(API).crossorigin(),
        page.script(API).crossorigin(),
    ] {
        let reason = invalid(&fetch.clone().credentials(Credentials::Omit));
        assert!(
            reason.contains("the credentials mode `omit`; only `fetch()` does"),
            "{reason}"
        );
        for credentials in [Credentials::SameOrigin, Credentials::Include] {
            let outcome = send(&fetch.clone().credentials(credentials));
            assert_eq!(outcome.exchanges().len(), 1, "{outcome}");
        }
    }
    send(&page.fetch(API).credentials(Credentials::Omit)).assert_readable();
}

/// `XMLHttpRequest`, `send()`: the mode is "cors", redirects are followed, and `withCredentials` chooses between two credentials modes
/// (<https://xhr.spec.whatwg.org/#the-send()-method>).
#[test]
fn an_xml_http_request_has_neither_the_modes_nor_the_streams_of_fetch() {
    let fetch = || page().fetch(API).method("POST");
    for (fetch, what) in [
        (fetch().mode(Mode::NoCors), "the mode"),
        (fetch().mode(Mode::SameOrigin), "the mode"),
        (fetch().redirect(Redirect::Manual), "the redirect mode"),
        (fetch().redirect(Redirect::Error), "the redirect mode"),
        (fetch().stream("x"), "a body that is a stream"),
        (
            fetch().credentials(Credentials::Omit),
            "the credentials mode `omit`",
        ),
    ] {
        assert_eq!(
            invalid(&fetch.xml_http_request()),
            format!("an `XMLHttpRequest` does not let the page set {what}; only `fetch()` does")
        );
    }
    // The order of the settings is not important.
    invalid(&fetch().xml_http_request().mode(Mode::NoCors));
    let request = fetch().mode(Mode::Cors).redirect(Redirect::Follow);
    let request = request.credentials(Credentials::SameOrigin).body("x");
    send(&request.xml_http_request()).assert_readable();
}

/// `XMLHttpRequest`, `setRequestHeader()`: "Combine (name, value) in this's author request headers"
/// (<https://xhr.spec.whatwg.org/#the-setrequestheader()-method>).
#[test]
fn an_xml_http_request_combines_repeated_headers_before_they_are_safelisted() {
    let long = "a".repeat(100);
    for (first, second, has_preflight) in [("one", "two", false), (&*long, &*long, true)] {
        let fetch = page().fetch(API).header("Content-Language", first);
        let fetch = fetch.header("content-language", second);
        let sent = |fetch: &Fetch| {
            let allowed = [
                ("access-control-allow-origin", "*"),
                ("access-control-allow-headers", "*"),
            ];
            let outcome = fetch.send_now(&mut |_: Request<Bytes>| respond(200, &allowed));
            let last = outcome.exchanges().last().unwrap().request().headers();
            let values = last.get_all("content-language").iter();
            let values = values.map(|value| value.to_str().unwrap().to_owned());
            (outcome.exchanges().len(), values.collect::<Vec<_>>())
        };
        assert_eq!(sent(&fetch), (1, vec![first.to_owned(), second.to_owned()]));
        let request = fetch.xml_http_request();
        let count = 1 + usize::from(has_preflight);
        assert_eq!(sent(&request), (count, vec![format!("{first}, {second}")]));
        assert_eq!(request.preflight_reasons().is_empty(), !has_preflight);
    }
}

/// `XMLHttpRequest`, `send()`, step 3, and Fetch, "Request class", constructor, step 35.
#[test]
fn with_get_and_head_fetch_rejects_a_body_and_an_xml_http_request_ignores_it() {
    for method in ["GET", "HEAD", "get"] {
        let fetch = page().fetch(API).method(method).body("x");
        let reason = invalid(&fetch);
        assert!(reason.contains("GET and HEAD"), "{reason}");
        let outcome = send(&fetch.xml_http_request());
        let sent = outcome.exchanges()[0].request();
        assert!(sent.body().is_empty());
        assert!(!sent.headers().contains_key("content-length"));
    }
    let post = page().fetch(API).method("POST").body("x");
    let outcome = send(&post.xml_http_request());
    assert_eq!(outcome.exchanges()[0].request().body(), "x");
}

/// HTML, "reestablish the connection": the last event ID string is encoded as UTF-8
/// (<https://html.spec.whatwg.org/multipage/server-sent-events.html#reestablish-the-connection>). `Headers` takes byte strings.
#[test]
fn the_last_event_id_is_sent_as_utf_8() {
    for id in ["7", "\u{e9}", "\u{65e5}"] {
        let outcome = send(&page().event_source(API).header("Last-Event-ID", id));
        let sent = outcome.exchanges()[0].request().headers();
        assert_eq!(sent["last-event-id"].as_bytes(), id.as_bytes());
    }
    let outcome = send(&page().fetch(API).header("accept", "\u{e9}"));
    let sent = outcome.exchanges()[0].request().headers();
    assert_eq!(sent["accept"].as_bytes(), b"\xe9");
    invalid(&page().fetch(API).header("accept", "\u{65e5}"));
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
