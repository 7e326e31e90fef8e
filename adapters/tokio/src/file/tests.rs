mod check;
mod errors;
mod lifetime;
mod lines;
mod lists;
mod messages;
mod nesting;
mod places;
mod readers;
mod tables;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use omnicors_adapter::{NoPreparedValues, PolicyHandle};
use omnicors_core::{Policy, RequestParts};
use tempfile::TempDir;

use super::*;

/// Shorter than `SAFEGUARD`, so that a report within this time comes from an event.
const PATIENCE: Duration = Duration::from_secs(20);

type Outcome = Result<Reloaded, PolicyFileError>;

/// A file that is followed, and the reports about it.
struct Followed {
    policy: PolicyHandle<NoPreparedValues>,
    file: PolicyFile,
    reports: Receiver<Outcome>,
}

fn follow(path: impl AsRef<Path>) -> Followed {
    let (sender, reports) = channel();
    let (policy, file) = PolicyFile::watch(path, move |outcome| {
        // An error means that the test has ended.
        let _ended = sender.send(outcome);
    })
    .unwrap();
    Followed {
        policy,
        file,
        reports,
    }
}

impl Followed {
    fn next(&self) -> Outcome {
        self.reports.recv_timeout(PATIENCE).expect("a report")
    }

    /// Asserts that the next report is of a new policy, which allows this origin.
    fn expect(&self, name: &str) {
        assert_eq!(self.next().unwrap(), Reloaded::Replaced);
        self.assert_in_force(name);
    }

    /// Asserts that the policy is in force in the end. Intermediate states may be read and reported before.
    fn expect_eventually(&self, name: &str) {
        while !is_in_force(self.policy.load().policy(), name) {
            drop(self.next());
        }
        assert_eq!(self.file.blocking_reload().unwrap(), Reloaded::Unchanged);
        while self.reports.try_recv().is_ok() {}
    }

    fn assert_in_force(&self, name: &str) {
        assert!(is_in_force(self.policy.load().policy(), name), "{name}");
    }

    /// Asserts that no change is reported. Waits several times longer than it takes to read a change.
    fn assert_no_report(&self) {
        assert_eq!(self.file.blocking_reload().unwrap(), Reloaded::Unchanged);
        let report = self.reports.recv_timeout(Duration::from_millis(200));
        assert!(
            matches!(report, Err(RecvTimeoutError::Timeout)),
            "{report:?}"
        );
    }
}

fn is_in_force(policy: &Policy, name: &str) -> bool {
    let origin = format!("https://{name}.example");
    let request = RequestParts::new("GET").origin(origin.as_bytes());
    omnicors_core::evaluate(policy, &request).verdict() == omnicors_core::Verdict::Allowed
}

fn policy(name: &str) -> String {
    format!("allow_origins = ['https://{name}.example']")
}

/// Saves by renaming, as editors do. So the file is complete at any time.
fn save(path: &Path, content: impl AsRef<[u8]>) {
    let temporary = path.with_extension("new");
    fs::write(&temporary, content).unwrap();
    fs::rename(&temporary, path).unwrap();
}

fn directory_with(name: &str) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cors.toml");
    save(&path, policy(name));
    (directory, path)
}

#[test]
fn a_file_saved_by_renaming_is_followed() {
    let (_directory, path) = directory_with("first");
    let followed = follow(&path);
    followed.assert_in_force("first");
    for name in ["second", "third"] {
        save(&path, policy(name));
        followed.expect(name);
    }
}

#[test]
fn a_file_written_in_place_is_followed() {
    let (_directory, path) = directory_with("first");
    let followed = follow(&path);
    for name in ["second", "third"] {
        fs::write(&path, policy(name)).unwrap();
        followed.expect_eventually(name);
    }
}

#[test]
fn a_file_that_an_editor_renames_and_writes_again_is_followed() {
    let (directory, path) = directory_with("first");
    let followed = follow(&path);
    for name in ["second", "third"] {
        let aside = directory.path().join("cors.toml~");
        fs::rename(&path, &aside).unwrap();
        fs::write(&path, policy(name)).unwrap();
        fs::remove_file(aside).unwrap();
        followed.expect_eventually(name);
    }
}

/// The directory does not report such a change, as with a single file that is mounted into a container.
#[cfg(target_os = "linux")]
#[test]
fn a_file_written_through_another_hard_link_is_followed() {
    let (directory, path) = directory_with("first");
    let elsewhere = tempfile::tempdir_in(directory.path()).unwrap();
    let other = elsewhere.path().join("cors.toml");
    fs::hard_link(&path, &other).unwrap();
    let followed = follow(&path);
    // The file is watched and was read before it is written.
    followed.assert_no_report();
    for name in ["second", "third"] {
        fs::write(&other, policy(name)).unwrap();
        followed.expect_eventually(name);
    }
}

#[test]
fn an_invalid_change_is_reported_and_the_policy_in_force_stays_until_a_valid_one() {
    let (_directory, path) = directory_with("first");
    let followed = follow(&path);
    save(
        &path,
        "allow_origins = ['https://Second.example/', 'null']\nallow_methods = ['patch']",
    );
    let error = followed.next().unwrap_err().to_string();
    for part in [
        path.to_str().unwrap(),
        "3 faults",
        "allow_origins[0]: `https://Second.example/`",
        "allow_origins[1]: `null`",
        "allow_methods[0]: `patch`",
    ] {
        assert!(error.contains(part), "{part} in {error}");
    }
    followed.assert_in_force("first");
    save(&path, policy("third"));
    followed.expect("third");
}

#[test]
fn an_invalid_change_that_is_undone_does_not_replace_the_policy() {
    let (_directory, path) = directory_with("first");
    let followed = follow(&path);
    let before = followed.policy.load();
    save(&path, "allow_origins = [");
    assert!(followed.next().is_err());
    save(&path, policy("first"));
    assert_eq!(followed.next().unwrap(), Reloaded::Unchanged);
    assert!(Arc::ptr_eq(&before, &followed.policy.load()));
}

#[test]
fn saving_a_file_without_changes_does_not_replace_the_policy() {
    let (directory, path) = directory_with("first");
    let followed = follow(&path);
    let before = followed.policy.load();
    save(&path, policy("first"));
    followed.assert_no_report();
    fs::write(directory.path().join("other.toml"), "nonsense").unwrap();
    followed.assert_no_report();
    assert!(Arc::ptr_eq(&before, &followed.policy.load()));
    save(&path, policy("second"));
    followed.expect("second");
}

#[test]
fn a_file_that_is_removed_and_created_again_is_followed() {
    let (_directory, path) = directory_with("first");
    let followed = follow(&path);
    for (back, outcome) in [
        ("first", Reloaded::Unchanged),
        ("second", Reloaded::Replaced),
    ] {
        fs::remove_file(&path).unwrap();
        let error = followed.next().unwrap_err();
        assert!(
            matches!(error, PolicyFileError::Unreadable(_, ref error) if error.kind() == std::io::ErrorKind::NotFound)
        );
        followed.assert_in_force("first");
        save(&path, policy(back));
        assert_eq!(followed.next().unwrap(), outcome);
    }
    followed.assert_in_force("second");
}

#[test]
fn two_hundred_saves_in_a_row_end_with_the_last() {
    let (_directory, path) = directory_with("first");
    let followed = follow(&path);
    for number in 0..200 {
        save(&path, policy(&number.to_string()));
    }
    followed.expect_eventually("199");
    followed.assert_no_report();
}

#[test]
fn a_file_that_changes_continuously_is_read() {
    let (_directory, path) = directory_with("first");
    let followed = follow(&path);
    let is_stopped = Arc::new(AtomicBool::new(false));
    let changes = {
        let (path, is_stopped) = (path.clone(), Arc::clone(&is_stopped));
        thread::spawn(move || {
            while !is_stopped.load(Ordering::Relaxed) {
                save(&path, policy("second"));
            }
        })
    };
    let report = followed.reports.recv_timeout(PATIENCE);
    is_stopped.store(true, Ordering::Relaxed);
    changes.join().unwrap();
    assert_eq!(report.unwrap().unwrap(), Reloaded::Replaced);
    followed.assert_in_force("second");
}

#[test]
fn a_reload_on_demand_returns_its_outcome_and_does_not_report_it() {
    let (_directory, path) = directory_with("first");
    let (sender, reports) = channel();
    let (release, held) = channel::<()>();
    let (policy, file) = PolicyFile::watch::<NoPreparedValues>(&path, move |outcome| {
        sender.send(outcome).unwrap();
        // Blocks the thread until the test releases it.
        let _released = held.recv();
    })
    .unwrap();
    for (before, content, outcome, after) in [
        (
            "second",
            "allow_origins = ['null']".to_owned(),
            None,
            "second",
        ),
        (
            "third",
            self::policy("fourth"),
            Some(Reloaded::Replaced),
            "fourth",
        ),
    ] {
        save(&path, self::policy(before));
        assert!(reports.recv_timeout(PATIENCE).unwrap().is_ok());
        // The thread is blocked and does not see the change, so the reload reads it.
        save(&path, content);
        let (sender, reloaded) = channel();
        file.reload_then(move |outcome| sender.send(outcome).unwrap());
        release.send(()).unwrap();
        let reloaded = reloaded.recv_timeout(PATIENCE).unwrap();
        assert_eq!(reloaded.as_ref().ok().copied(), outcome, "{reloaded:?}");
        assert!(is_in_force(policy.load().policy(), after));
        assert_eq!(
            file.blocking_reload().ok(),
            outcome.map(|_| Reloaded::Unchanged)
        );
        assert!(reports.try_recv().is_err(), "the reload is not reported");
    }
}

#[tokio::test]
async fn a_reload_in_async_code_does_not_block_the_thread() {
    let (_directory, path) = directory_with("first");
    let Followed { policy, file, .. } = follow(&path);
    let file = Arc::new(file);
    save(&path, self::policy("second"));
    // The runtime has only this thread.
    let reload = tokio::spawn({
        let file = Arc::clone(&file);
        async move { file.reload().await }
    });
    assert!(reload.await.unwrap().is_ok());
    assert!(is_in_force(policy.load().policy(), "second"));
    save(&path, "allow_origins = []");
    assert!(file.reload().await.is_err());
    save(&path, self::policy("third"));
    // Async code should not block, but this does not panic.
    assert!(file.blocking_reload().is_ok());
    assert!(is_in_force(policy.load().policy(), "third"));
}

#[test]
fn a_file_is_still_followed_after_a_panic_in_the_report() {
    let (_directory, path) = directory_with("first");
    let (sender, reports) = channel();
    let (policy, _file) = PolicyFile::watch::<NoPreparedValues>(&path, move |outcome| {
        sender.send(outcome.is_ok()).unwrap();
        panic!("the report panics");
    })
    .unwrap();
    for (content, is_ok) in [
        (self::policy("second"), true),
        ("nonsense".to_owned(), false),
        (self::policy("third"), true),
    ] {
        save(&path, content);
        assert_eq!(reports.recv_timeout(PATIENCE), Ok(is_ok));
    }
    assert!(is_in_force(policy.load().policy(), "third"));
}

/// Prepared values of an adapter that panics while it prepares them.
struct PanickingValues;

impl From<&Policy> for PanickingValues {
    fn from(policy: &Policy) -> Self {
        assert!(!is_in_force(policy, "fatal"));
        Self
    }
}

#[test]
fn a_panic_while_a_policy_is_prepared_keeps_the_policy_in_force() {
    let (_directory, path) = directory_with("first");
    let (sender, reports) = channel();
    let (policy, file) =
        PolicyFile::watch::<PanickingValues>(&path, move |outcome| sender.send(outcome).unwrap())
            .unwrap();
    save(&path, self::policy("fatal"));
    let error = reports.recv_timeout(PATIENCE).unwrap().unwrap_err();
    assert!(matches!(error, PolicyFileError::Panicked(_)), "{error}");
    let error = file.blocking_reload().unwrap_err();
    assert!(matches!(error, PolicyFileError::Panicked(_)), "{error}");
    assert!(is_in_force(policy.load().policy(), "first"));
    save(&path, self::policy("second"));
    reports.recv_timeout(PATIENCE).unwrap().unwrap();
    assert!(is_in_force(policy.load().policy(), "second"));
}

#[test]
fn a_policy_file_can_be_shared_by_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<PolicyFile>();
    shared::<PolicyFileError>();
}
