//! The findings of audits: each fault alone is found, and nothing else is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use serde_json::Value;

use crate::command::{findings, json};
use crate::server::Running;
use crate::sites::{APP, respond};

/// Each server, and the findings that it must have.
const SITES: &[(&str, &[(&str, &str)])] = &[
    ("right", &[]),
    ("public", &[]),
    ("static", &[]),
    ("no-store", &[]),
    ("wildcard-if-asked", &[("vary-missing", "low")]),
    ("reflecting", &[("any-origin-with-credentials", "high")]),
    ("null", &[("null-origin", "high")]),
    ("beginning", &[("look-alike-beginning", "high")]),
    (
        "own-beginning",
        &[("look-alike-beginning", "high"), ("look-alike-port", "low")],
    ),
    ("end", &[("look-alike-end", "high")]),
    ("dot", &[("look-alike-dot", "high")]),
    ("underscore", &[("look-alike-underscore", "high")]),
    ("subdomains", &[("look-alike-subdomain", "low")]),
    ("plain-http", &[("look-alike-http", "medium")]),
    ("port", &[("look-alike-port", "low")]),
    ("trailing-dot", &[("look-alike-trailing-dot", "low")]),
    ("no-vary", &[("vary-missing", "medium")]),
    (
        "twice",
        &[
            ("several-origins", "medium"),
            ("origin-not-allowed", "info"),
        ],
    ),
    (
        "list",
        &[
            ("several-origins", "medium"),
            ("origin-not-allowed", "info"),
        ],
    ),
    ("wildcard", &[("wildcard-with-credentials", "low")]),
    ("login", &[("preflight-needs-login", "medium")]),
    ("redirect-to-login", &[("preflight-needs-login", "medium")]),
    ("broken-preflight", &[("preflight-fails", "medium")]),
    ("no-preflight", &[("preflight-not-answered", "info")]),
    ("invalid-list", &[("preflight-invalid", "medium")]),
    ("open-preflight", &[("preflight-any-origin", "high")]),
    ("bare-errors", &[("errors-without-cors", "low")]),
    (
        "broken",
        &[
            ("server-error-without-cors", "medium"),
            ("origin-not-allowed", "info"),
        ],
    ),
    ("private-network", &[("private-network", "info")]),
    ("long-max-age", &[("max-age", "info")]),
    ("odd-max-age", &[("max-age", "info")]),
    ("timing", &[("timing-any-origin", "info")]),
    (
        "any-header",
        &[
            ("preflight-credentials", "low"),
            ("wildcard-authorization", "info"),
        ],
    ),
    (
        "any-header-with-credentials",
        &[("wildcard-list-with-credentials", "low")],
    ),
    ("true-in-upper-case", &[("credentials-not-true", "low")]),
    ("socket", &[("websocket-any-origin", "high")]),
    ("checked-socket", &[]),
    ("any-host", &[("any-host", "medium")]),
    ("busy", &[]),
    ("redirecting", &[]),
];

/// A server with one fault, whose requests are counted: at most 40, one at a time, and none that changes something.
#[test]
fn an_audit_finds_the_fault_of_a_server_and_sends_at_most_40_requests_one_at_a_time() {
    let mut most = 0;
    for (name, expected) in SITES {
        let (server, requests) = Running::recording(|request| respond(name, request));
        let (code, audit) = json(&[&server.url("/"), "--audit", "--origin", APP]);
        let expected: Vec<_> = expected
            .iter()
            .map(|&(id, severity)| (id.to_owned(), severity.to_owned()))
            .collect();
        assert_eq!(findings(&audit), expected, "{name}: {audit:#}");
        let is_reported = expected.iter().any(|(_, severity)| severity != "info");
        let code_if_silent = if *name == "busy" { 3 } else { 0 };
        assert_eq!(code, if is_reported { 1 } else { code_if_silent }, "{name}");

        assert_shown(&audit);
        let lines = requests.lines();
        most = most.max(lines.len());
        assert!(lines.len() <= 40, "{name}: {}", lines.len());
        assert_eq!(audit["requests"], lines.len(), "{name}");
        assert_eq!(requests.most_running(), 1, "{name}");
        let is_harmless = |line: &String| line.starts_with("GET ") || line.starts_with("OPTIONS ");
        assert!(lines.iter().all(is_harmless), "{name}: {lines:?}");
        if *name == "busy" {
            assert_eq!(
                lines.len(),
                1,
                "a server that asks for fewer requests gets no more"
            );
        }
    }
    assert!(most > 15, "the counter counts: {most}");
}

/// Each finding must show an exchange and a section of a standard.
fn assert_shown(audit: &Value) {
    let exchanges = audit["exchanges"].as_array().unwrap();
    for finding in audit["findings"].as_array().unwrap() {
        let numbers = finding["exchanges"].as_array().unwrap();
        assert!(!numbers.is_empty(), "{finding}");
        for number in numbers {
            let index = usize::try_from(number.as_u64().unwrap()).unwrap() - 1;
            assert!(exchanges[index]["response"]["status"].is_u64(), "{finding}");
        }
        let url = finding["section"]["url"].as_str().unwrap();
        let is_standard = url.starts_with("https://fetch.spec.whatwg.org/#")
            || url.starts_with("https://www.rfc-editor.org/rfc/rfc6455#")
            || url.starts_with("https://www.rfc-editor.org/rfc/rfc9110#")
            || url.starts_with("https://wicg.github.io/private-network-access/#");
        assert!(is_standard, "{url}");
    }
}

#[test]
fn without_an_allowed_origin_right_servers_have_no_findings_and_a_note_asks_for_one() {
    for (name, has_note) in [("right", true), ("public", false)] {
        let (server, _) = Running::recording(|request| respond(name, request));
        let (code, audit) = json(&[&server.url("/"), "--audit"]);
        assert_eq!(findings(&audit), [], "{audit:#}");
        assert_eq!(code, 0);
        assert_eq!(audit["notes"].is_array(), has_note, "{audit:#}");
    }
}

/// A cache in front of a right server. With `by_origin` it takes `Origin` into its key.
fn cached(
    by_origin: bool,
) -> impl Fn(&Request<Body>) -> Response<Body> + Clone + Send + Sync + 'static {
    type Stored = HashMap<String, (StatusCode, HeaderMap)>;
    let stored: Arc<Mutex<Stored>> = Arc::default();
    move |request| {
        if request.method() != Method::GET {
            return respond("right", request);
        }
        let origin = request.headers().get("origin").filter(|_| by_origin);
        let key = format!("{} {origin:?}", request.uri());
        let mut stored = stored.lock().unwrap();
        let is_stored = stored.contains_key(&key);
        let (status, headers) = stored.entry(key).or_insert_with(|| {
            let response = respond("right", request);
            (response.status(), response.headers().clone())
        });
        let mut response = Response::new(Body::from("hello"));
        *response.status_mut() = *status;
        *response.headers_mut() = headers.clone();
        let state = if is_stored { "HIT" } else { "MISS" };
        response
            .headers_mut()
            .insert("x-cache", state.parse().unwrap());
        response
    }
}

#[test]
fn a_cache_that_mixes_origins_is_found() {
    let (server, _) = Running::recording(cached(false));
    let (_, audit) = json(&[&server.url("/"), "--audit", "--origin", APP]);
    assert_eq!(
        findings(&audit),
        [("cache-mixes-origins".to_owned(), "medium".to_owned())],
        "{audit:#}"
    );
    assert!(
        audit["findings"][0]["text"]
            .as_str()
            .unwrap()
            .contains("from a cache")
    );
}

#[test]
fn a_cache_with_the_origin_in_its_key_is_right() {
    let (server, _) = Running::recording(cached(true));
    let (_, audit) = json(&[&server.url("/"), "--audit", "--origin", APP]);
    assert_eq!(findings(&audit), [], "{audit:#}");
}

/// A response with an odd origin must not stay in a cache that pages use.
#[test]
fn each_get_has_a_url_of_its_own_unless_the_exact_url_is_asked_for() {
    let urls = |arguments: &[&str]| {
        let (server, _) = Running::recording(|request| respond("right", request));
        let url = server.url("/items?page=1");
        let (_, audit) = json(&[&[url.as_str(), "--audit", "--origin", APP], arguments].concat());
        let exchanges = audit["exchanges"].as_array().unwrap().clone();
        let gets = exchanges
            .into_iter()
            .filter(|exchange| exchange["method"] == "GET");
        let urls: Vec<_> = gets
            .map(|exchange| exchange["url"].as_str().unwrap().to_owned())
            .collect();
        (url, urls)
    };
    let (url, sent) = urls(&[]);
    assert!(sent.iter().all(|sent| *sent != url), "{sent:?}");
    let (url, sent) = urls(&["--exact-url"]);
    let others: Vec<_> = sent.iter().filter(|sent| **sent != url).collect();
    assert_eq!(
        others.len(),
        2,
        "only the path that does not exist, and another host: {others:?}"
    );
}

#[test]
fn the_target_of_a_redirect_is_named_and_not_asked() {
    let (server, _) = Running::recording(|request| respond("redirecting", request));
    let (_, audit) = json(&[&server.url("/"), "--audit", "--origin", APP]);
    let note = audit["notes"][0].as_str().unwrap();
    assert!(note.contains("https://other.example/"), "{note}");
}
