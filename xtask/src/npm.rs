//! Packages of npm, with the versions of a lock file.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::command::{self, Failed, root};
use crate::programs::{self, AXE, NPM};

/// The files that define the packages. `.npmrc` keeps npm from running the scripts of packages.
const FILES: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];

/// The folder of the editor of the quick start.
const EDITOR: &str = "examples/quickstart/page/codemirror";

/// `cargo xtask vendor`: builds the editor of the quick start, which is in the repository, so that the quick start needs no network.
pub(crate) fn vendor() -> Result<(), Failed> {
    programs::ready(&[NPM])?;
    let (source, target) = (root().join(EDITOR), root().join("target/codemirror"));
    install(&source, &target)?;
    for file in ["index.js", "build.js"] {
        copy(&source.join(file), &target.join(file))?;
    }
    let mut build = Command::new("node");
    build.arg("build.js").arg(&source).current_dir(&target);
    command::run(&mut build)
}

/// Installs the script that checks whether a page is accessible.
pub(crate) fn axe_ready() -> Result<(), Failed> {
    let (source, target) = (root().join("tests/browser"), root().join("target/browsers"));
    let read = |folder: &Path| fs::read(folder.join("package-lock.json")).ok();
    if root().join(AXE).is_file() && read(&source) == read(&target) {
        return Ok(());
    }
    programs::ready(&[NPM])?;
    install(&source, &target)
}

/// Installs the packages of a folder into another one.
fn install(source: &Path, target: &Path) -> Result<(), Failed> {
    let created = fs::create_dir_all(target);
    created.map_err(|error| Failed::because(format_args!("{}: {error}", target.display())))?;
    for file in FILES {
        copy(&source.join(file), &target.join(file))?;
    }
    command::run(Command::new("npm").arg("ci").current_dir(target))
}

fn copy(from: &Path, to: &Path) -> Result<(), Failed> {
    let copied = fs::copy(from, to);
    copied.map_err(|error| Failed::because(format_args!("{}: {error}", from.display())))?;
    Ok(())
}
