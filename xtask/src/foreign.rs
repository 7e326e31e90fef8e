//! The tests with servers of other projects: a part of the stage `tests`, and a stage of `cargo xtask full`.

use crate::command::{self, Failed, cargo, root};
use crate::programs::{self, CHROMEDRIVER, CHROMIUM, NODE, NPM, PYTHON};

#[path = "../../tests/foreign/src/install.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the tests share this file, as a module of a library"
)]
mod install;

/// The package of the tests.
pub(crate) const TESTS: &str = "omnicors-foreign-tests";

/// Installs the servers that `cargo xtask test` starts, below `target`.
pub(crate) fn ready() -> Result<(), Failed> {
    programs::ready(&[NODE, NPM])?;
    install(&install::ALL[..install::SAMPLE])
}

/// Installs all servers, and runs the tests with all of them.
pub(crate) fn run() -> Result<(), Failed> {
    programs::ready(&[CHROMIUM, CHROMEDRIVER, NODE, NPM, PYTHON])?;
    install(&install::ALL)?;
    // The tests run the command, which is not part of their package.
    command::run(&mut cargo("build --locked --package omnicors-cli"))?;
    let mut tests = cargo(&format!(
        "test --locked --package {TESTS} --tests -- --include-ignored --show-output"
    ));
    command::run(tests.env("OMNICORS_FOREIGN", "all"))
}

fn install(packages: &[install::Package]) -> Result<(), Failed> {
    install::install(&root(), packages).map_err(Failed::because)
}
