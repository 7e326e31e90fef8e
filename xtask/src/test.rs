//! `cargo xtask test`: everything that must pass on a fresh machine.

use crate::command::{self, Failed, cargo};
use crate::features;
use crate::nightly;
use crate::programs::{self, BROWSERS, VALGRIND};
use crate::tally::Tally;

/// Which browsers the tests drive.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Browsers {
    /// All of them: if one is missing and cannot be installed, that is a failure.
    All,
    /// None, as their caller wants it: those tests are told as ignored.
    None,
}

/// The package of the tests that drive browsers.
const BROWSER_TESTS: &str = "omnicors-browser-tests";

pub(crate) fn run(browsers: Browsers) -> Result<(), Failed> {
    let mut tally = Tally::default();
    let outcome = all(&mut tally, browsers);
    tally.print();
    outcome
}

/// The tests without the closing lines, for a caller that has more to do first.
pub(crate) fn all(tally: &mut Tally, browsers: Browsers) -> Result<(), Failed> {
    let mut needed = vec![VALGRIND];
    if matches!(browsers, Browsers::All) {
        needed.extend(BROWSERS);
    }
    // First: what cannot be had should not be found out after all else.
    programs::ready(&needed)?;
    nightly::ready(&["rust-src"], "the test of targets without std")?;
    let excluded = match browsers {
        Browsers::All => String::new(),
        Browsers::None => {
            let own = format!("--package {BROWSER_TESTS} --all-features --tests -- --show-output");
            test(tally, &own)?;
            format!("--exclude {BROWSER_TESTS}")
        }
    };
    // `--show-output` and not `--nocapture`: it prints what a passing test said after that test has
    // ended, so that a line meant to be counted starts at the start of a line, whatever runs beside it.
    test(
        tally,
        &format!(
            "--workspace {excluded} --all-features --tests -- --include-ignored --show-output"
        ),
    )?;
    // Apart: to a doctest, `--include-ignored` means the blocks marked `ignore`, which need not compile.
    test(tally, "--workspace --all-features --doc")?;

    // Features only add: what holds without them holds with each alone.
    let core = "--package omnicors-core --tests --no-default-features";
    test(tally, core)?;
    for feature in features::of("cors-core")? {
        test(tally, &format!("{core} --features {feature}"))?;
    }

    if tally.is_empty() {
        return Err(Failed::because("no test ran"));
    }
    Ok(())
}

fn test(tally: &mut Tally, what: &str) -> Result<(), Failed> {
    // `--no-fail-fast`, so that the counts are whole when something fails.
    let mut command = cargo(&format!("test --locked --no-fail-fast {what}"));
    command::run_reading(&mut command, |line| tally.read(line))
}
