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

/// Less than the safeguard takes: a report within this time comes from an event.
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
        // Else the test is over.
        let _over = sender.send(outcome);
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

    /// The next report is of a new policy, and it is this one.
    fn expect(&self, name: &str) {
        assert_eq!(self.next().unwrap(), Reloaded::Replaced);
        self.assert_in_force(name);
    }

    /// The policy comes into force in the end, whatever is read and reported before.
    fn expect_at_last(&self, name: &str) {
        while !is_in_force(self.policy.load().policy(), name) {
            // A state between two steps may be read.
            drop(self.next());
        }
        assert_eq!(self.file.blocking_reload().unwrap(), Reloaded::Unchanged);
        while self.reports.try_recv().is_ok() {}
    }

    fn assert_in_force(&self, name: &str) {
        assert!(is_in_force(self.policy.load().policy(), name), "{name}");
    }

    /// Nothing that has happened until now is reported: neither in the reports so far, nor within a few times
    /// the quiet that it takes for a change to be read. (It is a wait in vain, not for something.)
    fn assert_silent(&self) {
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

/// As editors and tools save: never is there a file that is not whole.
fn save(path: &Path, content: impl AsRef<[u8]>) {
    let beside = path.with_extension("new");
    fs::write(&beside, content).unwrap();
    fs::rename(&beside, path).unwrap();
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
        followed.expect_at_last(name);
    }
}

#[test]
fn a_file_put_aside_and_written_anew_as_some_editors_do_is_followed() {
    let (directory, path) = directory_with("first");
    let followed = follow(&path);
    for name in ["second", "third"] {
        let aside = directory.path().join("cors.toml~");
        fs::rename(&path, &aside).unwrap();
        fs::write(&path, policy(name)).unwrap();
        fs::remove_file(aside).unwrap();
        followed.expect_at_last(name);
    }
}

/// Nothing tells of it in the directory: so it is with a single file that is mounted into a container.
#[cfg(target_os = "linux")]
#[test]
fn a_file_written_by_another_of_its_names_is_followed() {
    let (directory, path) = directory_with("first");
    let elsewhere = tempfile::tempdir_in(directory.path()).unwrap();
    let other = elsewhere.path().join("cors.toml");
    fs::hard_link(&path, &other).unwrap();
    let followed = follow(&path);
    // So that it is watched, and has been read, before it is written.
    followed.assert_silent();
    for name in ["second", "third"] {
        fs::write(&other, policy(name)).unwrap();
        followed.expect_at_last(name);
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
fn an_invalid_change_taken_back_replaces_nothing() {
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
fn a_file_that_is_touched_or_saved_as_it_was_replaces_nothing() {
    let (directory, path) = directory_with("first");
    let followed = follow(&path);
    let before = followed.policy.load();
    save(&path, policy("first"));
    followed.assert_silent();
    fs::write(directory.path().join("other.toml"), "nonsense").unwrap();
    followed.assert_silent();
    assert!(Arc::ptr_eq(&before, &followed.policy.load()));
    // The next report is of this.
    save(&path, policy("second"));
    followed.expect("second");
}

#[test]
fn a_file_that_vanishes_and_returns_is_followed() {
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
    followed.expect_at_last("199");
    followed.assert_silent();
}

#[test]
fn changes_without_end_do_not_keep_it_from_being_read() {
    let (_directory, path) = directory_with("first");
    let followed = follow(&path);
    let over = Arc::new(AtomicBool::new(false));
    let changes = {
        let (path, over) = (path.clone(), Arc::clone(&over));
        thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                save(&path, policy("second"));
            }
        })
    };
    let report = followed.reports.recv_timeout(PATIENCE);
    over.store(true, Ordering::Relaxed);
    changes.join().unwrap();
    assert_eq!(report.unwrap().unwrap(), Reloaded::Replaced);
    followed.assert_in_force("second");
}

#[test]
fn a_reload_on_demand_returns_what_has_come_of_it_and_reports_nothing() {
    let (_directory, path) = directory_with("first");
    let (sender, reports) = channel();
    let (release, held) = channel::<()>();
    let (policy, file) = PolicyFile::watch::<NoPreparedValues>(&path, move |outcome| {
        sender.send(outcome).unwrap();
        // Until it is released.
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
        // The thread is held, and follows nothing: it is the reload that reads this.
        save(&path, content);
        let (answer, answered) = channel();
        file.ask(move |outcome| answer.send(outcome).unwrap());
        release.send(()).unwrap();
        let answered = answered.recv_timeout(PATIENCE).unwrap();
        assert_eq!(answered.as_ref().ok().copied(), outcome, "{answered:?}");
        assert!(is_in_force(policy.load().policy(), after));
        assert_eq!(
            file.blocking_reload().ok(),
            outcome.map(|_| Reloaded::Unchanged)
        );
        assert!(reports.try_recv().is_err(), "there is no report");
    }
}

#[tokio::test]
async fn a_reload_is_awaited_by_any_task() {
    let (_directory, path) = directory_with("first");
    let Followed { policy, file, .. } = follow(&path);
    let file = Arc::new(file);
    save(&path, self::policy("second"));
    // From a task, on the only thread there is, which it must not block.
    let reload = tokio::spawn({
        let file = Arc::clone(&file);
        async move { file.reload().await }
    });
    assert!(reload.await.unwrap().is_ok());
    assert!(is_in_force(policy.load().policy(), "second"));
    save(&path, "allow_origins = []");
    assert!(file.reload().await.is_err());
    save(&path, self::policy("third"));
    // It would be wrong to block here; but no reason to panic.
    assert!(file.blocking_reload().is_ok());
    assert!(is_in_force(policy.load().policy(), "third"));
}

#[test]
fn a_panic_in_the_report_does_not_end_the_following() {
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
fn a_panic_while_a_policy_is_prepared_leaves_the_one_in_force() {
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
fn it_can_be_shared_by_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<PolicyFile>();
    shared::<PolicyFileError>();
}
