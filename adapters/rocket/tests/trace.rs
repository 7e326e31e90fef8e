//! The events of the feature `tracing`. One test in its own program, because tracing caches per process which events are enabled.
#![cfg(feature = "tracing")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::mem;
use std::sync::Mutex;
use std::time::Duration;

use omnicors_rocket::{Cors, PolicyConfig, PolicyHandle, PreparedPolicy};
use rocket::Config;
use rocket::config::LogLevel;
use rocket::http::Header;
use rocket::local::blocking::Client;
use tracing_subscriber::fmt::MakeWriter as _;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Returns the lines about CORS that were logged since the last call.
fn take() -> Vec<String> {
    let text = String::from_utf8(mem::take(&mut *LOG.lock().unwrap())).unwrap();
    let lines = text.lines().filter(|line| line.contains("CORS"));
    lines.map(str::to_owned).collect()
}

#[test]
fn denials_are_logged_at_debug_and_warnings_at_warn() {
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(|| LOG.make_writer())
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        let client = |cors| {
            let mut config = Config::release_default();
            config.log_level = LogLevel::Off;
            Client::untracked(rocket::custom(config).attach(cors)).unwrap()
        };
        let policy = PolicyConfig::new().allow_origins(["https://allowed.example"]);
        let listed = client(Cors::new(policy.build().unwrap()));
        let send = |fields: &[(&'static str, &'static str)]| {
            let mut request = listed.post("/items");
            for (name, value) in fields {
                request.add_header(Header::new(*name, *value));
            }
            drop(request.dispatch());
            take()
        };
        take();

        let written = send(&[("Origin", "https://denied.example")]);
        let [line] = &*written else {
            panic!("{written:?}");
        };
        assert!(line.contains("DEBUG"), "{line}");
        assert!(line.contains(r#"path="/items""#), "{line}");
        let reason = "a browser will block this by CORS: the policy does not allow the origin";
        assert!(line.contains(reason), "{line}");
        let suggestion = "add `https://denied.example` to allow_origins";
        assert!(line.contains(suggestion), "{line}");

        assert!(send(&[("Origin", "https://allowed.example")]).is_empty());
        let own = [
            ("Origin", "https://own.example"),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        assert!(send(&own).is_empty());

        let development = PolicyConfig::local_development();
        drop(PreparedPolicy::shared(development.build().unwrap()));
        let written = take().join("\n");
        assert!(written.contains("WARN"), "{written}");
        assert!(written.contains("FOR DEVELOPMENT ONLY"), "{written}");

        // With a fixed policy, the server does not start: see `tests/contract.rs`.
        let cors = || {
            let policy = PolicyConfig::new().allow_origins(["https://listed.example"]);
            let policy = policy.lookup_origins(true);
            Cors::new(PolicyHandle::new(policy.build().unwrap()))
        };
        let send = |cors: Cors| {
            let client = client(cors);
            for _ in 0..2 {
                let origin = Header::new("Origin", "https://tenant.example");
                drop(client.get("/items").header(origin).dispatch());
            }
            let mut written = take();
            written.retain(|line| line.contains("WARN"));
            written
        };
        let written = send(cors());
        assert!(
            matches!(&*written, [line] if line.contains("has no origin lookup")),
            "{written:?}"
        );
        let with = cors().lookup_origins(Duration::from_secs(1), async |_| true);
        assert!(send(with).is_empty());
    });
}
