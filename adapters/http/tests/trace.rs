//! The events that every adapter logs. One test in its own program: see `kit/tests/shared/events.rs`.
#![cfg(feature = "tracing")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../../kit/tests/shared/events.rs"]
mod events;

use omnicors_http::{
    Guard, HttpDecision, Policy, PolicyConfig, PolicyHandle, PolicySource, PreparedPolicy,
    decide_by_source,
};

struct Server(PolicySource);

impl events::Server for Server {
    fn new(policy: PolicySource) -> Self {
        Self(policy)
    }

    fn send(&self, request: &events::Request) -> u16 {
        let mut sent = http::Request::builder()
            .method(request.method)
            .uri(request.target);
        for (name, value) in &request.fields {
            sent = sent.header(*name, value);
        }
        match decide_by_source(&self.0, &sent.body(()).unwrap()) {
            HttpDecision::Forward(_) => 200,
            HttpDecision::Respond(response) => response.status().as_u16(),
        }
    }
}

#[test]
fn events_are_logged() {
    events::check::<Server>();
    a_field_that_a_preflight_does_not_have_is_logged_once();
    a_path_without_an_entry_is_logged_with_what_to_add();
}

fn a_path_without_an_entry_is_logged_with_what_to_add() {
    let policy = PolicyConfig::public_read_only().build().unwrap();
    let source = omnicors_http::per_path([("/public", policy)]);
    for (path, suggestion) in [
        ("/other", "add one for it, or for `/`"),
        ("/public/../other", "routers read this path differently"),
    ] {
        let lines = events::written(tracing::Level::DEBUG, || {
            let request = http::Request::get(path).header("origin", "https://no-entry.example");
            drop(decide_by_source(&source, &request.body(()).unwrap()));
        });
        assert!(!lines.is_empty(), "{path}");
        for line in lines {
            assert!(line.contains(suggestion), "{line}");
        }
    }
}

fn a_field_that_a_preflight_does_not_have_is_logged_once() {
    use omnicors_http::per_request;
    use tracing::Level;

    let policy = || PreparedPolicy::shared(PolicyConfig::public_read_only().build().unwrap());
    let reading = |names: &'static [&'static str]| {
        let policy = policy();
        per_request(move |request| {
            for name in names {
                let _ = request.header(name);
            }
            Some(policy.clone())
        })
    };
    let send = |source: &_, method: &str, fields: &[(&str, &str)]| {
        let mut request = http::Request::builder().method(method);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        drop(decide_by_source(source, &request.body(()).unwrap()));
    };
    // A preflight as a browser sends it.
    let preflight = [
        ("origin", "https://a.test"),
        ("access-control-request-method", "PUT"),
        ("accept", "*/*"),
        ("user-agent", "a browser"),
        ("x-added-by-proxy", "1"),
    ];
    for (names, logged) in [
        (
            &["user-agent", "Host", "referer", "x-added-by-proxy"][..],
            &[][..],
        ),
        (&["cookie", "Authorization"], &["cookie", "Authorization"]),
        (&["accept"], &["accept"]),
    ] {
        let text = events::written(Level::WARN, || {
            let source = reading(names);
            send(&source, "GET", &preflight);
            send(&source, "OPTIONS", &[("origin", "https://a.test")]);
        });
        assert!(text.is_empty(), "only preflights matter: {text:?}");
        let text = events::written(Level::WARN, || {
            let source = reading(names);
            send(&source, "OPTIONS", &preflight);
            send(&source.clone(), "OPTIONS", &preflight);
        });
        assert_eq!(text.len(), logged.len(), "{text:?}");
        for name in logged {
            let text = text.join("\n");
            assert!(
                text.contains(&format!("the request field `{name}`")),
                "{text}"
            );
        }
    }
    let text = events::written(Level::WARN, || {
        let source = reading(&[]).vary_on(["x-tenant"]);
        send(&source, "OPTIONS", &preflight);
    });
    let text = text.join("\n");
    assert!(text.contains("`x-tenant`"), "{text}");
}
