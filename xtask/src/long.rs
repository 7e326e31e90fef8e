//! The generated tests of `cargo xtask test` with more cases: stages of `cargo xtask full`.

use crate::command::{self, Failed, cargo};
use crate::programs::{self, FAKETIME, IP, POSTGRES, REDIS};

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

/// Runs the generated tests with many times the number of cases, in a release build: in a debug build, they take more than an hour.
pub(crate) fn oracle() -> Result<(), Failed> {
    let mut tests = test();
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
    let mut tests = test();
    tests.args(["--test", "soak", "--", "--show-output"]);
    command::run(tests.env("OMNICORS_EFFORT", SOAK.to_string()))
}

/// The factor for the number of withdrawals in the tests of fleets. It gives 10,000 for each store and mode.
const FLEET: u32 = 400;

/// Runs the tests of fleets with 10,000 withdrawals for each store and mode, in a release build, because docs/fleet.md has their times.
pub(crate) fn fleet() -> Result<(), Failed> {
    programs::ready(&[POSTGRES, REDIS, IP, FAKETIME])?;
    let mut tests = cargo("test --locked --release --no-fail-fast --package omnicors-fleet-tests");
    // One after the other, because they measure times.
    tests.args(["--", "--include-ignored", "--show-output"]);
    tests.args(["--test-threads", "1"]);
    command::run(tests.env("OMNICORS_EFFORT", FLEET.to_string()))
}

/// The factor for the number of orders in the tests of threads, and of runs in those of the simulated network. It gives 60,000 orders for each
/// check, and 3,000 runs.
const MODEL: [u32; 2] = [150, 250];

/// Runs the tests of the orders in which threads run, and of the simulated network, with many times the number of cases. In a release
/// build, which is several times as fast.
pub(crate) fn model() -> Result<(), Failed> {
    let [orders, runs] = MODEL;
    let mut threads = cargo("test --locked --release --package omnicors-model-tests");
    threads.args(["--", "--show-output"]);
    let threads = command::run(threads.env("OMNICORS_EFFORT", orders.to_string()));
    let mut network =
        cargo("test --locked --release --package omnicors-tokio --all-features --lib");
    network.args(["--", "--show-output", "simulation"]);
    threads.and(command::run(
        network.env("OMNICORS_EFFORT", runs.to_string()),
    ))
}

fn test() -> std::process::Command {
    cargo("test --locked --release --no-fail-fast --package omnicors-tests --all-features")
}
