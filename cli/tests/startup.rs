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

/// The greatest accepted number of instructions: 10 ms on a processor that executes one instruction per nanosecond, which is slow.
const MOST: f64 = 10_000_000.0;

const STARTS: [&[&str]; 5] = [
    &["--version"],
    &["--help"],
    &["check", "docs/explain.in/cors.toml"],
    &[
        "explain",
        "docs/explain.in/cors.toml",
        "--origin",
        "https://app.example.com",
        "--method",
        "PUT",
        "--credentials",
    ],
    &["har", "tests/har/firefox-secure.har"],
];

#[test]
#[ignore = "needs valgrind: run cargo xtask test"]
fn a_start_executes_at_most_ten_million_instructions() {
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
