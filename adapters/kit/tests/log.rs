//! The events of the feature `log`, in a program without a subscriber of `tracing`. One test, because a process has one logger.
#![cfg(feature = "log")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::mem;
use std::sync::Mutex;

use log::{Level, LevelFilter, Log, Metadata, Record};
use omnicors_adapter::omnicors_core::{RequestParts, evaluate};
use omnicors_adapter::{NoPreparedValues, PolicyConfig, PreparedPolicy};

/// A logger such as `env_logger`: it filters by target and level.
struct Logger {
    level: Mutex<LevelFilter>,
    lines: Mutex<Vec<(Level, String, String)>>,
}

static LOGGER: Logger = Logger {
    level: Mutex::new(LevelFilter::Off),
    lines: Mutex::new(Vec::new()),
};

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "omnicors" && metadata.level() <= *self.level.lock().unwrap()
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = (
                record.level(),
                record.target().to_owned(),
                record.args().to_string(),
            );
            self.lines.lock().unwrap().push(line);
        }
    }

    fn flush(&self) {}
}

fn send(policy: &PreparedPolicy<NoPreparedValues>, origin: &str) -> Vec<(Level, String, String)> {
    let request = RequestParts::new("GET").origin(origin);
    if policy.is_observed() {
        policy.observe(&request, &evaluate(policy.policy(), &request), || {
            "/items".into()
        });
    }
    mem::take(&mut *LOGGER.lines.lock().unwrap())
}

#[test]
fn events_reach_a_logger_once_unless_there_is_a_subscriber() {
    let config = PolicyConfig::new().allow_origins(["https://listed.example"]);
    let policy = PreparedPolicy::shared(config.build().unwrap());
    let is_counted = cfg!(feature = "metrics");
    assert_eq!(policy.is_observed(), is_counted, "there is no logger");

    log::set_logger(&LOGGER).unwrap();
    log::set_max_level(LevelFilter::Trace);
    assert!(
        send(&policy, "https://unheard.example").is_empty(),
        "the logger does not want this target"
    );

    *LOGGER.level.lock().unwrap() = LevelFilter::Info;
    let lines = send(&policy, "https://denied.example");
    let [(Level::Info, target, line)] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    assert_eq!(target, "omnicors");
    for part in [
        "a browser will block this by CORS: the policy does not allow the origin",
        r#"origin="https://denied.example""#,
        r#"reason="origin_not_allowed""#,
        "add `https://denied.example` to allow_origins",
    ] {
        assert!(line.contains(part), "{part}\n{line}");
    }
    assert!(
        send(&policy, "https://denied.example").is_empty(),
        "the second time"
    );
    assert!(send(&policy, "https://listed.example").is_empty());

    *LOGGER.level.lock().unwrap() = LevelFilter::Debug;
    let lines = send(&policy, "https://denied.example");
    assert!(
        matches!(lines.as_slice(), [(Level::Debug, ..)]),
        "{lines:?}"
    );

    let warned = PolicyConfig::local_development();
    drop(PreparedPolicy::<NoPreparedValues>::shared(
        warned.build().unwrap(),
    ));
    let lines = mem::take(&mut *LOGGER.lines.lock().unwrap());
    let is_warning = |(level, _, line): &(Level, String, String)| {
        *level == Level::Warn && line.contains("FOR DEVELOPMENT ONLY")
    };
    assert!(lines.iter().any(is_warning), "{lines:?}");

    // With a subscriber, the events go there and not to the logger as well.
    let subscriber = tracing_subscriber::fmt()
        .with_writer(std::io::sink)
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        assert!(send(&policy, "https://other.example").is_empty());
    });
}
