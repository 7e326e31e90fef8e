//! Rocket's own log, and the events of the feature `log` in it. One test, because a process has one logger.
#![cfg(feature = "log")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::mem;
use std::sync::Mutex;

use log::{Log, Metadata, Record};
use omnicors_rocket::{Cors, Guard, PolicyConfig};
use rocket::config::LogLevel;
use rocket::http::Header;
use rocket::local::blocking::Client;
use rocket::{Config, post, routes};

struct Logger(Mutex<Vec<String>>);

static LOGGER: Logger = Logger(Mutex::new(Vec::new()));

impl Log for Logger {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = format!("{} {}", record.target(), record.args());
        self.0.lock().unwrap().push(line);
    }

    fn flush(&self) {}
}

#[post("/items")]
fn add() {}

#[test]
fn rockets_log_has_the_status_of_a_rejection_and_the_event() {
    // Rocket keeps a logger that is set before.
    log::set_logger(&LOGGER).unwrap();
    let config = Config {
        log_level: LogLevel::Normal,
        ..Config::release_default()
    };
    let policy = PolicyConfig::new()
        .allow_origins(["https://app.example"])
        .guard(Guard::UnsafeMethods);
    let rocket = rocket::custom(config)
        .mount("/", routes![add])
        .attach(Cors::new(policy.build().unwrap()));
    let client = Client::untracked(rocket).unwrap();
    // Rocket sets the level only for its own logger.
    log::set_max_level(log::LevelFilter::Info);
    let send = |origin: &'static str| {
        LOGGER.0.lock().unwrap().clear();
        let request = client.post("/items");
        let request = request.header(Header::new("Origin", origin));
        let request = request.header(Header::new("Sec-Fetch-Site", "cross-site"));
        let status = request.dispatch().status().code;
        (status, mem::take(&mut *LOGGER.0.lock().unwrap()).join("\n"))
    };

    let (status, log) = send("https://evil.example");
    assert_eq!(status, 403);
    let event = "omnicors a request was rejected by the guard with 403";
    assert!(log.contains(event), "{log}");
    let outcome = log.lines().find(|line| line.contains("Outcome"));
    let outcome = outcome.unwrap_or_else(|| panic!("{log}"));
    assert!(outcome.contains("403") && !log.contains("200"), "{log}");

    let (status, log) = send("https://app.example");
    assert_eq!(status, 200);
    assert!(log.contains("200") && !log.contains("omnicors"), "{log}");
}
