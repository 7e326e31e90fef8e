//! `cargo xtask bench`: the benchmarks.

use crate::command::{self, Failed, cargo};
use crate::programs::{self, VALGRIND};

/// The matrix of all servers and engines, or whatever its own arguments choose of it.
pub(crate) fn run(args: &[&str]) -> Result<(), Failed> {
    // Where only one group is asked for, instructions are not counted.
    if !args.iter().any(|arg| arg.starts_with("--only")) {
        programs::ready(&[VALGRIND])?;
    }
    if args.contains(&"--instructions") {
        return command::run(matrix("").args(args));
    }
    // Of features there is one set in a program: what they cost takes two.
    let mut with_tracing = None;
    let mut program = matrix("--features tracing");
    command::run_reading(program.arg("--fixed"), |line| {
        if let Some(figures) = line.strip_prefix("fixed: ") {
            with_tracing = Some(figures.to_owned());
        }
    })?;
    let with_tracing = with_tracing
        .ok_or_else(|| Failed::because("the program does not say what `tracing` costs"))?;
    let mut program = matrix("");
    command::run(program.arg(format!("--tracing={with_tracing}")).args(args))
}

fn matrix(features: &str) -> std::process::Command {
    cargo(&format!(
        "bench --locked --package omnicors-benches --bench matrix {features} --"
    ))
}
