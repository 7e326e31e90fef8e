//! `cargo xtask mutants`: changes the core in small ways. A test must fail for each change.
//!
//! The tests are those of the core, and the table of cases in `tests/table/`. `.cargo/mutants.toml` lists the mutants that no test can
//! distinguish, each with the reason.

mod earlier;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::command::{self, Failed, cargo, root};
use crate::limit::{self, Ended};
use crate::programs::{CARGO_MUTANTS, tool_path};

/// The code that is changed.
const CORE: &str = "cors-core/src";

/// The time for the mutants of a change in CI. The rest of the stage's limit is for the installation.
const SAMPLE: Duration = Duration::from_secs(200);

/// The mutants that are tested.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mutated<'a> {
    /// Those of the whole core.
    All,
    /// Those of the whole core that earlier runs of [`All`](Self::All) or of this have not caught, and those of files that changed since.
    Continued,
    /// Those of these files.
    Files(&'a [&'a str]),
    /// Those in the lines that differ from a commit; without one, from [`base`].
    Changed(Option<&'a str>),
    /// The same for CI: as many as [`SAMPLE`] allows.
    Sample,
}

pub(crate) fn run(mutated: Mutated<'_>) -> Result<(), Failed> {
    let out = root().join("target/mutants");
    fs::create_dir_all(out.join("copies")).map_err(|error| failed(&out, &error))?;
    let mut mutants = cargo("mutants --package omnicors-core --all-features --colors never");
    mutants.args(["--test-package", "omnicors-core,omnicors-table-tests"]);
    mutants.args(["--cap-lints", "true", "--minimum-test-timeout", "60"]);
    // A loop in a constant that does not end any more.
    mutants.args(["--build-timeout", "300"]);
    let is_whole = matches!(mutated, Mutated::All | Mutated::Continued);
    // The results of a run of hours are kept apart, so that other runs do not remove them.
    let results = if is_whole {
        out.join("whole")
    } else {
        out.clone()
    };
    fs::create_dir_all(&results).map_err(|error| failed(&results, &error))?;
    mutants.arg("--output").arg(&results);
    if let Mutated::Files(files) = mutated {
        if let Some(unknown) = files.iter().find(|file| !root().join(file).is_file()) {
            return Err(Failed::because(format_args!(
                "the file `{unknown}` does not exist"
            )));
        }
        for file in files {
            mutants.args(["--file", file]);
        }
    }
    let given = match mutated {
        Mutated::All | Mutated::Continued | Mutated::Files(_) => None,
        Mutated::Changed(base) => Some(base),
        Mutated::Sample => Some(None),
    };
    if let Some(given) = given {
        let Some(base) = given.map(str::to_owned).or_else(base) else {
            println!(
                "mutants: none tested, because this checkout has no earlier commit: run cargo xtask mutants"
            );
            return Ok(());
        };
        let diff = diff(&base)?;
        if diff.is_empty() {
            println!("mutants: none, because the core is as in {base}");
            return Ok(());
        }
        let file = out.join("changes.diff");
        fs::write(&file, diff).map_err(|error| failed(&file, &error))?;
        mutants.arg("--in-diff").arg(file);
    }
    CARGO_MUTANTS.ready()?;
    // Copies of the sources are made here, so that they can be removed if the stage is killed.
    mutants
        .env("PATH", tool_path())
        .env("TMPDIR", out.join("copies"))
        .env("CARGO_TARGET_DIR", out.join("target"))
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("RUST_BACKTRACE", "0")
        .env("CARGO_INCREMENTAL", "1");
    // Doc tests would take longer than all other tests.
    mutants.arg("--cargo-arg=--tests");
    // One failed test is enough. The option is not stable yet; the variable allows it on the stable toolchain.
    for arg in ["--", "-Zunstable-options", "--fail-fast"] {
        mutants.arg(format!("--cargo-test-arg={arg}"));
    }
    mutants.env("RUSTC_BOOTSTRAP", "1");
    let results = results.join("mutants.out");
    // Before the earlier results are removed, because this can fail.
    let sources = if is_whole { Some(sources()?) } else { None };
    match (&sources, mutated) {
        (Some(sources), Mutated::Continued) => {
            earlier::keep(&results, sources)?;
            mutants.arg("--iterate");
        }
        _ => {
            // The results of an earlier run must not count.
            let _none = fs::remove_dir_all(&results);
        }
    }
    if let Some(sources) = sources {
        earlier::note(&results, &sources)?;
    }
    let outcome = run_until(&mut mutants, mutated);
    let _none = fs::remove_dir_all(out.join("copies"));
    let is_complete = outcome?;
    report(&results, is_complete)
}

/// Runs cargo-mutants, and returns whether it has tested all mutants.
fn run_until(mutants: &mut Command, mutated: Mutated<'_>) -> Result<bool, Failed> {
    command::announce(mutants);
    let end = matches!(mutated, Mutated::Sample).then(|| Instant::now() + SAMPLE);
    let remaining = || {
        end.map_or(Duration::MAX, |end| {
            end.saturating_duration_since(Instant::now())
        })
    };
    match limit::run(mutants, remaining, |_, _| {}) {
        // 2: mutants were missed; 3: tests took too long. `report` counts both. 0: all were caught, or there are none.
        Ok(Ended::Exited(status)) if matches!(status.code(), Some(0 | 2 | 3)) => Ok(true),
        Ok(Ended::Exited(status)) => Err(Failed::because(format_args!("cargo-mutants: {status}"))),
        Ok(Ended::Killed) => Ok(false),
        Err(error) => Err(Failed::because(format_args!("cargo-mutants: {error}"))),
    }
}

/// Prints the counts, and fails if a mutant was missed.
fn report(out: &Path, is_complete: bool) -> Result<(), Failed> {
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap_or_default();
    let missed = read("missed.txt");
    let count = |name: &str| read(name).lines().count();
    // Those that an earlier run has caught include those that do not compile.
    let caught = count("caught.txt") + count("previously_caught.txt");
    let timeouts = count("timeout.txt");
    let rest = if is_complete {
        ""
    } else {
        "; the time was over before all were tested: run cargo xtask mutants --in-diff"
    };
    println!(
        "mutants: {caught} caught, {timeouts} caught by a timeout, {} missed, {} do not compile{rest}",
        missed.lines().count(),
        count("unviable.txt"),
    );
    if missed.is_empty() {
        return Ok(());
    }
    Err(Failed::because(format_args!(
        "no test fails for these changes; add a test, or list the mutant in .cargo/mutants.toml with the reason:\n{missed}"
    )))
}

/// Returns a line for each source of the core: the name of its content, and its path.
fn sources() -> Result<String, Failed> {
    let changes = git(&["status", "--porcelain", "--", CORE]);
    let listed = git(&["ls-files", "--format=%(objectname) %(path)", "--", CORE]);
    match changes.zip(listed) {
        Some((changes, listed)) if changes.is_empty() => Ok(listed),
        Some(_) => Err(Failed::because(
            "the core has changes that are not committed: commit them, or name files",
        )),
        None => Err(Failed::because("git cannot name the sources of the core")),
    }
}

/// Returns the commit with which a change is compared: the merge base of `origin/main`, or the commit before the last.
fn base() -> Option<String> {
    let merge_base = git(&["merge-base", "origin/main", "HEAD"]);
    // On the main branch itself, compare with the commit before.
    let head = git(&["rev-parse", "HEAD"]);
    merge_base
        .filter(|base| Some(base) != head.as_ref())
        .or_else(|| git(&["rev-parse", "--verify", "--quiet", "HEAD~1"]))
}

fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).current_dir(root()).output();
    let output = output.ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Returns the changes of the core since a commit, those that are not committed included.
fn diff(base: &str) -> Result<Vec<u8>, Failed> {
    let mut git = Command::new("git");
    git.args(["diff", "--no-ext-diff", base, "--", CORE]);
    match git.current_dir(root()).output() {
        Ok(output) if output.status.success() => Ok(output.stdout),
        _ => Err(Failed::because(format_args!(
            "git cannot compare the core with `{base}`"
        ))),
    }
}

fn failed(path: &Path, error: &std::io::Error) -> Failed {
    Failed::because(format_args!("{}: {error}", path.display()))
}
