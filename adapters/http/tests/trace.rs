//! The events of the feature `tracing`. One test in its own program, because tracing caches per process which events are enabled.
#![cfg(feature = "tracing")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::mem;
use std::sync::Mutex;

use http::Request;
use omnicors_http::{PolicyConfig, PreparedPolicy, decide};
use tracing::Level;
use tracing_subscriber::fmt::MakeWriter as _;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Returns the log that `act` causes at `level` and above.
fn written(level: Level, act: impl FnOnce()) -> String {
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(level)
        .with_writer(|| LOG.make_writer())
        .finish();
    tracing::subscriber::with_default(subscriber, act);
    String::from_utf8(mem::take(&mut *LOG.lock().unwrap())).unwrap()
}

#[test]
fn denials_are_logged_at_debug_and_warnings_at_warn() {
    a_denial_is_logged_with_a_suggestion();
    warnings_about_a_policy_are_logged_once();
    a_field_that_a_preflight_does_not_have_is_logged_once();
    #[cfg(feature = "tokio")]
    a_missing_lookup_is_logged_once();
}

fn a_denial_is_logged_with_a_suggestion() {
    let cors = PreparedPolicy::shared(
        PolicyConfig::new()
            .allow_origins(["https://a.test"])
            .build()
            .unwrap(),
    );
    let denied = Request::get("/items")
        .header("origin", "https://b.test\u{7f}")
        .body(());
    assert!(denied.is_err(), "the http crate rejects control characters");
    let denied = Request::get("/items")
        .header("origin", "https://b.test")
        .body(())
        .unwrap();
    let allowed = Request::get("/items")
        .header("origin", "https://a.test")
        .body(())
        .unwrap();
    let own = Request::post("/items")
        .header("origin", "https://own.test")
        .header("sec-fetch-site", "same-origin")
        .body(())
        .unwrap();
    let send = |request: &Request<()>| drop(decide(&cors, request));

    let long = Request::get("/items")
        .header("origin", "x".repeat(100_000))
        .body(())
        .unwrap();
    assert!(written(Level::DEBUG, || send(&long)).len() < 1000);

    let text = written(Level::DEBUG, || send(&denied));
    assert!(text.contains("DEBUG"), "{text}");
    assert!(
        text.contains("a browser will block this by CORS: the policy does not allow the origin"),
        "{text}"
    );
    assert!(
        text.contains("add `https://b.test` to allow_origins"),
        "{text}"
    );
    assert_eq!(written(Level::DEBUG, || send(&allowed)), "");
    assert_eq!(written(Level::DEBUG, || send(&own)), "");
    assert_eq!(written(Level::INFO, || send(&denied)), "");
}

fn warnings_about_a_policy_are_logged_once() {
    let config = PolicyConfig::local_development();
    let text = written(Level::WARN, || {
        drop(PreparedPolicy::shared(config.build().unwrap()));
    });
    assert!(text.contains("WARN"), "{text}");
    assert!(text.contains("FOR DEVELOPMENT ONLY"), "{text}");
}

#[cfg(feature = "tokio")]
fn a_missing_lookup_is_logged_once() {
    use omnicors_http::{Decider, PolicyHandle, PolicySource, per_request};

    const MISSING_LOOKUP: &str = "the server has no origin lookup";

    let policy = || {
        let config = PolicyConfig::new().allow_origins(["https://a.test"]);
        config.lookup_origins(true).build().unwrap()
    };
    let shared = PreparedPolicy::shared(policy());
    let clock = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let send = |decider: &Decider| {
        let request = Request::get("/").header("origin", "https://b.test");
        let request = request.body(()).unwrap();
        drop(clock.block_on(decider.decide(&request)));
    };

    let sources: [PolicySource; 3] = [
        policy().into(),
        PolicyHandle::new(policy()).into(),
        per_request(move |_| Some(shared.clone())),
    ];
    for source in sources {
        let kind = format!("{source:?}");
        let text = written(Level::WARN, || {
            let timeout = std::time::Duration::from_secs(1);
            send(&Decider::new(source.clone()).lookup_origins(timeout, async |_| true));
        });
        assert_eq!(text, "", "{kind}");
        let text = written(Level::WARN, || {
            let without = Decider::new(source);
            send(&without);
            send(&without.clone());
        });
        assert_eq!(text.matches(MISSING_LOOKUP).count(), 1, "{kind}: {text}");
        assert!(text.contains("WARN"), "{kind}: {text}");
    }
}

fn a_field_that_a_preflight_does_not_have_is_logged_once() {
    use omnicors_http::{decide_by_source, per_request};

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
        let mut request = Request::builder().method(method);
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
        let text = written(Level::WARN, || {
            let source = reading(names);
            send(&source, "GET", &preflight);
            send(&source, "OPTIONS", &[("origin", "https://a.test")]);
        });
        assert_eq!(text, "", "only preflights matter");
        let text = written(Level::WARN, || {
            let source = reading(names);
            send(&source, "OPTIONS", &preflight);
            send(&source.clone(), "OPTIONS", &preflight);
        });
        assert_eq!(text.lines().count(), logged.len(), "{text}");
        for name in logged {
            assert!(
                text.contains(&format!("the request field `{name}`")),
                "{text}"
            );
        }
    }
    let text = written(Level::WARN, || {
        let source = reading(&[]).vary_on(["x-tenant"]);
        send(&source, "OPTIONS", &preflight);
    });
    assert!(text.contains("`x-tenant`"), "{text}");
}
