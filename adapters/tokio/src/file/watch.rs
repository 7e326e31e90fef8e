//! The thread that follows a file. It is not an async task, because building a policy with many origins would block one.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use omnicors_adapter::caught;
use omnicors_core::Policy;

use super::error::PolicyFileError;
use super::places::{Places, places};
use super::reloaded::Reloaded;
use super::source::{Content, Source, SourceFile};
use super::stamps::Stamps;
use super::watcher::Watcher;

/// The time without a change after which the file is read, because programs save a file in several steps.
const QUIET: Duration = Duration::from_millis(50);
/// The time after which the file is read even if changes continue, for example of other files in its directory.
const LATEST: Duration = Duration::from_secs(1);
/// The time after which the file is read if no change is reported, and if it is written in place all the time.
const SAFEGUARD: Duration = Duration::from_secs(30);

type Outcome = Result<Reloaded, PolicyFileError>;

pub(super) enum Message {
    /// The file, or something on the path to it, may have changed.
    Changed,
    Reload(Box<dyn FnOnce(Outcome) + Send>),
    Stop,
}

/// Stops the thread when it is dropped.
pub(super) struct StopOnDrop(pub(super) Sender<Message>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        // An error means that the thread has ended.
        let _ended = self.0.send(Message::Stop);
    }
}

/// Starts the thread. `content` is the content from which the policy in force was built.
pub(super) fn start(
    source: Source,
    content: Content,
    (messages, received): (Sender<Message>, Receiver<Message>),
    replace: impl Fn(Policy) + Send + 'static,
    report: impl FnMut(Outcome) + Send + 'static,
) -> Result<(), PolicyFileError> {
    let path = source.path.clone();
    let changes = messages.clone();
    let watcher = Watcher::start(move || {
        // An error means that the thread has stopped.
        let _stopped = changes.send(Message::Changed);
    })
    .map_err(|error| PolicyFileError::Unwatchable(path.clone(), error.into()))?;
    let watching = Watching {
        source,
        origins_path: content.origins_path().map(Path::to_owned),
        seen: Ok(content.clone()),
        in_force: content,
        watcher,
        replace,
        report,
    };
    thread::Builder::new()
        .name("cors-policy-file".to_owned())
        .spawn(move || watching.run(&received))
        .map_err(|error| PolicyFileError::Unwatchable(path, error.into()))?;
    // The thread first starts to watch and then reads the file, so a change before that is not missed.
    let _stopped = messages.send(Message::Changed);
    Ok(())
}

/// The deadlines for reading a file that may have changed.
#[derive(Default)]
struct Debounce {
    /// The time of the first change.
    first: Option<Instant>,
    /// After `LATEST`: the files when they were last looked at, and the time since which none of them was written in place.
    seen: Option<(Stamps, Instant)>,
}

impl Debounce {
    /// Returns the time without a change after which the file is read.
    fn wait(&self) -> Duration {
        match self.first {
            None => SAFEGUARD,
            Some(_) => QUIET,
        }
    }

    /// Records a change. Returns true if the file has to be read now, because changes have continued for too long. A file that is
    /// being written in place is not read until `SAFEGUARD`, because a part of it can be another policy.
    fn changed(&mut self, now: Instant, stamps: impl FnOnce() -> Stamps) -> bool {
        let elapsed = now.duration_since(*self.first.get_or_insert(now));
        if elapsed < LATEST {
            return false;
        }
        let stamps = stamps();
        let since = match &self.seen {
            Some((earlier, since)) if !stamps.is_written_since(earlier) => *since,
            _ => now,
        };
        let is_due = now.duration_since(since) >= QUIET || elapsed >= SAFEGUARD;
        if is_due {
            *self = Self::default();
        } else {
            self.seen = Some((stamps, since));
        }
        is_due
    }
}

/// The state of the thread.
struct Watching<A, B> {
    source: Source,
    /// The list of origins that the policy file named when it was last read.
    origins_path: Option<PathBuf>,
    /// The content of the files when they were last read, or the error if the policy file could not be read.
    seen: Result<Content, io::ErrorKind>,
    /// The content from which the policy in force was built.
    in_force: Content,
    watcher: Watcher,
    replace: A,
    report: B,
}

impl<A: Fn(Policy), B: FnMut(Outcome)> Watching<A, B> {
    fn run(mut self, messages: &Receiver<Message>) {
        let mut debounce = Debounce::default();
        loop {
            match messages.recv_timeout(debounce.wait()) {
                Ok(Message::Changed) => {
                    if debounce.changed(Instant::now(), || self.stamps()) {
                        self.follow();
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    debounce = Debounce::default();
                    self.follow();
                }
                Ok(Message::Reload(then)) => {
                    if let Some(outcome) = self.load(true) {
                        then(outcome);
                    }
                }
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn stamps(&self) -> Stamps {
        let list = self.origins_path.as_deref();
        Stamps::of(std::iter::once(&*self.source.path).chain(list))
    }

    /// Reads the file. If it has changed, reports the outcome.
    fn follow(&mut self) {
        let Some(outcome) = self.load(false) else {
            return;
        };
        #[cfg(feature = "tracing")]
        if let Err(error) = &outcome {
            tracing::warn!(target: "omnicors", "the previous CORS policy stays in force: {error:#}");
        }
        // The panic hook has printed the panic. The file is still followed.
        let _panicked = caught(|| (self.report)(outcome));
    }

    /// Reads the files, and puts their policy into force if it is a new one. Returns `None` if they have not changed, unless
    /// `again` is true.
    fn load(&mut self, again: bool) -> Option<Outcome> {
        // The code that prepares a policy and the watcher are written by others and may panic.
        caught(|| {
            self.watch_places();
            let file = match self.source.read(self.seen.as_ref().ok()) {
                Ok(file) => file,
                Err(error) => {
                    let kind = match &error {
                        PolicyFileError::Unreadable(_, error) => error.kind(),
                        _ => io::ErrorKind::Other,
                    };
                    let is_new = self.seen.as_ref().err() != Some(&kind);
                    self.seen = Err(kind);
                    return (is_new || again).then_some(Err(error));
                }
            };
            if file.origins_path != self.origins_path {
                self.origins_path.clone_from(&file.origins_path);
                self.watch_places();
            }
            let content = self.source.content(&file);
            let is_new = self.seen.as_ref().ok() != Some(&content);
            self.seen = Ok(content.clone());
            (is_new || again).then(|| self.put_in_force(file, &content))
        })
        .unwrap_or_else(|| Some(Err(PolicyFileError::Panicked(self.source.path.clone()))))
    }

    fn put_in_force(&mut self, file: SourceFile, content: &Content) -> Outcome {
        if *content == self.in_force {
            return Ok(Reloaded::Unchanged);
        }
        let (policy, content) = self.source.build(file)?;
        (self.replace)(policy);
        self.seen = Ok(content.clone());
        self.in_force = content;
        #[cfg(feature = "tracing")]
        tracing::info!(target: "omnicors", path = %self.source.path.display(), "a new CORS policy is in force");
        Ok(Reloaded::Replaced)
    }

    /// Watches the directories on the paths to the files, which a change may have replaced. Later changes are reported, so the
    /// files are read after this and not before.
    fn watch_places(&mut self) {
        /// A path may change while the watches are set. Then they are set again, at most this often.
        const TRIES: usize = 4;
        let mut last = Places::default();
        for _ in 0..TRIES {
            let mut now = places(&self.source.path);
            if let Some(path) = &self.origins_path {
                now.extend(places(path));
            }
            if now == last {
                return;
            }
            self.watcher.watch(&now);
            last = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unwritten() -> Stamps {
        Stamps::of([])
    }

    #[test]
    fn a_change_is_read_after_a_pause_or_after_a_second() {
        let begin = Instant::now();
        let mut debounce = Debounce::default();
        assert_eq!(debounce.wait(), SAFEGUARD);
        for _ in 0..2 {
            for tenths in 0..=10 {
                assert!(!debounce.changed(begin + tenths * LATEST / 10, unwritten));
                assert_eq!(debounce.wait(), QUIET);
            }
            assert!(debounce.changed(begin + LATEST + QUIET, unwritten));
            assert_eq!(debounce.wait(), SAFEGUARD);
        }
    }

    #[test]
    fn a_file_is_not_read_while_it_is_written_in_place_but_at_the_latest_after_30_s() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("origins.txt");
        let mut text = String::new();
        let mut change = |at| {
            text.push_str("https://a.example\n");
            std::fs::write(&path, &text).unwrap();
            at
        };
        let begin = Instant::now();
        let mut debounce = Debounce::default();
        for tenths in 0..50 {
            let now = change(begin + tenths * LATEST / 10);
            assert!(!debounce.changed(now, || Stamps::of([&*path])));
        }
        // Other files of the directory change on.
        let last = begin + 5 * LATEST;
        assert!(debounce.changed(last, || Stamps::of([&*path])));
        for seconds in 0..30 {
            let now = change(last + seconds * LATEST);
            assert!(!debounce.changed(now, || Stamps::of([&*path])));
        }
        let now = change(last + SAFEGUARD);
        assert!(debounce.changed(now, || Stamps::of([&*path])));
    }
}
