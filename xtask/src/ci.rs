//! `cargo xtask ci`: all checks that a change must pass. The fastest checks come first. `cargo xtask full`: the checks that take longer.

use std::time::Instant;

use crate::command::{self, Failed, cargo};
use crate::features::Pairs;
use crate::tally::Tally;
use crate::{features, fuzz, imports, miri, msrv, package, test};

type Stage = fn(&mut Tally) -> Result<(), Failed>;

const CI: [(&str, Stage); 9] = [
    ("format", |_| format()),
    ("clippy", |_| clippy()),
    ("docs", |_| docs()),
    ("imports", |_| imports::run()),
    ("test", |tally| test::all(tally, test::Browsers::All)),
    ("features", |tally| features::run(tally, Pairs::None)),
    ("msrv", msrv::run),
    ("miri", |_| miri::sample()),
    ("fuzz", |tally| fuzz::run(tally, fuzz::BRIEFLY)),
];

const FULL: [(&str, Stage); 4] = [
    ("features", |tally| features::run(tally, Pairs::All)),
    ("package", |_| package::run()),
    ("fuzz", |tally| fuzz::run(tally, fuzz::THOROUGHLY)),
    ("miri", |_| miri::run(&[])),
];

pub(crate) fn run() -> Result<(), Failed> {
    run_stages(&CI)
}

/// Runs what is too slow for every change. Run it before a release.
pub(crate) fn full() -> Result<(), Failed> {
    run_stages(&FULL)
}

fn run_stages(stages: &[(&str, Stage)]) -> Result<(), Failed> {
    let mut tally = Tally::default();
    let mut times = Vec::new();
    let mut outcome = Ok(());
    for &(name, stage) in stages {
        let start = Instant::now();
        outcome = stage(&mut tally);
        times.push((name, start.elapsed().as_secs_f64()));
        if outcome.is_err() {
            break;
        }
    }

    println!();
    for (name, seconds) in &times {
        println!("{name:<8} {seconds:>7.1} s");
    }
    // Printed after Miri, so that the counts are at the end.
    tally.print();
    outcome
}

fn format() -> Result<(), Failed> {
    // `cargo fmt` does not support `--locked`.
    command::run(&mut cargo("fmt --all --check"))?;
    command::run(&mut cargo("fmt --manifest-path fuzz/Cargo.toml --check"))
}

fn clippy() -> Result<(), Failed> {
    command::run(&mut cargo(
        "clippy --locked --workspace --all-targets --all-features -- -D warnings",
    ))?;
    command::run(&mut cargo(
        "clippy --locked --manifest-path fuzz/Cargo.toml --all-targets -- -D warnings",
    ))
}

fn docs() -> Result<(), Failed> {
    let mut doc = cargo("doc --locked --workspace --no-deps --all-features");
    command::run(doc.env("RUSTDOCFLAGS", "-D warnings"))
}
