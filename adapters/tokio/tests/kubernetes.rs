//! The log of an update of a `ConfigMap` of Kubernetes. This binary has a single test, because a logger belongs to the whole process.
#![cfg(all(unix, feature = "toml", feature = "tracing"))]
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use log::{LevelFilter, Log, Metadata, Record};
use omnicors_tokio::{PolicyFile, Reloaded};
use omnicors_tower::PolicyHandle;
use tracing_subscriber::fmt::MakeWriter as _;

/// Less than the time after which the file is read without a change.
const PATIENCE: Duration = Duration::from_secs(20);

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Collects the records of libraries that use the crate `log`.
struct Logger;

impl Log for Logger {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let mut log = LOG.lock().unwrap();
        let (level, target) = (record.level(), record.target());
        writeln!(log, "{level} {target}: {}", record.args()).unwrap();
    }

    fn flush(&self) {}
}

/// Swaps the version of the volume, as the kubelet does: the new directory is complete before the link `..data` is replaced by
/// renaming, and the old directory is removed at once.
fn publish(volume: &Path, number: usize) {
    let version = |number| format!("..2024_01_01_00_00_00.{number}");
    let directory = volume.join(version(number));
    fs::create_dir(&directory).unwrap();
    let content = format!("allow_origins = ['https://{number}.example']");
    fs::write(directory.join("cors.toml"), content).unwrap();
    symlink(version(number), volume.join("..data_tmp")).unwrap();
    fs::rename(volume.join("..data_tmp"), volume.join("..data")).unwrap();
    if let Some(old) = number.checked_sub(1) {
        fs::remove_dir_all(volume.join(version(old))).unwrap();
    }
}

#[test]
fn an_update_of_a_config_map_logs_only_the_reload() {
    const LAST: usize = 5;
    log::set_logger(&Logger).unwrap();
    log::set_max_level(LevelFilter::Info);
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(|| LOG.make_writer())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let volume = tempfile::tempdir().unwrap();
    publish(volume.path(), 0);
    let path = volume.path().join("cors.toml");
    symlink("..data/cors.toml", &path).unwrap();
    let (sender, reports) = channel();
    let report = move |outcome: Result<_, _>| sender.send(outcome.unwrap()).unwrap();
    let (policy, file): (PolicyHandle, _) = PolicyFile::watch(path, report).unwrap();
    for number in 1..=LAST {
        publish(volume.path(), number);
        assert_eq!(reports.recv_timeout(PATIENCE), Ok(Reloaded::Replaced));
        assert_eq!(file.blocking_reload().unwrap(), Reloaded::Unchanged);
    }
    drop((policy, file));
    // The thread has ended.
    let ended = reports.recv_timeout(PATIENCE);
    assert_eq!(ended, Err(RecvTimeoutError::Disconnected));

    let log = String::from_utf8(LOG.lock().unwrap().clone()).unwrap();
    let is_reload = |line: &&str| line.contains("a new CORS policy is in force");
    assert_eq!(log.lines().filter(is_reload).count(), LAST, "{log}");
    assert_eq!(log.lines().count(), LAST, "{log}");
}
