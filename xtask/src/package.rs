//! `cargo xtask package`: compiles each published package from its `.crate` file, without the rest of the repository.

use crate::command::{self, Failed, cargo};
use crate::features;

pub(crate) fn run() -> Result<(), Failed> {
    let mut package = cargo(
        "package --locked --package omnicors --package omnicors-browser --package omnicors-cli --package omnicors-core",
    );
    for adapter in features::ADAPTERS {
        package.arg("--package").arg(features::package(adapter));
    }
    command::run(&mut package)
}
