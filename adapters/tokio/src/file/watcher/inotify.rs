//! The watcher for Linux.
//!
//! The crate `notify` is not used here because it logs two misleading warnings whenever a directory is removed that it watches
//! together with its parent. Every update of a `ConfigMap` of Kubernetes removes such a directory.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use inotify::{Event, EventMask, Inotify, WatchDescriptor, WatchMask, Watches};

use crate::file::places::Places;

/// All changes. Opening and reading a file are not included, because otherwise each read would cause another one.
const CHANGES: WatchMask = WatchMask::ATTRIB
    .union(WatchMask::CLOSE_WRITE)
    .union(WatchMask::CREATE)
    .union(WatchMask::DELETE)
    .union(WatchMask::DELETE_SELF)
    .union(WatchMask::MODIFY)
    .union(WatchMask::MOVE)
    .union(WatchMask::MOVE_SELF);

/// Enough for an event with the longest name: 16 bytes and 256.
const BUFFER: usize = 4096;

pub(in crate::file) struct Watcher {
    watches: Watches,
    state: Arc<State>,
}

struct State {
    watched: Mutex<Watched>,
    is_stopped: AtomicBool,
}

#[derive(Default)]
struct Watched {
    /// A descriptor stays that of its directory or file when this is renamed.
    paths: HashMap<WatchDescriptor, PathBuf>,
    entries: BTreeSet<PathBuf>,
}

impl Watcher {
    /// Starts a thread that calls `changed` after each change. It ends when the watcher is dropped.
    pub(in crate::file) fn start(changed: impl FnMut() + Send + 'static) -> io::Result<Self> {
        let inotify = Inotify::init()?;
        let state = Arc::new(State {
            watched: Mutex::default(),
            is_stopped: AtomicBool::new(false),
        });
        let mut watcher = Self {
            watches: inotify.watches(),
            state: Arc::clone(&state),
        };
        // The root is on every path. It is always watched, so there is always a watch whose removal wakes the thread in `drop`.
        let root = Path::new("/");
        let descriptor = watcher.watches.add(root, CHANGES)?;
        lock(&watcher.state.watched)
            .paths
            .insert(descriptor, root.to_owned());
        thread::Builder::new()
            .name("cors-policy-watcher".to_owned())
            .spawn(move || run(inotify, &state, changed))?;
        Ok(watcher)
    }

    /// Watches these places and no others.
    pub(in crate::file) fn watch(&mut self, places: &Places) {
        // Locked until the end, so that an event of a new descriptor finds its path.
        let mut watched = lock(&self.state.watched);
        watched.entries.clone_from(&places.entries);
        // For a place that is watched already, this returns the same descriptor; a directory that was replaced gets a new one. If
        // this fails, the directory cannot be read or no longer exists. Then the directories above it report changes, and the file
        // is also read every 30 s.
        let paths: HashMap<_, _> = places
            .watched
            .iter()
            .filter_map(|place| Some((self.watches.add(place, CHANGES).ok()?, place.clone())))
            .collect();
        for left in watched.paths.keys() {
            if !paths.contains_key(left) {
                // An error means that the directory no longer exists, and the watch was removed with it.
                let _gone = self.watches.remove(left.clone());
            }
        }
        watched.paths = paths;
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.state.is_stopped.store(true, Ordering::Release);
        // Each removal of a watch is an event, which wakes the thread.
        for descriptor in lock(&self.state.watched).paths.keys() {
            let _gone = self.watches.remove(descriptor.clone());
        }
    }
}

fn lock(watched: &Mutex<Watched>) -> MutexGuard<'_, Watched> {
    watched.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run(mut inotify: Inotify, state: &State, mut changed: impl FnMut()) {
    let mut buffer = [0; BUFFER];
    loop {
        let events = match inotify.read_events_blocking(&mut buffer) {
            Ok(events) => events,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            // The file is still read every 30 s.
            Err(_) => return,
        };
        if state.is_stopped.load(Ordering::Acquire) {
            return;
        }
        let watched = lock(&state.watched);
        let is_change = events.into_iter().any(|event| concerns(&event, &watched));
        drop(watched);
        if is_change {
            changed();
        }
    }
}

/// Returns true if something on the path to the file may have changed.
fn concerns(event: &Event<&OsStr>, watched: &Watched) -> bool {
    if event.mask.contains(EventMask::Q_OVERFLOW) {
        // Events were lost.
        return true;
    }
    if event.mask.contains(EventMask::IGNORED) {
        // A watch was removed.
        return false;
    }
    match (watched.paths.get(&event.wd), event.name) {
        (Some(directory), Some(name)) => watched.entries.contains(&directory.join(name)),
        (Some(path), None) => watched.entries.contains(path),
        // The watch was removed.
        (None, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(wd: WatchDescriptor, mask: EventMask, name: Option<&str>) -> Event<&OsStr> {
        Event {
            wd,
            mask,
            cookie: 0,
            name: name.map(OsStr::new),
        }
    }

    #[test]
    fn only_changes_on_the_path_concern_the_file() {
        let inotify = Inotify::init().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let add = |path: &Path| inotify.watches().add(path, CHANGES).unwrap();
        let (wd, other) = (add(directory.path()), add(Path::new("/")));
        let watched = Watched {
            paths: HashMap::from([(wd.clone(), directory.path().to_owned())]),
            entries: BTreeSet::from([directory.path().join("cors.toml")]),
        };
        for (wd, mask, name, is_concern) in [
            (&wd, EventMask::MOVED_TO, Some("cors.toml"), true),
            (&wd, EventMask::MOVED_TO, Some("other.toml"), false),
            (&wd, EventMask::DELETE_SELF, None, false),
            (&other, EventMask::MOVED_TO, Some("cors.toml"), false),
            (&other, EventMask::Q_OVERFLOW, None, true),
            (&wd, EventMask::IGNORED, Some("cors.toml"), false),
        ] {
            let event = event(wd.clone(), mask, name);
            assert_eq!(concerns(&event, &watched), is_concern, "{event:?}");
        }
    }
}
