//! The watcher for systems other than Linux.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::file::places::Places;

pub(in crate::file) struct Watcher {
    inner: RecommendedWatcher,
    watched: BTreeSet<PathBuf>,
    entries: Arc<Mutex<BTreeSet<PathBuf>>>,
}

impl Watcher {
    /// Starts a thread that calls `changed` after each change. It ends when the watcher is dropped.
    pub(in crate::file) fn start(
        mut changed: impl FnMut() + Send + 'static,
    ) -> notify::Result<Self> {
        let entries = Arc::new(Mutex::new(BTreeSet::new()));
        let inner = {
            let entries = Arc::clone(&entries);
            notify::recommended_watcher(move |event: notify::Result<Event>| {
                let entries = entries.lock().unwrap_or_else(PoisonError::into_inner);
                if concerns(&event, &entries) {
                    changed();
                }
            })?
        };
        Ok(Self {
            inner,
            watched: BTreeSet::new(),
            entries,
        })
    }

    /// Watches these places and no others.
    pub(in crate::file) fn watch(&mut self, places: &Places) {
        for left in self.watched.difference(&places.watched) {
            // An error means that the directory no longer exists.
            let _gone = self.inner.unwatch(left);
        }
        let mut watched = BTreeSet::new();
        for place in &places.watched {
            // A place that is watched already is skipped, because `watch` would replace its watch. If this fails, the directory
            // cannot be read or no longer exists. Then the directories above it report changes, and the file is also read every
            // 30 s.
            let mode = RecursiveMode::NonRecursive;
            if self.watched.contains(place) || self.inner.watch(place, mode).is_ok() {
                watched.insert(place.clone());
            }
        }
        self.watched = watched;
        self.entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone_from(&places.entries);
    }
}

/// Returns true if something on the path to the file may have changed. Opening and reading a file are not changes.
fn concerns(event: &notify::Result<Event>, entries: &BTreeSet<PathBuf>) -> bool {
    let Ok(event) = event else {
        return true;
    };
    match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => {}
        EventKind::Access(_) => return false,
        _ => {}
    }
    event.need_rescan()
        || event.paths.is_empty()
        || event.paths.iter().any(|path| entries.contains(path))
}

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, DataChange, Flag, ModifyKind, RenameMode};

    use super::*;

    #[test]
    fn only_changes_on_the_path_concern_the_file() {
        let entries = BTreeSet::from([PathBuf::from("/etc/cors.toml")]);
        let concerns = |kind, path| concerns(&Ok(Event::new(kind).add_path(path)), &entries);
        let (file, other) = (|| "/etc/cors.toml".into(), || "/etc/other".into());
        for kind in [
            EventKind::Any,
            EventKind::Create(CreateKind::File),
            EventKind::Modify(ModifyKind::Name(RenameMode::To)),
            EventKind::Modify(ModifyKind::Data(DataChange::Any)),
            EventKind::Access(AccessKind::Close(AccessMode::Write)),
        ] {
            assert!(concerns(kind, file()), "{kind:?}");
            assert!(!concerns(kind, other()), "{kind:?}");
        }
        // Otherwise each read would cause another one.
        for kind in [
            EventKind::Access(AccessKind::Open(AccessMode::Any)),
            EventKind::Access(AccessKind::Close(AccessMode::Read)),
            EventKind::Access(AccessKind::Any),
        ] {
            assert!(!concerns(kind, file()), "{kind:?}");
        }
        // Events that were lost, and events without a path.
        let lost = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        for event in [
            Ok(lost.add_path(other())),
            Ok(Event::new(EventKind::Any)),
            Err(notify::Error::generic("")),
        ] {
            assert!(super::concerns(&event, &entries), "{event:?}");
        }
    }
}
