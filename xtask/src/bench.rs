//! `cargo xtask bench`: the benchmarks.

use crate::command::{self, Failed, cargo};

/// The matrix of all servers and engines, or whatever its own arguments choose of it.
pub(crate) fn run(args: &[&str]) -> Result<(), Failed> {
    let matrix = "bench --locked --package omnicors-benches --bench matrix --";
    command::run(cargo(matrix).args(args))
}
