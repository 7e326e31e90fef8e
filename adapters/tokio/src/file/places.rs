//! The directories and files to watch for changes of a file.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The directories and directory entries on the path to a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    /// The places to watch: each directory on the path, and the file itself. The file is watched too because a container can mount
    /// a single file, and then its directory does not report changes of the content.
    pub(super) watched: BTreeSet<PathBuf>,
    /// The directory entries on the path: directories, symbolic links, and the file itself.
    pub(super) entries: BTreeSet<PathBuf>,
}

impl Places {
    /// Adds the places of another path.
    pub(super) fn extend(&mut self, other: Self) {
        self.watched.extend(other.watched);
        self.entries.extend(other.entries);
    }
}

/// Walks an absolute path, following symbolic links, as far as it exists.
pub(super) fn places(path: &Path) -> Places {
    /// The limit of Linux.
    const MOST_LINKS: usize = 40;
    let mut places = Places::default();
    let mut links = 0;
    // Contains no symbolic link, so `..` is its parent.
    let mut reached = PathBuf::new();
    // The remaining components, the next one last.
    let mut rest = Vec::new();
    push(&mut rest, path);
    while let Some(name) = rest.pop() {
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
                push(&mut rest, &target);
            }
            // An error means that the entry is not a link, or does not exist.
            Err(_) if entry.symlink_metadata().is_ok() => reached = entry,
            Err(_) => return places,
        }
    }
    places.watched.insert(reached);
    places
}

/// Puts the components of a path before the remaining ones. An absolute path starts from the root again, because `join` replaces
/// the whole path then.
fn push(rest: &mut Vec<OsString>, path: &Path) {
    let names: Vec<_> = path
        .components()
        .filter(|component| *component != Component::CurDir)
        .map(|component| component.as_os_str().to_owned())
        .collect();
    rest.extend(names.into_iter().rev());
}
