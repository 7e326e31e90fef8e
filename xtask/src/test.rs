//! The stages of `cargo xtask test`.

use crate::command::{self, Failed, cargo};
use crate::features;
use crate::foreign;
use crate::nightly;
use crate::npm;
use crate::programs::{self, BROWSERS, FAKETIME, IP, POSTGRES, REDIS, VALGRIND};
use crate::screenshot;

/// The browsers that the tests drive.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Browsers {
    /// All browsers. If one is missing and cannot be installed, this is a failure.
    All,
    /// No browsers. Their tests count as ignored.
    None,
}

/// The packages with tests that drive browsers.
const BROWSER_TESTS: [&str; 3] = ["omnicors-browser-tests", foreign::TESTS, "quickstart"];

/// Installs the programs that the tests need. A stage before the tests, so that a missing program is reported at once.
pub(crate) fn ready(browsers: Browsers) -> Result<(), Failed> {
    let mut needed = vec![VALGRIND, POSTGRES, REDIS, IP, FAKETIME];
    if matches!(browsers, Browsers::All) {
        needed.extend(BROWSERS);
    }
    programs::ready(&needed)?;
    if matches!(browsers, Browsers::All) {
        npm::axe_ready()?;
        foreign::ready()?;
    }
    nightly::ready(&["rust-src"], "the test of targets without std")
}

/// Runs all tests with all features, except doc tests.
pub(crate) fn tests(browsers: Browsers) -> Result<(), Failed> {
    let excluded = match browsers {
        Browsers::All => String::new(),
        Browsers::None => {
            let packages = BROWSER_TESTS.join(" --package ");
            test(&format!(
                "--package {packages} --all-features --tests -- --show-output"
            ))?;
            format!("--exclude {}", BROWSER_TESTS.join(" --exclude "))
        }
    };
    // Not `--nocapture`: `--show-output` prints the output of a test after its end, so the notes of parallel tests start at the
    // beginning of a line.
    // The pictures are for people: see `cargo xtask screenshot`.
    test(&format!(
        "--workspace {excluded} --all-features --tests -- --include-ignored --show-output --skip {}",
        screenshot::PICTURES
    ))
}

/// Runs separately, because `--include-ignored` would run doc examples marked `ignore`, which do not have to compile.
pub(crate) fn doc_tests() -> Result<(), Failed> {
    test("--workspace --all-features --doc")
}

/// The tests of the core, for some of its features.
const CORE: &str = "--package omnicors-core --lib --no-default-features";

/// Runs the tests of the core with each feature alone.
pub(crate) fn core_features() -> Result<(), Failed> {
    for feature in features::of("cors-core")? {
        test(&format!("{CORE} --features {feature}"))?;
    }
    Ok(())
}

/// Runs the tests of the core without features, and those of two adapters without `metrics`.
pub(crate) fn core() -> Result<(), Failed> {
    test(CORE)?;
    // With the feature `metrics`, every request is evaluated. Without it, most decisions are prepared ones.
    test("--package omnicors-http --package omnicors-actix-web --tests")
}

/// Runs `cargo test` with these arguments.
pub(crate) fn test(what: &str) -> Result<(), Failed> {
    // `--no-fail-fast`, so that the counts are complete if a test fails.
    command::run(&mut cargo(&format!("test --locked --no-fail-fast {what}")))
}
