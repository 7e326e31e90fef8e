//! `cargo xtask flakes N`: runs the tests that drive browsers or open sockets many times in one sitting.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::command::{self, Failed, cargo, root};
use crate::screenshot;
use crate::test::{self, Browsers};

/// The number of runs in `cargo xtask full`.
pub(crate) const RUNS: u32 = 20;

/// The folder of most tests that drive browsers. All of them run.
const BROWSER_TESTS: &str = "tests/browser";

/// The package whose page is tested in browsers, and the source of this test.
const QUICK_START: (&str, &str) = ("examples/quickstart", "tests/browsers.rs");

/// The tests that open sockets, in the folder `tests`.
const SOCKET_TESTS: [&str; 4] = ["parity", "frameworks", "swap", "hostile"];

/// The seed of the generated tests in a run is this number plus the number of the run, so that each run has other cases.
const SEED: u32 = 1_000;

/// Builds the tests once, and runs them this number of times. Stops at the first failure.
pub(crate) fn run(runs: u32) -> Result<(), Failed> {
    if runs == 0 {
        return Err(Failed::because("0 runs show nothing"));
    }
    test::ready(Browsers::All)?;
    let programs = build()?;
    for number in 1..=runs {
        let start = Instant::now();
        for (folder, program) in &programs {
            run_once(folder, program, number)?;
        }
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "run {number} of {runs}: {} test programs in {seconds:.1} s",
            programs.len()
        );
    }
    println!("flakes: {runs} runs, 0 failures");
    Ok(())
}

/// Builds the tests, and returns each program with the folder in which cargo would run it.
///
/// The build is the one of `cargo xtask test`. With fewer packages, the dependencies would have other features and compile again.
fn build() -> Result<Vec<(PathBuf, PathBuf)>, Failed> {
    let mut wanted: Vec<_> = names(&manifest(BROWSER_TESTS)?)
        .map(|name| (BROWSER_TESTS, format!("{name}.rs")))
        .collect();
    wanted.push((QUICK_START.0, QUICK_START.1.to_owned()));
    wanted.extend(SOCKET_TESTS.map(|name| ("tests", format!("{name}.rs"))));
    let mut build = cargo("test --locked --workspace --all-features --tests --no-run");
    let mut executables = Vec::new();
    command::run_reading_errors(&mut build, |line| executables.extend(executable(line)))?;
    let mut programs = Vec::new();
    for (folder, source) in wanted {
        let mut found = executables.iter().filter(|(path, _)| *path == source);
        let (Some((_, program)), None) = (found.next(), found.next()) else {
            return Err(Failed::because(format_args!(
                "cargo has not built exactly one test program from `{source}`"
            )));
        };
        let name = source.trim_end_matches(".rs").replace('/', "-");
        programs.push((root().join(folder), copied(&name, &root().join(program))?));
    }
    Ok(programs)
}

/// Copies a test program, so that a later build does not replace it between two runs.
fn copied(name: &str, program: &Path) -> Result<PathBuf, Failed> {
    let folder = root().join("target/flakes");
    let copy = folder.join(name);
    fs::create_dir_all(&folder)
        .and_then(|()| fs::copy(program, &copy))
        .map_err(|error| Failed::because(format_args!("{}: {error}", copy.display())))?;
    Ok(copy)
}

fn run_once(folder: &Path, program: &Path, number: u32) -> Result<(), Failed> {
    let mut command = Command::new(program);
    command.arg("--include-ignored").current_dir(folder);
    command.args(["--skip", screenshot::PICTURES]);
    command.env("OMNICORS_SEED", (SEED + number).to_string());
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Failed::because(format_args!("{}: {error}", program.display())))?;
    if output.status.success() {
        return Ok(());
    }
    print!("{}", String::from_utf8_lossy(&output.stdout));
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    Err(Failed::because(format_args!(
        "run {number}: {} ({})",
        program.display(),
        output.status
    )))
}

/// Returns the source and the program in a line of `cargo test --no-run`:
/// `  Executable parity.rs (target/debug/deps/parity-0123456789abcdef)`.
///
/// The name of the program is not enough: packages have test programs of the same name. The source is relative to the package, so a
/// name alone may be that of several.
fn executable(line: &str) -> Option<(String, PathBuf)> {
    let rest = line.trim_start().strip_prefix("Executable ")?;
    let (source, path) = rest.strip_suffix(')')?.split_once(" (")?;
    Some((source.to_owned(), path.into()))
}

fn manifest(folder: &str) -> Result<String, Failed> {
    let path = root().join(folder).join("Cargo.toml");
    fs::read_to_string(&path)
        .map_err(|error| Failed::because(format_args!("{}: {error}", path.display())))
}

/// Returns the names of the tests in a manifest.
fn names(manifest: &str) -> impl Iterator<Item = &str> {
    manifest
        .split("[[test]]")
        .skip(1)
        .filter_map(|test| test.split_once("name = \"")?.1.split('"').next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_are_read_from_the_output_of_cargo() {
        for (line, source, program) in [
            (
                "  Executable parity.rs (target/debug/deps/parity-0123456789abcdef)",
                "parity.rs",
                "target/debug/deps/parity-0123456789abcdef",
            ),
            (
                "  Executable tests/parity.rs (target/debug/deps/parity-01)",
                "tests/parity.rs",
                "target/debug/deps/parity-01",
            ),
            (
                "  Executable unittests src/lib.rs (/a (b)/over_time-01)",
                "unittests src/lib.rs",
                "/a (b)/over_time-01",
            ),
        ] {
            let expected = (source.to_owned(), PathBuf::from(program));
            assert_eq!(executable(line), Some(expected));
        }
        assert_eq!(executable("   Compiling omnicors-core v0.1.0 (/a)"), None);
    }

    #[test]
    fn every_test_that_drives_browsers_is_found() {
        let manifest = manifest(BROWSER_TESTS).unwrap();
        let found: Vec<_> = names(&manifest).collect();
        for name in ["matrix", "console", "over_time"] {
            assert!(found.contains(&name), "{found:?}");
        }
    }
}
