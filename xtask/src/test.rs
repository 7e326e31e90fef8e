//! `cargo xtask test`: runs all tests.

use crate::command::{self, Failed, cargo};
use crate::features;
use crate::nightly;
use crate::programs::{self, BROWSERS, VALGRIND};
use crate::tally::Tally;

/// The browsers that the tests drive.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Browsers {
    /// All browsers. If one is missing and cannot be installed, this is a failure.
    All,
    /// No browsers. Their tests count as ignored.
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

/// Runs the tests without printing the tally.
pub(crate) fn all(tally: &mut Tally, browsers: Browsers) -> Result<(), Failed> {
    let mut needed = vec![VALGRIND];
    if matches!(browsers, Browsers::All) {
        needed.extend(BROWSERS);
    }
    // Checked first, so that a missing program is reported at once.
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
    // Not `--nocapture`: `--show-output` prints the output of a test after its end, so the notes of parallel tests start at the
    // beginning of a line.
    test(
        tally,
        &format!(
            "--workspace {excluded} --all-features --tests -- --include-ignored --show-output"
        ),
    )?;
    // Run separately, because `--include-ignored` would run doc examples marked `ignore`, which do not have to compile.
    test(tally, "--workspace --all-features --doc")?;

    // The tests must pass without features and with each feature alone.
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
    // `--no-fail-fast`, so that the counts are complete if a test fails.
    let mut command = cargo(&format!("test --locked --no-fail-fast {what}"));
    command::run_reading(&mut command, |line| tally.read(line))
}
