//! The events of a request: what every adapter logs, with the feature `tracing`.
//!
//! Each adapter has a `tests/trace.rs` that includes this file, implements `Server`, and calls [`check`] in its only test: tracing
//! caches per process whether an event is enabled, and at most 10 events a minute are logged at info.

use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tracing::Level;
use tracing_subscriber::fmt::MakeWriter as _;

use crate::{Guard, Policy, PolicyConfig, PolicyHandle, PolicySource, PreparedPolicy};

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// A request, as a browser sends it.
pub(crate) struct Request {
    pub(crate) method: &'static str,
    /// The path and the query.
    pub(crate) target: &'static str,
    pub(crate) fields: Vec<(&'static str, String)>,
}

/// A server with an adapter, which responds to every request with 200.
pub(crate) trait Server {
    fn new(policy: PolicySource) -> Self;

    /// Sends a request, and returns the status of the response.
    fn send(&self, request: &Request) -> u16;
}

/// Returns the lines that `act` causes at `level` and above, with the target `omnicors`.
pub(crate) fn written(level: Level, act: impl FnOnce()) -> Vec<String> {
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .without_time()
        .with_max_level(level)
        .with_writer(|| LOG.make_writer())
        .finish();
    tracing::subscriber::with_default(subscriber, act);
    let text = String::from_utf8(mem::take(&mut *LOG.lock().unwrap())).unwrap();
    let ours = text.lines().filter(|line| line.contains(" omnicors: "));
    ours.map(|line| line.trim().to_owned()).collect()
}

fn policy(config: PolicyConfig) -> Policy {
    config.build().unwrap()
}

fn listed() -> PolicyConfig {
    PolicyConfig::new().allow_origins(["https://listed.example"])
}

fn request(method: &'static str, fields: &[(&'static str, &str)]) -> Request {
    let fields = fields.iter();
    let fields = fields.map(|(name, value)| (*name, (*value).to_owned()));
    Request {
        method,
        target: "/api/items?token=secret",
        fields: fields.collect(),
    }
}

fn get(origin: &str) -> Request {
    request("GET", &[("origin", origin)])
}

/// Checks all events of an adapter. Call this from the only test of a program.
pub(crate) fn check<S: Server>() {
    nobody_listens_without_a_subscriber::<S>();
    requests_that_browsers_do_not_block_have_no_event::<S>();
    a_denial_is_logged_at_info_once_and_then_at_debug::<S>();
    a_cookie_without_allow_credentials_is_logged::<S>();
    rejections_are_logged::<S>();
    values_of_clients_are_escaped_and_cut::<S>();
    at_most_ten_events_are_logged_at_info::<S>();
    warnings_about_a_policy_are_logged();
    a_missing_lookup_is_logged_once::<S>();
    the_revision_of_the_origins_is_asked_for_only_for_an_event::<S>();
}

fn nobody_listens_without_a_subscriber<S: Server>() {
    S::new(policy(listed()).into()).send(&get("https://unheard.example"));
    let server = S::new(policy(listed()).into());
    let lines = written(Level::WARN, || {
        server.send(&get("https://unheard.example"));
    });
    assert!(lines.is_empty(), "{lines:?}");
}

fn requests_that_browsers_do_not_block_have_no_event<S: Server>() {
    let server = S::new(policy(listed().guard(Guard::UnsafeMethods)).into());
    let own = "https://own.example";
    let other = "https://other.example";
    for request in [
        request("GET", &[]),
        get("https://listed.example"),
        request(
            "POST",
            &[
                ("origin", own),
                ("sec-fetch-site", "same-origin"),
                ("cookie", "a=b"),
            ],
        ),
        // Browsers send `Origin` with some requests to which the CORS check does not apply.
        request("GET", &[("origin", other), ("sec-fetch-mode", "no-cors")]),
        request("GET", &[("origin", other), ("sec-fetch-mode", "navigate")]),
        request("GET", &[("origin", other), ("sec-fetch-mode", "websocket")]),
        request(
            "GET",
            &[
                ("origin", "https://listed.example"),
                ("sec-fetch-mode", "navigate"),
                ("cookie", "a=b"),
            ],
        ),
    ] {
        let mut status = 0;
        let lines = written(Level::DEBUG, || status = server.send(&request));
        assert!(lines.is_empty(), "{:?}: {lines:?}", request.fields);
        assert_eq!(status, 200);
    }
}

fn a_denial_is_logged_at_info_once_and_then_at_debug<S: Server>() {
    let server = S::new(policy(listed()).into());
    let send = |level| {
        written(level, || {
            let request = request(
                "GET",
                &[
                    ("origin", "https://denied.example"),
                    ("sec-fetch-mode", "cors"),
                ],
            );
            server.send(&request);
        })
    };
    let lines = send(Level::INFO);
    let [line] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    assert_line(
        line,
        &[
            "INFO omnicors: a browser will block this by CORS: the policy does not allow the origin",
            r#"method="GET""#,
            r#"path="/api/items""#,
            r#"origin="https://denied.example""#,
            r#"reason="origin_not_allowed""#,
            r#"suggestion="add `https://denied.example` to allow_origins"#,
        ],
    );
    assert!(send(Level::INFO).is_empty(), "the second time");
    let lines = send(Level::DEBUG);
    let [line] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    assert_line(
        line,
        &["DEBUG omnicors: ", r#"reason="origin_not_allowed""#],
    );

    // Another reason for the same origin is another event.
    let preflight = |method: &'static str| {
        written(Level::INFO, || {
            let fields = [
                ("origin", "https://listed.example"),
                ("access-control-request-method", method),
            ];
            server.send(&request("OPTIONS", &fields));
        })
    };
    let lines = preflight("PUT");
    let [line] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    assert_line(
        line,
        &[
            "the policy does not allow the method PUT",
            r#"requested_method="PUT""#,
            r#"reason="method_not_allowed""#,
            r#"suggestion="add `PUT` to allow_methods""#,
        ],
    );
    assert!(preflight("GET").is_empty());
}

fn a_cookie_without_allow_credentials_is_logged<S: Server>() {
    let send = |config: PolicyConfig, fields: &[(&'static str, &str)]| {
        let server = S::new(policy(config).into());
        written(Level::INFO, || {
            server.send(&request("GET", fields));
        })
    };
    let with_cookie = [
        ("origin", "https://listed.example"),
        ("cookie", "id=secret-id"),
    ];
    assert!(send(listed().allow_credentials(true), &with_cookie).is_empty());
    assert!(send(listed(), &with_cookie[..1]).is_empty());
    let lines = send(listed(), &with_cookie);
    let [line] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    assert_line(
        line,
        &[
            "the request has a cookie, and the policy does not allow credentials",
            r#"reason="credentials_not_allowed""#,
            r#"suggestion="set allow_credentials in the policy, or send the request without credentials""#,
        ],
    );
    assert!(!line.contains("secret"), "{line}");
}

fn rejections_are_logged<S: Server>() {
    let guarded = || listed().guard(Guard::UnsafeMethods);
    let form = [
        ("origin", "https://form.example"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
    ];
    for (config, fields, status, expected) in [
        (
            guarded(),
            form.as_slice(),
            403,
            [
                "a request was rejected by the guard with 403",
                r#"reason="origin_not_listed""#,
                "add `https://form.example` to allow_navigations_from",
            ],
        ),
        (
            guarded().guard_report_only(true),
            &form,
            200,
            [
                "a request would be rejected by the guard with 403",
                r#"reason="origin_not_listed""#,
                "add `https://form.example` to allow_navigations_from",
            ],
        ),
        (
            guarded(),
            &[("origin", "https://site.example"), ("host", "backend:8080")],
            403,
            [
                "behind a proxy that rewrites `Host`, list the site's own origin in allow_origins",
                r#"reason="origin_not_host""#,
                r#"host="backend:8080""#,
            ],
        ),
        (
            listed().allow_hosts(["api.example"]),
            // A page that was rebound is of the same origin, to the browser.
            &[
                ("host", "rebound.example"),
                ("sec-fetch-site", "same-origin"),
            ],
            421,
            [
                "a request was rejected by the guard with 421",
                r#"reason="host_not_listed""#,
                r#"host="rebound.example""#,
            ],
        ),
    ] {
        let server = S::new(policy(config).into());
        let mut received = 0;
        let lines = written(Level::INFO, || {
            received = server.send(&request("POST", fields));
        });
        let rejections: Vec<_> = lines
            .iter()
            .filter(|line| line.contains("rejected"))
            .collect();
        let [line] = rejections.as_slice() else {
            panic!("{lines:?}")
        };
        assert_line(line, &expected);
        assert_eq!(received, status, "{line}");
    }
}

fn values_of_clients_are_escaped_and_cut<S: Server>() {
    let server = S::new(policy(listed()).into());
    let long = format!("https://\t{}.example", "x".repeat(100_000));
    let lines = written(Level::DEBUG, || {
        server.send(&get(&long));
    });
    let [line] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    let shown = format!(r"https://\\t{}…", "x".repeat(119));
    assert!(line.contains(&shown) && line.len() < 1000, "{line}");
}

/// The functions before have logged 8 events at info.
fn at_most_ten_events_are_logged_at_info<S: Server>() {
    let server = S::new(policy(listed()).into());
    let lines = written(Level::DEBUG, || {
        for number in 0..30 {
            server.send(&get(&format!("https://{number}.flood.example")));
        }
    });
    assert_eq!(lines.len(), 30);
    let info = lines.iter().filter(|line| line.starts_with("INFO"));
    assert_eq!(info.count(), 2, "{lines:#?}");
}

fn warnings_about_a_policy_are_logged() {
    let config = PolicyConfig::local_development();
    let lines = written(Level::WARN, || {
        drop(PreparedPolicy::shared(config.build().unwrap()));
    });
    let found = lines
        .iter()
        .any(|line| line.starts_with("WARN") && line.contains("FOR DEVELOPMENT ONLY"));
    assert!(found, "{lines:?}");
}

/// With a fixed policy, most servers do not start: see `tests/contract.rs`.
fn a_missing_lookup_is_logged_once<S: Server>() {
    let server = S::new(PolicyHandle::new(policy(listed().lookup_origins(true))).into());
    let lines = written(Level::WARN, || {
        for origin in [
            "https://listed.example",
            "https://tenant.example",
            "https://b.example",
        ] {
            server.send(&get(origin));
        }
    });
    let [line] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    assert_line(line, &["WARN omnicors: ", "has no origin lookup"]);
}

#[track_caller]
fn assert_line(line: &str, parts: &[&str]) {
    for part in parts {
        assert!(line.contains(part), "{part}\n{line}");
    }
}

fn the_revision_of_the_origins_is_asked_for_only_for_an_event<S: Server>() {
    let asked = Arc::new(AtomicU64::new(0));
    let count = {
        let asked = Arc::clone(&asked);
        move || match asked.fetch_add(1, Ordering::Relaxed) {
            2.. => panic!("a bug in the function"),
            before => Some(before + 41),
        }
    };
    let config = PolicyConfig::new()
        .allow_origins_if(|origin| origin.host() == Some("tenant.example"))
        .origins_revision(count);
    let server = S::new(policy(config).into());
    let written = |level, origin| {
        written(level, || {
            server.send(&get(origin));
        })
    };
    // Nobody listens, or the request is allowed.
    assert!(written(Level::WARN, "https://withdrawn.example").is_empty());
    assert!(written(Level::DEBUG, "https://tenant.example").is_empty());
    assert_eq!(asked.load(Ordering::Relaxed), 0);

    for expected in [Some(" revision=41 "), Some(" revision=42 "), None] {
        let lines = written(Level::DEBUG, "https://withdrawn.example");
        let [line] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        match expected {
            Some(revision) => assert!(line.contains(revision), "{line}"),
            // The function has panicked.
            None => assert!(!line.contains("revision="), "{line}"),
        }
    }
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}
