//! `cargo xtask mutants`: changes the core in small ways. A test must fail for each change.
//!
//! The tests are those of the core, and the table of cases in `tests/table/`. `.cargo/mutants.toml` lists the mutants that no test can
//! distinguish, each with the reason.

mod record;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::command::{self, Failed, cargo, root};
use crate::limit::{self, Ended};
use crate::programs::{CARGO_MUTANTS, tool_path};
use record::Record;

/// The code that is changed.
const CORE: &str = "cors-core/src";

const WHERE: [&str; 3] = ["--package", "omnicors-core", "--all-features"];

/// The time for the mutants of a change in CI. The rest of the stage's limit is for the installation.
const SAMPLE: Duration = Duration::from_secs(200);

/// The mutants that are tested.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mutated<'a> {
    /// Those of the files of the core that are not in the [record](Record).
    Rest,
    /// Those of these files.
    Files(&'a [&'a str]),
    /// Those in the lines that differ from a commit; without one, from [`base`].
    Changed(Option<&'a str>),
    /// The same for CI: as many as [`SAMPLE`] allows.
    Sample,
}

pub(crate) fn run(mutated: Mutated<'_>) -> Result<(), Failed> {
    match mutated {
        Mutated::Rest => {
            let Some(sources) = sources() else {
                return Err(Failed::because(
                    "the core has changes that are not committed: commit them, or name files",
                ));
            };
            let record = Record::read(&sources);
            let files: Vec<_> = record.rest().map(str::to_owned).collect();
            if files.is_empty() {
                println!(
                    "mutants: none, because no file of the core has changed since its mutants were caught"
                );
                return Ok(());
            }
            record.keep_unchanged(&results())?;
            of_files(&files, Some(record))
        }
        Mutated::Files(files) => {
            if let Some(unknown) = files.iter().find(|file| !root().join(file).is_file()) {
                return Err(Failed::because(format_args!(
                    "the file `{unknown}` does not exist"
                )));
            }
            record::forget(&results());
            of_files(files, sources().as_deref().map(Record::read))
        }
        Mutated::Changed(base) => of_changes(base, None),
        Mutated::Sample => of_changes(None, Some(SAMPLE)),
    }
}

/// Tests the mutants of these files, and records those of which each is caught.
fn of_files(files: &[impl AsRef<str>], mut record: Option<Record>) -> Result<(), Failed> {
    let chosen = files.iter().flat_map(|file| ["--file", file.as_ref()]);
    let chosen: Vec<_> = chosen.collect();
    CARGO_MUTANTS.ready()?;
    let listed = list(&chosen)?;
    let results = results();
    if let Some(record) = &record {
        record.write_sources(&results)?;
    }
    let mut is_complete = true;
    for tests in [Tests::Core, Tests::All] {
        let run = Run {
            tests,
            // Each job has its own copy and builds everything once, which takes a minute. That does not matter in hours.
            jobs: 2,
            limit: None,
        };
        // Until cargo-mutants has begun, its files are those of the run before.
        for name in LEFT {
            let _none = fs::remove_file(results.join(name));
        }
        let mut update = || match &mut record {
            Some(record) => record.update(&results, &listed, tests),
            None => Ok(()),
        };
        is_complete = run.start(&chosen, || {
            // A failure is reported at the end.
            let _failed = update();
        })?;
        update()?;
        if is_complete && LEFT.iter().all(|name| lines(&results, name) == 0) {
            break;
        }
    }
    report(&results, is_complete)
}

/// Tests the mutants of the lines that differ from a commit.
fn of_changes(base: Option<&str>, limit: Option<Duration>) -> Result<(), Failed> {
    let Some(base) = base.map(str::to_owned).or_else(self::base) else {
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
    let file = folder()?.join("changes.diff");
    fs::write(&file, diff).map_err(|error| failed(&file, &error))?;
    CARGO_MUTANTS.ready()?;
    let file = file.to_string_lossy();
    record::forget(&results());
    let run = Run {
        tests: Tests::All,
        jobs: 1,
        limit,
    };
    let is_complete = run.start(&["--in-diff", &file], || ())?;
    report(&results(), is_complete)
}

/// Tests of the core that take most of the time of all its tests. Few mutants are caught by them alone.
const SLOW: [&str; 10] = [
    "a_fault_is_short_even_if_the_message_of_another_library_is_long",
    "a_name_in_another_style_is_recognized",
    "a_part_pattern_is_found_among_many_of_its_shape",
    "a_suggestion_allows_the_request_and_no_other_origin",
    "an_expression_with_too_many_hosts_to_check_is_recognized",
    "at_most_twenty_faults_are_printed_and_the_others_are_counted",
    "each_byte_is_classified_at_each_position",
    "the_nearest_pattern_is_found_among_many",
    "the_set_matches_an_origin_if_one_of_its_patterns_does",
    "the_time_to_read_many_unknown_settings_is_proportional_to_their_number",
];

/// The tests that run for each mutant.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Tests {
    /// Those of the core, without the [slow](SLOW) ones. They catch most mutants, and compile in half the time.
    Core,
    /// Those of the core and the table of cases. If the tests of the core ran before, for the mutants that they did not catch.
    All,
}

/// How mutants are tested.
#[derive(Clone, Copy, Debug)]
struct Run {
    tests: Tests,
    jobs: u8,
    /// The longest time, after which the rest is not tested.
    limit: Option<Duration>,
}

impl Run {
    /// Tests the chosen mutants, calls `after_each` after each of them, and returns whether all were tested.
    fn start(self, chosen: &[&str], mut after_each: impl FnMut()) -> Result<bool, Failed> {
        let out = folder()?;
        let copies = out.join("copies");
        fs::create_dir_all(&copies).map_err(|error| failed(&copies, &error))?;
        let mut mutants = cargo("mutants --colors never --caught --unviable --iterate");
        mutants.args(WHERE).args(chosen).arg("--output").arg(&out);
        let (packages, targets) = match self.tests {
            Tests::Core => ("omnicors-core", "--lib"),
            // Doc tests would take longer than all other tests.
            Tests::All => ("omnicors-core,omnicors-table-tests", "--tests"),
        };
        mutants.args(["--test-package", packages]);
        mutants.arg(format!("--cargo-arg={targets}"));
        // A mutant whose tests take longer than this is tested again with all tests. Then it counts as caught.
        let timeout = match self.tests {
            Tests::Core => "20",
            Tests::All => "40",
        };
        mutants.args(["--cap-lints", "true", "--minimum-test-timeout", timeout]);
        // A loop in a constant that does not end any more.
        mutants.args(["--build-timeout", "300"]);
        mutants.arg("--jobs").arg(self.jobs.to_string());
        if self.jobs == 1 {
            // Several jobs would wait for each other in one folder.
            mutants.env("CARGO_TARGET_DIR", out.join("target"));
        }
        // Copies of the sources are made here, so that they can be removed if the stage is killed.
        mutants
            .env("PATH", tool_path())
            .env("TMPDIR", &copies)
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("RUST_BACKTRACE", "0")
            .env("CARGO_INCREMENTAL", "1");
        // One failed test is enough. The option is not stable yet; the variable allows it on the stable toolchain.
        for arg in ["--", "-Zunstable-options", "--fail-fast"] {
            mutants.arg(format!("--cargo-test-arg={arg}"));
        }
        mutants.env("RUSTC_BOOTSTRAP", "1");
        if self.tests == Tests::Core {
            for slow in SLOW {
                mutants.arg(format!("--cargo-test-arg=--skip={slow}"));
            }
        }
        command::announce(&mutants);
        let end = self.limit.map(|limit| Instant::now() + limit);
        let remaining = || {
            end.map_or(Duration::MAX, |end| {
                end.saturating_duration_since(Instant::now())
            })
        };
        let ended = limit::run(&mut mutants, remaining, |_, _| after_each());
        let _none = fs::remove_dir_all(copies);
        match ended {
            // 2: mutants were missed; 3: tests took too long. `report` counts both. 0: all were caught, or there are none.
            Ok(Ended::Exited(status)) if matches!(status.code(), Some(0 | 2 | 3)) => Ok(true),
            Ok(Ended::Exited(status)) => {
                Err(Failed::because(format_args!("cargo-mutants: {status}")))
            }
            Ok(Ended::Killed) => Ok(false),
            Err(error) => Err(Failed::because(format_args!("cargo-mutants: {error}"))),
        }
    }
}

/// Returns a line for each chosen mutant, as in the results.
fn list(chosen: &[&str]) -> Result<String, Failed> {
    let mut list = cargo("mutants --colors never --list");
    let output = list
        .args(WHERE)
        .args(chosen)
        .env("PATH", tool_path())
        .output();
    match output {
        Ok(output) if output.status.success() => {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        _ => Err(Failed::because("cargo-mutants cannot list the mutants")),
    }
}

/// Returns the folder for everything that a run makes.
fn folder() -> Result<PathBuf, Failed> {
    let folder = root().join("target/mutants");
    fs::create_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
    Ok(folder)
}

/// Returns the folder in which cargo-mutants writes results.
fn results() -> PathBuf {
    root().join("target/mutants/mutants.out")
}

/// The file of cargo-mutants with the mutants that no test catches, and the one with those whose tests did not end in time.
const MISSED: &str = "missed.txt";
const TIMEOUT: &str = "timeout.txt";
const LEFT: [&str; 2] = [MISSED, TIMEOUT];

/// Returns the number of mutants in a file of the results.
fn lines(results: &Path, name: &str) -> usize {
    let text = fs::read_to_string(results.join(name)).unwrap_or_default();
    text.lines().count()
}

/// Prints the counts, and fails if a mutant was missed.
fn report(out: &Path, is_complete: bool) -> Result<(), Failed> {
    let missed = fs::read_to_string(out.join(MISSED)).unwrap_or_default();
    let count = |name| lines(out, name);
    let earlier = match count(record::EARLIER) {
        0 => String::new(),
        count => format!("{count} caught earlier or not compiling, "),
    };
    let caught = count("caught.txt");
    let timeouts = count(TIMEOUT);
    let rest = if is_complete {
        ""
    } else {
        "; the time was over before all were tested: run cargo xtask mutants --in-diff"
    };
    println!(
        "mutants: {earlier}{caught} caught, {timeouts} caught by a timeout, {} missed, {} do not compile{rest}",
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

/// Returns a line for each source of the core: the name of its content, and its path. Returns `None` if there are changes that are not
/// committed, or if git fails.
fn sources() -> Option<String> {
    let changes = git(&["status", "--porcelain", "--", CORE])?;
    let listed = git(&["ls-files", "--format=%(objectname) %(path)", "--", CORE])?;
    changes.is_empty().then_some(listed)
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
