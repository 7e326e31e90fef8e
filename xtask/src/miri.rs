//! `cargo xtask miri`: the core's tests under Miri.

use crate::command::{self, Failed, cargo_nightly};
use crate::nightly;

pub(crate) fn run(args: &[&str]) -> Result<(), Failed> {
    nightly::ready(&["miri", "rust-src"], "Miri")?;
    // No MIRIFLAGS of ours. Above all, Miri's isolation stays on: a core that opened a file or read the
    // wall clock would fail here. Miri builds in its own `target/miri`, and spoils no other build.
    command::run(cargo_nightly("miri test --locked --package omnicors-core").args(args))
}
