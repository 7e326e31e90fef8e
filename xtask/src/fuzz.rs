//! `cargo xtask fuzz SECONDS`: runs every fuzz target for this time. The seeds come from the table of cases.

use std::fs;
use std::process::Command;

use crate::command::{self, Failed, cargo_nightly, root};
use crate::programs::{CARGO_FUZZ, tool_path};

/// The targets, and the maximum length of their inputs, which exceeds the limits of the core.
const TARGETS: [(&str, u32); 6] = [
    ("config", 1024),
    ("request", 1024),
    ("conversation", 1024),
    ("diff", 1024),
    ("request_headers", 6000),
    ("image", 1024),
];

/// The time in seconds for `cargo xtask full`.
pub(crate) const THOROUGHLY: u32 = 300;

pub(crate) fn run(seconds: u32) -> Result<(), Failed> {
    CARGO_FUZZ.ready()?;
    let fuzz = root().join("fuzz");
    let mut seeds = cargo_nightly("run --locked --quiet --example seeds --");
    seeds.args(TARGETS.map(|(target, _)| format!("corpus/{target}")));
    command::run(seeds.current_dir(&fuzz))?;
    // Safe code does not need a sanitizer.
    command::run(&mut cargo_fuzz("build --sanitizer none"))?;

    let artifacts = fuzz.join("artifacts");
    fs::create_dir_all(&artifacts)
        .map_err(|error| Failed::because(format_args!("{}: {error}", artifacts.display())))?;
    let mut executions = 0;
    for (target, longest) in TARGETS {
        executions += fuzz_one(target, longest, seconds)?;
    }
    println!(
        "fuzz: {executions} executions of {} targets, 0 failures",
        TARGETS.len()
    );
    Ok(())
}

/// Runs a target, and returns the number of executions.
fn fuzz_one(target: &str, longest: u32, seconds: u32) -> Result<u64, Failed> {
    // Not `cargo fuzz run`, which does not forward the output that is read here.
    let program = format!("target/{}/release/{target}", host()?);
    let fuzz = root().join("fuzz");
    let mut run = Command::new(fuzz.join(program));
    run.current_dir(&fuzz)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={longest}"))
        .arg(format!("-artifact_prefix=artifacts/{target}-"))
        .args([
            "-dict=dictionary.txt",
            "-print_final_stats=1",
            "-verbosity=0",
        ])
        .arg(format!("corpus/{target}"));
    let mut count = None;
    command::run_reading_errors(&mut run, |line| {
        if let Some(number) = line.strip_prefix("stat::number_of_executed_units:") {
            count = number.trim().parse().ok();
        }
    })?;
    count.ok_or_else(|| {
        Failed::because(format_args!(
            "{target} did not print its number of executions"
        ))
    })
}

fn cargo_fuzz(args: &str) -> Command {
    let mut fuzz = cargo_nightly("fuzz");
    fuzz.args(args.split_whitespace()).env("PATH", tool_path());
    fuzz
}

/// Returns the target triple of the host, such as `x86_64-unknown-linux-gnu`. cargo-fuzz builds in the folder of this name.
fn host() -> Result<String, Failed> {
    let output = Command::new("rustc").arg("-vV").output().ok();
    let output = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let host = output.as_deref().and_then(|output| {
        let mut lines = output.lines();
        lines.find_map(|line| line.strip_prefix("host: "))
    });
    host.map(str::to_owned)
        .ok_or_else(|| Failed::because("`rustc -vV` did not print the host"))
}
