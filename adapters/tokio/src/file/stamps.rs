//! Whether files are being written in place.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

/// The state of files at one moment.
#[derive(Debug)]
pub(super) struct Stamps(Vec<Option<Stamp>>);

#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    identity: Identity,
    length: u64,
    modified: Option<SystemTime>,
}

/// What is the same while a file is written in place, and not if another file is renamed over it.
#[derive(Debug, PartialEq, Eq)]
struct Identity(#[cfg(unix)] [u64; 2]);

impl Stamps {
    pub(super) fn of<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Self {
        Self(paths.into_iter().map(Stamp::of).collect())
    }

    /// Returns true if one of the files was written in place since the earlier moment.
    pub(super) fn is_written_since(&self, earlier: &Self) -> bool {
        let mut pairs = self.0.iter().zip(&earlier.0);
        pairs.any(|pair| match pair {
            (Some(now), Some(earlier)) => now.identity == earlier.identity && now != earlier,
            _ => false,
        })
    }
}

impl Stamp {
    /// Returns `None` if the file is missing.
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            identity: Identity::of(&metadata),
            length: metadata.len(),
            modified: metadata.modified().ok(),
        })
    }
}

impl Identity {
    #[cfg(unix)]
    fn of(metadata: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self([metadata.dev(), metadata.ino()])
    }

    #[cfg(not(unix))]
    fn of(_: &fs::Metadata) -> Self {
        Self()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_grows_is_being_written_and_one_that_is_replaced_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let [policy, list] = ["cors.toml", "origins.txt"].map(|name| folder.path().join(name));
        let stamps = || Stamps::of([&*policy, &*list]);
        fs::write(&list, "https://").unwrap();
        let before = stamps();
        assert!(!stamps().is_written_since(&before));
        fs::write(&policy, "a").unwrap();
        let begun = stamps();
        assert!(!begun.is_written_since(&before), "the policy is new");
        fs::write(&list, "https://a.example\n").unwrap();
        assert!(stamps().is_written_since(&before), "beside a new policy");
        assert!(stamps().is_written_since(&begun));
        let before = stamps();
        let next = folder.path().join("next.txt");
        fs::write(&next, "https://b.example\nhttps://c.example\n").unwrap();
        fs::rename(&next, &list).unwrap();
        assert!(!stamps().is_written_since(&before));
    }
}
