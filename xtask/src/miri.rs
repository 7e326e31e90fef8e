//! `cargo xtask miri`: runs the tests of the core under Miri.

use crate::command::{self, Failed, cargo_nightly};
use crate::nightly;

/// The tests of the code that parses what a request contains: a sample for CI.
const SAMPLE: [&str; 3] = ["header::list", "origin::host", "origin::parse"];

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
