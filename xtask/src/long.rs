//! The generated tests of `cargo xtask test` with more cases: stages of `cargo xtask full`.

use crate::command::{self, Failed, cargo};

/// The tests with generated cases that no browser runs.
const GENERATED: [&str; 5] = [
    "oracle",
    "sequences",
    "matcher",
    "suggestions",
    "page_origins",
];

/// The factor for their number of cases. It gives more than 1,000,000 requests.
const EFFORT: u32 = 50;

/// Runs the generated tests with many times the number of cases. The build is the one of `cargo xtask test`.
pub(crate) fn oracle() -> Result<(), Failed> {
    let mut tests = test("");
    for name in GENERATED {
        tests.args(["--test", name]);
    }
    tests.args(["--", "--show-output"]);
    command::run(tests.env("OMNICORS_EFFORT", EFFORT.to_string()))
}

/// The factor for the number of requests in the test `soak`. It gives 1,000,000 requests to each framework.
const SOAK: u32 = 500;

/// Runs the soak test with 1,000,000 requests to each framework. It takes a third of the time in a release build.
pub(crate) fn soak() -> Result<(), Failed> {
    let mut tests =
        cargo("test --locked --release --package omnicors-tests --all-features --test soak");
    tests.args(["--", "--show-output"]);
    command::run(tests.env("OMNICORS_EFFORT", SOAK.to_string()))
}

/// The factor for the number of withdrawals in the tests of fleets. It gives 10,000 for each store and mode.
const FLEET: u32 = 400;

/// Runs the tests of fleets with 10,000 withdrawals for each store and mode.
pub(crate) fn fleet() -> Result<(), Failed> {
    let mut tests = cargo("test --locked --no-fail-fast --package omnicors-fleet-tests");
    tests.args(["--", "--include-ignored", "--show-output"]);
    command::run(tests.env("OMNICORS_EFFORT", FLEET.to_string()))
}

fn test(which: &str) -> std::process::Command {
    cargo(&format!(
        "test --locked --no-fail-fast --workspace --all-features {which}"
    ))
}
