//! The engines that the browser tests drive: found, installed where we know how, and asked for where we do not.

use std::fs;
use std::process::Command;

use crate::command::{self, Failed, cargo, root};

#[path = "../../tests/browser/src/programs.rs"]
#[allow(
    unreachable_pub,
    reason = "the tests share this file, as a module of a library"
)]
mod programs;

use programs::{ALL, GECKODRIVER, INSTALLED, Program};

/// The newest that was tried.
const GECKODRIVER_VERSION: &str = "0.37.1";

/// Sees to it that every program that the browser tests start is there.
pub(crate) fn ready() -> Result<(), Failed> {
    let missing = missing();
    if missing.iter().any(|program| program.package.is_some()) && is_debian() && is_root() {
        install_packages(&packages(&missing))?;
    }
    // After the packages: if they cannot be had, there is no need to build it.
    let unpackaged = |program: &Program| program.package.is_none();
    if self::missing().iter().all(unpackaged) && GECKODRIVER.find().is_none() {
        install_geckodriver()?;
    }
    let missing = self::missing();
    if missing.is_empty() {
        return Ok(());
    }
    eprintln!("{}", advice(&missing));
    Err(Failed(1))
}

fn missing() -> Vec<Program> {
    let programs = ALL.into_iter();
    programs
        .filter(|program| program.find().is_none())
        .collect()
}

/// Their packages, each once.
fn packages(programs: &[Program]) -> Vec<&'static str> {
    let mut packages: Vec<_> = programs
        .iter()
        .filter_map(|program| program.package)
        .collect();
    packages.dedup();
    packages
}

fn is_debian() -> bool {
    // Not ID_LIKE: what is made of Debian names its packages otherwise, or has Chromium as something else than a package.
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    release.lines().any(|line| line.trim() == "ID=debian")
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn install_packages(packages: &[&str]) -> Result<(), Failed> {
    command::run(Command::new("apt-get").args(["update", "-qq"]))?;
    let mut install = Command::new("apt-get");
    install.args(["install", "-qq", "-y", "--no-install-recommends"]);
    install.env("DEBIAN_FRONTEND", "noninteractive");
    command::run(install.args(packages))
}

fn install_geckodriver() -> Result<(), Failed> {
    // `--debug`: it is not asked to be fast, and is built in half the time.
    let mut install = cargo("install geckodriver --locked --debug --version");
    install.arg(GECKODRIVER_VERSION).arg("--root");
    command::run(install.arg(root().join(INSTALLED)))
}

fn advice(missing: &[Program]) -> String {
    let needed = missing.iter().map(|program| {
        let names = program.names.join(" or ");
        match program.package {
            Some(package) => format!("    {names}, of Debian's package {package}"),
            None => format!("    {names}: cargo install {names} --locked"),
        }
    });
    let needed: Vec<_> = needed.collect();
    let needed = needed.join("\n");
    let packages = packages(missing);
    let by_package = if packages.is_empty() {
        String::new()
    } else {
        format!(
            "
On Debian, this installs it, and `cargo xtask test` as root does so by itself:

    apt-get install --no-install-recommends {}

Elsewhere, install what has these programs, and put it on the search path.
",
            packages.join(" ")
        )
    };
    format!(
        "
failed: the browser tests need what is not installed here:

{needed}
{by_package}
`cargo xtask test --no-browsers` runs all the other tests."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_names_each_program_and_each_package_once() {
        let text = advice(&ALL);
        for program in ALL {
            assert!(text.contains(program.names[0]), "{text}");
        }
        let line = "apt-get install --no-install-recommends \
            chromium chromium-driver firefox-esr webkit2gtk-driver xvfb\n";
        assert!(text.contains(line), "{text}");
        assert!(
            text.contains("cargo install geckodriver --locked"),
            "{text}"
        );
        assert!(!advice(&[GECKODRIVER]).contains("apt-get"));
    }
}
