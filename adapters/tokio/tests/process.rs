//! A policy file and the state of the process: working directory, signals, log. This binary has a single test, because that state
//! belongs to the whole process.
#![cfg(all(unix, feature = "toml", feature = "tracing"))]
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::path::Path;
use std::process::{Command, id};
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Duration;
use std::{env, fs, mem};

use omnicors_tokio::{PolicyFile, Reloaded};
use omnicors_tower::PolicyHandle;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::fmt::MakeWriter as _;

/// Less than the time after which the file is read without a change.
const PATIENCE: Duration = Duration::from_secs(20);

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Returns what was written since the last call.
fn take() -> String {
    String::from_utf8(mem::take(&mut *LOG.lock().unwrap())).unwrap()
}

fn save(path: &Path, content: &str) {
    let temporary = path.with_extension("new");
    fs::write(&temporary, content).unwrap();
    fs::rename(&temporary, path).unwrap();
}

fn allows(policy: &PolicyHandle, origin: &str) -> bool {
    let policy = policy.load();
    policy
        .policy()
        .origins()
        .unwrap()
        .contains(origin.as_bytes())
}

#[tokio::test]
async fn a_file_with_a_relative_path_is_followed_logged_and_reloaded_on_a_signal() {
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(|| LOG.make_writer())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cors.toml");
    save(&path, "allow_origins = ['https://first.example']");

    env::set_current_dir(&directory).unwrap();
    let (sender, reports) = channel();
    let (policy, file): (PolicyHandle, _) = PolicyFile::watch("cors.toml", move |outcome| {
        sender.send(outcome.is_ok()).unwrap();
    })
    .unwrap();
    // This does not change the path of the file.
    env::set_current_dir("/").unwrap();

    save(&path, "allow_origins = ['https://second.example']");
    assert_eq!(reports.recv_timeout(PATIENCE), Ok(true));
    assert!(allows(&policy, "https://second.example"));
    let written = take();
    assert!(written.contains(" INFO "), "{written}");
    assert!(
        written.contains("a new CORS policy is in force"),
        "{written}"
    );

    save(
        &path,
        "allow_origins = ['null', 'http://*']\nallow_methods = ['put']",
    );
    assert_eq!(reports.recv_timeout(PATIENCE), Ok(false));
    let written = take();
    assert!(written.contains(" WARN "), "{written}");
    for fault in ["cors.toml", "`null`", "`http://*`", "`put`"] {
        assert!(written.contains(fault), "{fault} in {written}");
    }

    let mut hangups = signal(SignalKind::hangup()).unwrap();
    save(&path, "allow_origins = ['https://third.example']");
    let sent = Command::new("kill")
        .args(["-s", "HUP", &id().to_string()])
        .status();
    assert!(sent.unwrap().success());
    hangups.recv().await.unwrap();
    // The change may have been read already.
    file.reload().await.unwrap();
    assert!(allows(&policy, "https://third.example"));
    assert_eq!(file.reload().await.unwrap(), Reloaded::Unchanged);
}
