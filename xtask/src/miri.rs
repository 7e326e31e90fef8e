//! `cargo xtask miri`: runs the tests of the core under Miri.

use crate::command::{self, Failed, cargo_nightly};
use crate::nightly;

/// The tests of the code that reads requests: a sample for CI, which takes about two minutes.
const SAMPLE: [&str; 5] = [
    "header::list",
    "origin::host",
    "origin::parse",
    "request::",
    "tests::preflights",
];

pub(crate) fn sample() -> Result<(), Failed> {
    let mut args = vec!["--lib", "--"];
    args.extend(SAMPLE);
    run(&args)
}

pub(crate) fn run(args: &[&str]) -> Result<(), Failed> {
    nightly::ready(&["miri", "rust-src"], "Miri")?;
    // MIRIFLAGS is not set, so Miri's isolation is on: the tests fail if the core opens a file or reads the clock.
    command::run(cargo_nightly("miri test --locked --package omnicors-core").args(args))
}
