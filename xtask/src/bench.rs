//! `cargo xtask bench`: the benchmarks.

use crate::command::{self, Failed, cargo};
use crate::programs::{self, VALGRIND, WRK};

/// Compares the instructions of this build with the baseline, and those of decisions that ask a store with those of others.
pub(crate) fn check() -> Result<(), Failed> {
    run(&["--check"])?;
    large_sets(&["--instructions"])
}

/// Runs the benchmark of all frameworks and libraries with its arguments.
pub(crate) fn run(args: &[&str]) -> Result<(), Failed> {
    if args.contains(&"--servers") {
        programs::ready(&[WRK])?;
        let servers = "run --release --locked --package omnicors-server-benches --";
        return command::run(cargo(servers).args(args));
    }
    if let Some(rest) = args.strip_prefix(&["--sets"]) {
        return large_sets(rest);
    }
    if args.contains(&"--render") {
        // Nothing is measured, so the faster build is enough.
        return command::run(matrix("--profile dev").args(args));
    }
    // With `--only`, instructions are not counted.
    if !args.iter().any(|arg| arg.starts_with("--only")) {
        programs::ready(&[VALGRIND])?;
    }
    let only_counts = ["--check", "--update", "--instructions"];
    if args.iter().any(|arg| only_counts.contains(arg)) {
        return command::run(matrix("").args(args));
    }
    // The cost of the feature `tracing` is measured with a second build.
    let mut with_tracing = None;
    let mut program = matrix("--features tracing");
    // With all arguments, so that an unknown one ends the first run.
    command::run_reading(program.arg("--fixed").args(args), |line| {
        if let Some(figures) = line.strip_prefix("fixed: ") {
            with_tracing = Some(figures.to_owned());
        }
    })?;
    let with_tracing = with_tracing
        .ok_or_else(|| Failed::because("the benchmark did not print the times with `tracing`"))?;
    let mut program = matrix("");
    command::run(program.arg(format!("--tracing={with_tracing}")).args(args))
}

/// Asks large sets of origins about random members and random strangers.
fn large_sets(args: &[&str]) -> Result<(), Failed> {
    if args.contains(&"--misses") || args.contains(&"--instructions") {
        programs::ready(&[VALGRIND])?;
    }
    let mut program = cargo("bench --locked --package omnicors-benches --bench large_sets --");
    command::run(program.args(args))
}

fn matrix(features: &str) -> std::process::Command {
    cargo(&format!(
        "bench --locked --package omnicors-benches --bench matrix {features} --"
    ))
}
