//! The events of the feature `tracing`. One test in its own program, because tracing caches per process which events are enabled.
#![cfg(feature = "tracing")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::mem;
use std::sync::Mutex;
use std::time::Duration;

use actix_web::rt::System;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, HttpResponse, web};
use omnicors_actix_web::{Cors, PolicyConfig, PolicyHandle, PreparedPolicy};
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
    a_missing_lookup_is_logged_once();
}

fn send(cors: &Cors, fields: &[(&'static str, &'static str)]) {
    let mut request = TestRequest::with_uri("/items");
    for field in fields {
        request = request.insert_header(*field);
    }
    System::new().block_on(async {
        let app = App::new()
            .wrap(cors.clone())
            .default_service(web::to(HttpResponse::Ok));
        call_service(&init_service(app).await, request.to_request()).await;
    });
}

fn a_denial_is_logged_with_a_suggestion() {
    let policy = PolicyConfig::new().allow_origins(["https://a.test"]);
    let cors = Cors::new(policy.build().unwrap());
    let send = |fields: &[_]| send(&cors, fields);
    let denied = || send(&[("origin", "https://b.test")]);
    let long: &'static str = "x".repeat(100_000).leak();
    assert!(written(Level::DEBUG, || send(&[("origin", long)])).len() < 1000);
    let allowed = || send(&[("origin", "https://a.test")]);
    let own = || send(&[("origin", "https://own.test"), ("host", "own.test")]);

    let text = written(Level::DEBUG, denied);
    let expected = "a browser will block this by CORS: the policy does not allow the origin";
    assert!(text.contains(expected), "{text}");
    let expected = "add `https://b.test` to allow_origins";
    assert!(text.contains(expected), "{text}");
    assert_eq!(written(Level::DEBUG, allowed), "");
    assert_eq!(written(Level::DEBUG, own), "");
    assert_eq!(written(Level::INFO, denied), "");
}

fn warnings_about_a_policy_are_logged_once() {
    let config = PolicyConfig::local_development();
    let text = written(Level::WARN, || {
        drop(PreparedPolicy::shared(config.build().unwrap()));
    });
    assert!(text.contains("FOR DEVELOPMENT ONLY"), "{text}");
}

/// With a fixed policy, building the service panics: see `tests/contract.rs`.
fn a_missing_lookup_is_logged_once() {
    let cors = || {
        let policy = PolicyConfig::new().allow_origins(["https://listed.example"]);
        let policy = policy.lookup_origins(true);
        Cors::new(PolicyHandle::new(policy.build().unwrap()))
    };
    let send = |cors: &Cors| send(cors, &[("origin", "https://a.test")]);
    let text = written(Level::WARN, || {
        let without = cors();
        send(&without);
        send(&without);
    });
    assert_eq!(text.matches("has no origin lookup").count(), 1, "{text}");
    let with = cors().lookup_origins(Duration::from_secs(1), async |_| true);
    assert_eq!(written(Level::WARN, || send(&with)), "");
}
