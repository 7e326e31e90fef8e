//! `cargo xtask bench`: the benchmarks.

use crate::command::{self, Failed, cargo};

pub(crate) fn run(args: &[&str]) -> Result<(), Failed> {
    command::run(cargo("bench --locked --package omnicors-benches").args(args))
}
