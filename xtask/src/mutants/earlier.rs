//! The results of earlier runs of the mutants of the whole core.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::failed;
use crate::command::Failed;

/// The files of cargo-mutants that list mutants which it does not test again with `--iterate`. Each line begins with a path and `:`.
const DONE: [&str; 3] = ["caught.txt", "previously_caught.txt", "unviable.txt"];

/// Notes which sources a run tests.
pub(super) fn note(results: &Path, sources: &str) -> Result<(), Failed> {
    let path = noted(results);
    fs::write(&path, sources).map_err(|error| failed(&path, &error))
}

/// Removes the results for sources that changed since they were noted, so that they are tested again. Results for the others stay, although
/// the tests may have changed: most changes of tests add to them.
pub(super) fn keep(results: &Path, sources: &str) -> Result<(), Failed> {
    let path = noted(results);
    let Ok(noted) = fs::read_to_string(&path) else {
        return Err(Failed::because(
            "no earlier run is known: run cargo xtask mutants",
        ));
    };
    let unchanged = unchanged(&noted, sources);
    for name in DONE {
        let file = results.join(name);
        if let Ok(lines) = fs::read_to_string(&file) {
            let kept = of_files(&lines, &unchanged);
            fs::write(&file, kept).map_err(|error| failed(&file, &error))?;
        }
    }
    Ok(())
}

/// Beside the results, because cargo-mutants replaces their folder.
fn noted(results: &Path) -> PathBuf {
    results.with_file_name("sources.txt")
}

/// Returns the paths of the sources that are the same in both.
fn unchanged<'a>(noted: &str, sources: &'a str) -> BTreeSet<&'a str> {
    let noted: BTreeSet<_> = noted.lines().collect();
    let same = sources.lines().filter(|line| noted.contains(line));
    same.filter_map(|line| Some(line.split_once(' ')?.1))
        .collect()
}

/// Returns the lines about these files.
fn of_files(lines: &str, files: &BTreeSet<&str>) -> String {
    let is_of_files = |line: &&str| {
        line.split_once(':')
            .is_some_and(|(path, _)| files.contains(path))
    };
    let kept = lines.split_inclusive('\n');
    kept.filter(is_of_files).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_results_for_unchanged_sources_are_kept() {
        let noted = "11 core/a.rs\n22 core/b.rs\n33 core/c.rs";
        let sources = "11 core/a.rs\n44 core/b.rs\n55 core/d.rs";
        let unchanged = unchanged(noted, sources);
        let lines = "core/a.rs:1:2: replace\ncore/b.rs:1:2: replace\ncore/a.rs:3:4: delete !\ncore/c.rs:1:1: x\n";
        assert_eq!(
            of_files(lines, &unchanged),
            "core/a.rs:1:2: replace\ncore/a.rs:3:4: delete !\n"
        );
    }
}
