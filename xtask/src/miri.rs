//! `cargo xtask miri`: the core's tests under Miri.

use std::process::Command;

use crate::command::{self, Failed, cargo_nightly};

const COMPONENTS: [&str; 2] = ["miri", "rust-src"];

const ADVICE: &str = "
Miri could not be installed, so it did not run. It needs rustup and a nightly toolchain that has it:

    rustup toolchain install nightly --profile minimal --component miri --component rust-src

Then run `cargo xtask miri` again.";

pub(crate) fn run(args: &[&str]) -> Result<(), Failed> {
    if !installed() {
        install()?;
    }
    // No MIRIFLAGS of ours. Above all, Miri's isolation stays on: a core that opened a file or read the
    // wall clock would fail here. Miri builds in its own `target/miri`, and spoils no other build.
    command::run(cargo_nightly("miri test --locked --package omnicors-core").args(args))
}

fn installed() -> bool {
    let mut list = Command::new("rustup");
    list.args(["component", "list", "--toolchain", "nightly", "--installed"]);
    let Ok(output) = list.output() else {
        return false;
    };
    let listed = String::from_utf8_lossy(&output.stdout);
    // By prefix: `miri-x86_64-unknown-linux-gnu`, but plain `rust-src`.
    let has = |component| listed.lines().any(|line| line.starts_with(component));
    COMPONENTS.into_iter().all(has)
}

fn install() -> Result<(), Failed> {
    let mut add = Command::new("rustup");
    add.args(["component", "add", "--toolchain", "nightly"]);
    command::run(add.args(COMPONENTS)).inspect_err(|_| eprintln!("{ADVICE}"))
}
