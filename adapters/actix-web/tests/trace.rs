//! Events: in a program of its own, with one test, since what no other thread listens to, tracing may take for wanted by none.
#![cfg(feature = "tracing")]
#![allow(clippy::unwrap_used, reason = "to panic is how a test fails")]

use std::io;
use std::sync::{Arc, Mutex};

use actix_web::rt::System;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, HttpResponse, web};
use omnicors_actix_web::{Cors, PolicyConfig, SharedPolicy};
use tracing::Level;

/// What is written while `act` runs, at `level` and above.
fn written(level: Level, act: impl FnOnce()) -> String {
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let written = Written::default();
    let writer = written.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(level)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, act);
    let bytes = written.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn denials_are_told_at_debug_and_advice_at_warn() {
    a_denial_is_told_with_what_to_change();
    advice_on_a_policy_is_told_once();
}

fn a_denial_is_told_with_what_to_change() {
    let policy = PolicyConfig::new().allow_origins(["https://a.test"]);
    let cors = Cors::new(policy.build().unwrap());
    let ask = |lines: &[(&'static str, &'static str)]| {
        let mut request = TestRequest::with_uri("/items");
        for line in lines {
            request = request.insert_header(*line);
        }
        System::new().block_on(async {
            let app = App::new()
                .wrap(cors.clone())
                .default_service(web::to(HttpResponse::Ok));
            call_service(&init_service(app).await, request.to_request()).await;
        });
    };
    let denied = || ask(&[("origin", "https://b.test")]);
    let long: &'static str = "x".repeat(100_000).leak();
    assert!(written(Level::DEBUG, || ask(&[("origin", long)])).len() < 1000);
    let allowed = || ask(&[("origin", "https://a.test")]);
    let own = || ask(&[("origin", "https://own.test"), ("host", "own.test")]);

    let text = written(Level::DEBUG, denied);
    let expected = "a browser will deny this by CORS: the policy does not allow the origin";
    assert!(text.contains(expected), "{text}");
    let expected = "add `https://b.test` to allow_origins";
    assert!(text.contains(expected), "{text}");
    assert_eq!(written(Level::DEBUG, allowed), "");
    assert_eq!(written(Level::DEBUG, own), "");
    assert_eq!(written(Level::INFO, denied), "");
}

fn advice_on_a_policy_is_told_once() {
    let config = PolicyConfig::local_development();
    let text = written(Level::WARN, || {
        drop(SharedPolicy::new(config.build().unwrap()));
    });
    assert!(text.contains("FOR DEVELOPMENT ONLY"), "{text}");
}
