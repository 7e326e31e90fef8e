//! Audits of servers that respond to any `Host`, and of servers that do not.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::{Request, Response};
use omnicors_core::PolicyConfig;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::command::{findings, json};
use crate::server::Running;
use crate::sites::APP;

/// Returns the severity of the finding about hosts.
fn severity(audit: &Value) -> Option<String> {
    let about_hosts = |(id, severity)| (id == "any-host").then_some(severity);
    findings(audit).into_iter().find_map(about_hosts)
}

fn notes(audit: &Value) -> String {
    audit["notes"].to_string()
}

fn audit_of(
    respond: impl Fn(&Request<Body>) -> Response<Body> + Clone + Send + Sync + 'static,
) -> Value {
    let (server, _) = Running::recording(respond);
    json(&[&server.url("/"), "--audit"]).1
}

fn host(request: &Request<Body>) -> String {
    let host = request.headers()["host"].to_str().unwrap();
    host.to_owned()
}

/// Returns true if the request is for the name of the server.
fn is_own(request: &Request<Body>) -> bool {
    host(request).starts_with("127.0.0.1:")
}

fn response(status: u16, body: impl Into<Body>) -> Response<Body> {
    let response = Response::builder().status(status);
    response.body(body.into()).unwrap()
}

#[test]
fn a_policy_with_allow_hosts_has_no_finding_and_one_without_has() {
    let listed = PolicyConfig::with_cookies([APP]);
    let open = PolicyConfig::new()
        .allow_origins(["*"])
        .allow_methods(["*"])
        .allow_headers(["*", "authorization"]);
    for (config, expected) in [
        (listed.clone(), Some("medium")),
        (listed.allow_loopback_hosts(), None),
        (PolicyConfig::public_read_only(), Some("medium")),
        // Pages of any site can do everything without DNS rebinding.
        (open, Some("info")),
    ] {
        let layer = omnicors_tower::CorsLayer::new(config.build().unwrap());
        let router = Router::new().route("/", get(|| async { "hello" }));
        let server = Running::router(router.layer(layer));
        let (_, audit) = json(&[&server.url("/"), "--audit"]);
        assert_eq!(severity(&audit).as_deref(), expected, "{audit:#}");

        let exchanges = audit["exchanges"].as_array().unwrap();
        let last = exchanges.last().unwrap();
        let status = if expected.is_some() { 200 } else { 421 };
        assert_eq!(last["response"]["status"], status, "{last:#}");
        let url = last["url"].as_str().unwrap();
        assert!(url.starts_with("http://omnicors-audit.example:"), "{url}");
    }
}

#[test]
fn a_server_that_rejects_other_hosts_in_another_way_has_no_finding() {
    for status in [400, 403, 404, 421, 503] {
        let audit = audit_of(move |request| {
            let status = if is_own(request) { 200 } else { status };
            response(status, "hello")
        });
        assert_eq!(severity(&audit), None, "{status}: {audit:#}");
    }
    // The page of a server that has several names, such as the welcome page of nginx.
    let audit = audit_of(|request| {
        let body = if is_own(request) { "hello" } else { "welcome" };
        response(200, body)
    });
    assert_eq!(severity(&audit), None, "{audit:#}");
    assert!(!notes(&audit).contains("any `Host`"), "{audit:#}");
}

/// A status that a server sends for every path and every host says nothing about hosts.
#[test]
fn an_error_counts_if_only_the_application_sends_it() {
    for (status, expected) in [
        (200, Some("medium")),
        (204, Some("medium")),
        (405, Some("medium")),
        (406, Some("medium")),
        (302, None),
        (400, None),
        (401, None),
        (403, None),
        (404, None),
        (503, None),
    ] {
        let audit = audit_of(move |_| response(status, ""));
        assert_eq!(severity(&audit).as_deref(), expected, "{status}: {audit:#}");
    }
}

#[test]
fn a_body_that_repeats_the_url_is_the_same() {
    let audit = audit_of(|request| {
        let text = format!("You are at http://{}{}", host(request), request.uri());
        response(200, text)
    });
    assert_eq!(severity(&audit).as_deref(), Some("medium"), "{audit:#}");
}

#[test]
fn a_body_that_changes_with_each_request_gets_a_note() {
    let number = Arc::new(AtomicUsize::new(0));
    let audit = audit_of(move |_| {
        let number = number.fetch_add(1, Ordering::Relaxed);
        response(200, format!("This is response {number}"))
    });
    assert_eq!(severity(&audit), None, "{audit:#}");
    assert!(notes(&audit).contains("any `Host`"), "{audit:#}");
}

#[test]
fn a_server_may_close_the_connection_for_other_hosts() {
    let server = Running::new(|listener| async move {
        loop {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut request = [0; 4096];
            let length = stream.read(&mut request).await.expect("a request");
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            if request.contains("Host: 127.0.0.1") {
                let text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
                stream.write_all(text.as_bytes()).await.expect("a client");
            }
        }
    });
    let (code, audit) = json(&[&server.url("/"), "--audit"]);
    assert_eq!((code, severity(&audit)), (0, None), "{audit:#}");
    assert!(!notes(&audit).contains("ended early"), "{audit:#}");
}

/// A browser keeps cookies for a name, and the page has another one.
#[test]
fn the_request_for_another_host_is_that_of_its_own_page_without_cookies() {
    let received = Arc::new(Mutex::new(Vec::new()));
    let recorded = Arc::clone(&received);
    let (server, _) = Running::recording(move |request| {
        if !is_own(request) {
            recorded.lock().unwrap().push(request.headers().clone());
        }
        let is_known = request.headers().contains_key("cookie");
        response(if is_known { 200 } else { 401 }, "hello")
    });
    let url = server.url("/");
    let arguments = [&url, "--audit", "--credentials", "--cookies", "session=1"];
    let (_, audit) = json(&arguments);
    assert_eq!(severity(&audit), None, "{audit:#}");
    let received = received.lock().unwrap();
    assert_eq!(received.len(), 1, "{received:?}");
    let port = server.address.port();
    assert_eq!(
        received[0]["host"],
        format!("omnicors-audit.example:{port}")
    );
    for name in ["origin", "cookie", "sec-fetch-site"] {
        assert!(!received[0].contains_key(name), "{name}: {received:?}");
    }
}
