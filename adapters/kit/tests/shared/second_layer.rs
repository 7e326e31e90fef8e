//! Asserts that a layer inside another one is reported once. In a test program of its own, because the report is once per process.

use std::io;
use std::sync::{Arc, Mutex};

use crate::{Policy, PolicyConfig};

pub(crate) const INNER: &str = "https://inner.example";
pub(crate) const OUTER: &str = "https://outer.example";

/// What was logged in this process.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn install() -> Self {
        let log = Self::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::WARN)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .init();
        log
    }

    /// Asserts how often a second layer was reported.
    #[track_caller]
    pub(crate) fn assert_reports(&self, count: usize) {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let found = text.matches("a CORS layer is inside another one").count();
        assert_eq!(found, count, "{text}");
        let lines = text
            .lines()
            .filter(|line| line.contains("inside another one"));
        for line in lines {
            assert!(
                line.contains("WARN") && line.contains(" omnicors: "),
                "{line}"
            );
            assert!(line.contains("per_path") && line.contains("outer layer is in force"));
        }
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) fn policy(origin: &str) -> Policy {
    let config = PolicyConfig::new().allow_origins([origin]);
    config.build().unwrap()
}
