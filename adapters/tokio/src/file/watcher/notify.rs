//! Any system but Linux.

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
            // It may be gone itself.
            let _gone = self.inner.unwatch(left);
        }
        let mut watched = BTreeSet::new();
        for place in &places.watched {
            // Watching one twice would start over. If this fails, the directory cannot be read or is gone. The directories above
            // it report changes, and the file is read now and then.
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

/// Returns true if something on the path to the file may have changed. That a file was opened and read is not a change.
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
    fn only_changes_on_the_way_to_the_file_concern_it() {
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
        // Or else to read it would be a reason to read it.
        for kind in [
            EventKind::Access(AccessKind::Open(AccessMode::Any)),
            EventKind::Access(AccessKind::Close(AccessMode::Read)),
            EventKind::Access(AccessKind::Any),
        ] {
            assert!(!concerns(kind, file()), "{kind:?}");
        }
        // Events have been lost, or nobody knows of what they are.
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
