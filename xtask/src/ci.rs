//! The stages of `cargo xtask ci`, `test` and `full`, with their time limits.
//!
//! Each stage of `full` has a sample in `ci` or `test`: see the table in CONTRIBUTING.md.

use crate::command::{self, Failed, cargo};
use crate::features::Checked;
use crate::mutants::Mutated;
use crate::stages::{AfterFailure, Stage, Stages};
use crate::test::Browsers;
use crate::{
    bench, features, flakes, foreign, fuzz, imports, long, miri, msrv, mutants, package, test,
};

const fn stage(name: &'static str, limit: u64, run: fn() -> Result<(), Failed>) -> Stage {
    Stage {
        name,
        limit,
        has_tests: false,
        run,
    }
}

const fn tests(name: &'static str, limit: u64, run: fn() -> Result<(), Failed>) -> Stage {
    Stage {
        name,
        limit,
        has_tests: true,
        run,
    }
}

const PROGRAMS: Stage = stage("programs", 360, || test::ready(Browsers::All));
const TESTS: Stage = tests("tests", 1_620, || test::tests(Browsers::All));
const DOC_TESTS: Stage = tests("doc-tests", 420, test::doc_tests);
const CORE: Stage = tests("core", 180, test::core);

/// All tests.
pub(crate) const TEST: Stages = Stages {
    command: "test",
    list: &[PROGRAMS, TESTS, DOC_TESTS, CORE],
    after_failure: AfterFailure::Stop,
};

/// The same without those that drive browsers.
pub(crate) const TEST_NO_BROWSERS: Stages = Stages {
    command: "test-no-browsers",
    list: &[
        Stage {
            run: || test::ready(Browsers::None),
            ..PROGRAMS
        },
        Stage {
            run: || test::tests(Browsers::None),
            ..TESTS
        },
        DOC_TESTS,
        CORE,
    ],
    after_failure: AfterFailure::Stop,
};

/// The checks that a change must pass. The fastest come first. On a clean checkout they compile everything.
pub(crate) const CI: Stages = Stages {
    command: "ci",
    list: &[
        stage("format", 30, format),
        stage("imports", 30, imports::run),
        stage("clippy", 600, clippy),
        stage("docs", 240, docs),
        PROGRAMS,
        TESTS,
        DOC_TESTS,
        CORE,
        stage("bench", 600, bench::check),
        stage("features", 420, || features::run(Checked::Sample)),
        stage("msrv", 180, msrv::sample),
        stage("mutants", 300, || mutants::run(Mutated::Sample)),
        stage("miri", 240, miri::sample),
    ],
    after_failure: AfterFailure::Stop,
};

/// The checks that take longer. Run them before a release.
pub(crate) const FULL: Stages = Stages {
    command: "full",
    list: &[
        stage("features", 30 * MINUTE, || features::run(Checked::All)),
        stage("msrv", 30 * MINUTE, msrv::run),
        stage("package", 30 * MINUTE, package::run),
        stage("fuzz", 40 * MINUTE, || fuzz::run(fuzz::THOROUGHLY)),
        stage("miri", 90 * MINUTE, || miri::run(&[])),
        tests("core", 20 * MINUTE, test::core_features),
        tests("oracle", 60 * MINUTE, long::oracle),
        tests("soak", 120 * MINUTE, long::soak),
        tests("fleet", 120 * MINUTE, long::fleet),
        tests("model", 90 * MINUTE, long::model),
        tests("foreign", 30 * MINUTE, foreign::run),
        stage("programs", 10 * MINUTE, || test::ready(Browsers::All)),
        stage("flakes", 90 * MINUTE, || flakes::run(flakes::RUNS)),
        stage("mutants", 12 * 60 * MINUTE, || mutants::run(Mutated::Rest)),
    ],
    after_failure: AfterFailure::Continue,
};

const MINUTE: u64 = 60;

/// The commands that consist of stages.
pub(crate) const ALL: [&Stages; 4] = [&CI, &TEST, &TEST_NO_BROWSERS, &FULL];

fn format() -> Result<(), Failed> {
    // `cargo fmt` does not support `--locked`.
    command::run(&mut cargo("fmt --all --check"))?;
    command::run(&mut cargo("fmt --manifest-path fuzz/Cargo.toml --check"))
}

fn clippy() -> Result<(), Failed> {
    command::run(&mut cargo(
        "clippy --locked --workspace --all-targets --all-features -- -D warnings",
    ))?;
    // In the same folder, so that what both have in common is compiled once.
    command::run(&mut cargo(
        "clippy --locked --manifest-path fuzz/Cargo.toml --target-dir target --all-targets -- -D warnings",
    ))
}

fn docs() -> Result<(), Failed> {
    // Libraries only: programs have no public docs. With `--examples`, although no package has any, the features of dependencies are those
    // of clippy, which has checked these dependencies already.
    let mut doc = cargo("doc --locked --workspace --no-deps --all-features --lib --examples");
    command::run(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The longest time of all checks of a change, in seconds. They take about 40 minutes; a slow machine may need twice that.
    const LONGEST_CI: u64 = 97 * MINUTE;

    /// The same for all tests, which take about 15 minutes.
    const LONGEST_TEST: u64 = 45 * MINUTE;

    fn sum(stages: &Stages) -> u64 {
        stages.list.iter().map(|stage| stage.limit).sum()
    }

    #[test]
    fn the_limits_of_all_stages_together_are_bounded() {
        assert!(sum(&CI) <= LONGEST_CI, "{} s", sum(&CI));
        assert!(sum(&TEST) <= LONGEST_TEST, "{} s", sum(&TEST));
    }

    #[test]
    fn each_stage_of_a_command_has_a_name_of_its_own() {
        for stages in ALL {
            let mut names: Vec<_> = stages.list.iter().map(|stage| stage.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), stages.list.len(), "{}", stages.command);
        }
    }
}
