//! The start of the command takes less than 10 ms.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "../../benches/src/valgrind.rs"]
#[allow(
    unreachable_pub,
    reason = "the benchmarks share this file, as a module of a library"
)]
mod valgrind;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The greatest accepted number of instructions of this build, which has no optimizations. A release build executes about a tenth of
/// them: 0.5 to 1.3 million, which take 1 to 2 ms.
const MOST: f64 = 30_000_000.0;

/// Each of these ends with 0, as `valgrind::instructions` requires.
const STARTS: [&[&str]; 5] = [
    &["--version"],
    &["--help"],
    &["check", "docs/explain.in/cors.toml"],
    &[
        "explain",
        "docs/explain.in/cors.toml",
        "--origin",
        "https://app.example.com",
    ],
    &["schema"],
];

#[test]
#[ignore = "needs valgrind: run cargo xtask test"]
fn a_start_executes_few_instructions() {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_omnicors"));
    let mut over = Vec::new();
    for start in STARTS {
        let count = valgrind::instructions(&program, start.iter().copied()).unwrap();
        // The fastest of 20 starts is printed only: a time depends on what else the machine does.
        let fastest = (0..20)
            .map(|_| time(&program, start))
            .min()
            .unwrap_or_default();
        println!(
            "omnicors {}: {count} instructions, {fastest:?}",
            start.join(" ")
        );
        if count > MOST {
            over.push(start);
        }
    }
    assert!(over.is_empty(), "more than {MOST} instructions: {over:?}");
}

fn time(program: &Path, arguments: &[&str]) -> Duration {
    let start = Instant::now();
    Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    start.elapsed()
}
