//! Where to look for changes of what a path leads to.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// What a path leads over.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    /// What to watch: each directory in which something on the way could change, and what is at the end. (The file by itself,
    /// because the directory that a single file is mounted into, as containers have it, tells nothing of its content.)
    pub(super) watched: BTreeSet<PathBuf>,
    /// What is on the way, as the directories name it: components, links, and the file at the end.
    pub(super) entries: BTreeSet<PathBuf>,
}

impl Places {
    /// Adds those of another path.
    pub(super) fn extend(&mut self, other: Self) {
        self.watched.extend(other.watched);
        self.entries.extend(other.entries);
    }
}

/// Walks an absolute path, link by link, as far as there is something.
pub(super) fn places(path: &Path) -> Places {
    /// As many as Linux follows.
    const MOST_LINKS: usize = 40;
    let mut places = Places::default();
    let mut links = 0;
    // With no link in it: so that `..` is what is before it.
    let mut reached = PathBuf::new();
    // The components to come, the next one last.
    let mut to_come = Vec::new();
    push(&mut to_come, path);
    while let Some(name) = to_come.pop() {
        if name == ".." {
            reached.pop();
            continue;
        }
        let entry = reached.join(&name);
        if entry.parent().is_some() {
            places.watched.insert(reached.clone());
            places.entries.insert(entry.clone());
        }
        match fs::read_link(&entry) {
            Ok(target) => {
                links += 1;
                if links > MOST_LINKS {
                    return places;
                }
                push(&mut to_come, &target);
            }
            // Not a link; or not there, and so is nothing beyond.
            Err(_) if entry.symlink_metadata().is_ok() => reached = entry,
            Err(_) => return places,
        }
    }
    places.watched.insert(reached);
    places
}

/// A root among the names begins anew: `join` sees to that.
fn push(to_come: &mut Vec<OsString>, path: &Path) {
    let names: Vec<_> = path
        .components()
        .filter(|component| *component != Component::CurDir)
        .map(|component| component.as_os_str().to_owned())
        .collect();
    to_come.extend(names.into_iter().rev());
}
