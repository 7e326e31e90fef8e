//! The record of the files of which no mutant is missed. It is committed, so that a run of hours can be done in several sittings.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::failed;
use crate::command::{Failed, root};

const PATH: &str = ".cargo/mutants-caught.txt";

const HEADER: &str = "\
# Written by `cargo xtask mutants`: the files of the core of which a test fails for each mutant, with the names of their contents in git.
# It tests the other files, and those that changed since. Remove lines to test files again, for example after a test was removed.
";

/// The files of cargo-mutants with the mutants that a test catches, or that do not compile.
const CAUGHT: [&str; 3] = ["caught.txt", "timeout.txt", "unviable.txt"];

#[derive(Debug)]
pub(super) struct Record {
    path: PathBuf,
    /// The name of the content of each file.
    sources: BTreeMap<String, String>,
    /// The files of which no mutant is missed.
    done: BTreeSet<String>,
}

impl Record {
    /// Reads the record. Each line of `sources` is the name of a content, and the path of the file.
    pub(super) fn read(sources: &str) -> Self {
        let path = root().join(PATH);
        let record = fs::read_to_string(&path).unwrap_or_default();
        Self::new(path, sources, &record)
    }

    fn new(path: PathBuf, sources: &str, record: &str) -> Self {
        let record: BTreeSet<_> = record.lines().collect();
        let unchanged = sources.lines().filter(|line| record.contains(line));
        let done = unchanged.filter_map(|line| Some(line.split_once(' ')?.1.to_owned()));
        let sources = sources.lines().filter_map(|line| line.split_once(' '));
        Self {
            path,
            done: done.collect(),
            sources: sources
                .map(|(name, path)| (path.to_owned(), name.to_owned()))
                .collect(),
        }
    }

    /// Returns the files that are not in the record, or were different then.
    pub(super) fn rest(&self) -> impl Iterator<Item = &str> {
        let files = self.sources.keys();
        files
            .map(String::as_str)
            .filter(|file| !self.done.contains(*file))
    }

    /// Adds the files of which all mutants are caught by now. Each line of `mutants` begins with a path and `:`.
    pub(super) fn update(&mut self, results: &Path, mutants: &str) -> Result<(), Failed> {
        let read = |name| fs::read_to_string(results.join(name)).unwrap_or_default();
        let caught = CAUGHT.map(read).concat();
        let new: Vec<_> = all_caught(mutants, &caught)
            .filter(|file| self.sources.contains_key(*file) && !self.done.contains(*file))
            .map(str::to_owned)
            .collect();
        if new.is_empty() {
            return Ok(());
        }
        self.done.extend(new);
        fs::write(&self.path, self.text()).map_err(|error| failed(&self.path, &error))
    }

    fn text(&self) -> String {
        let mut text = HEADER.to_owned();
        for (path, name) in &self.sources {
            if self.done.contains(path) {
                text.extend([name, " ", path, "\n"]);
            }
        }
        text
    }
}

/// Returns the files of the mutants for which no mutant is left.
fn all_caught<'a>(mutants: &'a str, caught: &str) -> impl Iterator<Item = &'a str> {
    let caught: BTreeSet<_> = caught.lines().collect();
    let file = |line: &'a str| line.split_once(':').map(|(path, _)| path);
    let left = mutants.lines().filter(move |line| !caught.contains(line));
    let left: BTreeSet<_> = left.filter_map(file).collect();
    let files: BTreeSet<_> = mutants.lines().filter_map(file).collect();
    files.into_iter().filter(move |file| !left.contains(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MUTANTS: &str =
        "core/a.rs:1:2: replace\ncore/b.rs:1:2: replace\ncore/a.rs:3:4: delete !\n";

    #[test]
    fn a_file_is_done_when_each_of_its_mutants_is_caught() {
        let done = |caught| all_caught(MUTANTS, caught).collect::<Vec<_>>();
        assert_eq!(done(""), [""; 0]);
        assert_eq!(done("core/a.rs:1:2: replace\n"), [""; 0]);
        assert_eq!(done("core/b.rs:1:2: replace\n"), ["core/b.rs"]);
        assert_eq!(done(MUTANTS), ["core/a.rs", "core/b.rs"]);
    }

    #[test]
    fn a_file_that_changed_is_tested_again() {
        let sources = "11 core/a.rs\n44 core/b.rs\n55 core/d.rs";
        let record = format!("{HEADER}11 core/a.rs\n22 core/b.rs\n33 core/c.rs\n");
        let record = Record::new(PathBuf::new(), sources, &record);
        assert!(record.rest().eq(["core/b.rs", "core/d.rs"]));
        assert_eq!(record.text(), format!("{HEADER}11 core/a.rs\n"));
    }
}
