//! The record of the files of which no mutant is missed. It is committed, so that a run of hours can be done in several sittings.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::{MISSED, TIMEOUT, Tests, failed};
use crate::command::{Failed, root};

const PATH: &str = ".cargo/mutants-caught.txt";

const HEADER: &str = "\
# Written by `cargo xtask mutants`: the files of the core of which a test fails for each mutant, with the names of their contents in git.
# It tests the other files, and those that changed since. Remove lines to test files again, for example after a test was removed.
";

/// The files of cargo-mutants with the mutants that a test catches, or that do not compile.
const CAUGHT: [&str; 3] = ["caught.txt", "unviable.txt", EARLIER];

/// The file with those of an earlier run, if it continues.
pub(super) const EARLIER: &str = "previously_caught.txt";

/// The file beside the results with the names of the contents that were tested.
const SOURCES: &str = "sources.txt";

#[derive(Debug)]
pub(super) struct Record {
    path: PathBuf,
    /// The name of the content of each file.
    sources: BTreeMap<String, String>,
    /// The files of which a test catches each mutant.
    caught: BTreeSet<String>,
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
        let caught = unchanged.filter_map(|line| Some(line.split_once(' ')?.1.to_owned()));
        let sources = sources.lines().filter_map(|line| line.split_once(' '));
        Self {
            path,
            caught: caught.collect(),
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
            .filter(|file| !self.caught.contains(*file))
    }

    /// Writes the names of the contents beside the results, for [`Self::keep_unchanged`].
    pub(super) fn write_sources(&self, results: &Path) -> Result<(), Failed> {
        let sources = self.sources.iter();
        let sources: String = sources
            .flat_map(|(path, name)| [name, " ", path, "\n"])
            .collect();
        // cargo-mutants moves the folder of the results away when it starts.
        let file = results.with_file_name(SOURCES);
        fs::write(&file, sources).map_err(|error| failed(&file, &error))
    }

    /// Leaves only what is still true in the results of an earlier run: the caught mutants of files that have not changed since. The
    /// next run tests the others.
    pub(super) fn keep_unchanged(&self, results: &Path) -> Result<(), Failed> {
        let sources = fs::read_to_string(results.with_file_name(SOURCES)).unwrap_or_default();
        let unchanged: BTreeSet<_> = sources
            .lines()
            .filter_map(|line| line.split_once(' '))
            .filter(|(name, path)| self.sources.get(*path).is_some_and(|now| now == name))
            .map(|(_, path)| path)
            .collect();
        let read = |name| fs::read_to_string(results.join(name)).unwrap_or_default();
        let caught = CAUGHT.map(read).concat();
        let kept = caught.lines();
        let kept: String = kept
            .filter(|line| file_of(line).is_some_and(|file| unchanged.contains(file)))
            .flat_map(|line| [line, "\n"])
            .collect();
        let _none = fs::remove_dir_all(results);
        fs::create_dir_all(results)
            .and_then(|()| fs::write(results.join(EARLIER), kept))
            .map_err(|error| failed(results, &error))
    }

    /// Adds the files of which all mutants are caught by now, and removes those of which one was missed. Each line of `mutants` begins
    /// with a path and `:`.
    pub(super) fn update(
        &mut self,
        results: &Path,
        mutants: &str,
        tests: Tests,
    ) -> Result<(), Failed> {
        let read = |name| fs::read_to_string(results.join(name)).unwrap_or_default();
        let before = self.caught.clone();
        let (missed, timeout) = match tests {
            // What the core's own tests miss, the table may catch. On a busy machine, a test may be slow for another reason.
            Tests::Core => (String::new(), String::new()),
            // A mutant whose tests take too long again is caught.
            Tests::All => (read(MISSED), read(TIMEOUT)),
        };
        for file in missed.lines().filter_map(file_of) {
            self.caught.remove(file);
        }
        let caught = CAUGHT.map(read).concat() + &timeout;
        let new = all_caught(mutants, &caught).filter(|file| self.sources.contains_key(*file));
        self.caught.extend(new.map(str::to_owned));
        if self.caught == before {
            return Ok(());
        }
        fs::write(&self.path, self.text()).map_err(|error| failed(&self.path, &error))
    }

    fn text(&self) -> String {
        let mut text = HEADER.to_owned();
        for (path, name) in &self.sources {
            if self.caught.contains(path) {
                text.extend([name, " ", path, "\n"]);
            }
        }
        text
    }
}

/// Removes the results of an earlier run, so that they do not count.
pub(super) fn forget(results: &Path) {
    let _none = fs::remove_dir_all(results);
    let _none = fs::remove_file(results.with_file_name(SOURCES));
}

/// Returns the files of the mutants for which no mutant is left.
fn all_caught<'a>(mutants: &'a str, caught: &str) -> impl Iterator<Item = &'a str> {
    let caught: BTreeSet<_> = caught.lines().collect();
    let left = mutants.lines().filter(move |line| !caught.contains(line));
    let left: BTreeSet<_> = left.filter_map(file_of).collect();
    let files: BTreeSet<_> = mutants.lines().filter_map(file_of).collect();
    files.into_iter().filter(move |file| !left.contains(file))
}

/// Returns the path at the beginning of a line about a mutant.
fn file_of(line: &str) -> Option<&str> {
    line.split_once(':').map(|(path, _)| path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MUTANTS: &str =
        "core/a.rs:1:2: replace\ncore/b.rs:1:2: replace\ncore/a.rs:3:4: delete !\n";

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("mutants-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_file_is_recorded_when_each_of_its_mutants_is_caught_and_not_if_one_is_missed() {
        let done = |caught| all_caught(MUTANTS, caught).collect::<Vec<_>>();
        assert_eq!(done(""), [""; 0]);
        assert_eq!(done("core/a.rs:1:2: replace\n"), [""; 0]);
        assert_eq!(done("core/b.rs:1:2: replace\n"), ["core/b.rs"]);
        assert_eq!(done(MUTANTS), ["core/a.rs", "core/b.rs"]);

        let results = folder("caught");
        let record = results.join("record.txt");
        let mut record = Record::new(record, "11 core/a.rs\n22 core/b.rs", "11 core/a.rs");
        let write = |name: &str, lines: &str| fs::write(results.join(name), lines).unwrap();
        write("missed.txt", "core/a.rs:1:2: replace\n");
        write("caught.txt", "core/b.rs:1:2: replace\n");
        let mut update = |tests| {
            record.update(&results, MUTANTS, tests).unwrap();
            fs::read_to_string(results.join("record.txt")).unwrap()
        };
        let after_core = update(Tests::Core);
        let after_all = update(Tests::All);
        // One of the other file takes too long.
        write("missed.txt", "");
        write(
            "caught.txt",
            "core/a.rs:1:2: replace\ncore/b.rs:1:2: replace\n",
        );
        write("timeout.txt", "core/a.rs:3:4: delete !\n");
        let slow_in_core = update(Tests::Core);
        let slow_in_all = update(Tests::All);
        fs::remove_dir_all(&results).unwrap();
        assert_eq!(after_core, format!("{HEADER}11 core/a.rs\n22 core/b.rs\n"));
        assert_eq!(after_all, format!("{HEADER}22 core/b.rs\n"));
        assert_eq!(slow_in_core, after_all);
        assert_eq!(slow_in_all, after_core);
    }

    #[test]
    fn a_run_continues_an_earlier_one_in_files_that_have_not_changed() {
        let folder = folder("earlier");
        let results = folder.join("mutants.out");
        fs::create_dir_all(&results).unwrap();
        let record = |sources| Record::new(PathBuf::new(), sources, "");
        let kept = || fs::read_to_string(results.join(EARLIER)).unwrap();
        let before = record("11 core/a.rs\n22 core/b.rs");
        before.keep_unchanged(&results).unwrap();
        let of_the_first = kept();
        before.write_sources(&results).unwrap();
        fs::write(results.join("caught.txt"), MUTANTS).unwrap();
        fs::write(results.join("missed.txt"), "core/b.rs:9:2: replace\n").unwrap();
        let after = record("33 core/a.rs\n22 core/b.rs");
        after.keep_unchanged(&results).unwrap();
        let files = fs::read_dir(&results).unwrap().count();
        let of_the_second = kept();
        forget(&results);
        fs::create_dir_all(&results).unwrap();
        fs::write(results.join("caught.txt"), MUTANTS).unwrap();
        after.keep_unchanged(&results).unwrap();
        let of_the_third = kept();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(of_the_first, "");
        assert_eq!(of_the_second, "core/b.rs:1:2: replace\n");
        assert_eq!(of_the_third, "");
        assert_eq!(files, 1);
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
