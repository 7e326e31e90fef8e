//! The programs that the tests start: found, installed where we know how, and asked for where we do not.

use std::fs;
use std::process::Command;

use crate::command::{self, Failed, cargo, root};

#[path = "../../tests/browser/src/programs.rs"]
#[allow(
    unreachable_pub,
    reason = "the tests share this file, as a module of a library"
)]
mod of_browsers;

use of_browsers::INSTALLED;

pub(crate) use of_browsers::{ALL as BROWSERS, CHROMIUM, Program};

/// What `tests/cost.rs` counts instructions with.
pub(crate) const VALGRIND: Program = Program {
    names: &["valgrind"],
    package: Some("valgrind"),
};
/// What makes the screenshot small: fewer colours, a third of the bytes, and no difference that one sees.
pub(crate) const PNGQUANT: Program = Program {
    names: &["pngquant"],
    package: Some("pngquant"),
};

/// The newest that was tried.
const GECKODRIVER_VERSION: &str = "0.37.1";

/// Sees to it that each of these is there.
pub(crate) fn ready(needed: &[Program]) -> Result<(), Failed> {
    let missing = missing(needed);
    if missing.iter().any(|program| program.package.is_some()) && is_debian() && is_root() {
        install_packages(&packages(&missing))?;
    }
    // After the packages: if they cannot be had, there is no need to build it.
    let missing = self::missing(needed);
    if !missing.is_empty() && missing.iter().all(|program| program.package.is_none()) {
        install_geckodriver()?;
    }
    let missing = self::missing(needed);
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failed::because(advice(&missing)))
}

fn missing(needed: &[Program]) -> Vec<Program> {
    let programs = needed.iter().copied();
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
On Debian, this installs it; as root, this command does so by itself:

    apt-get install --no-install-recommends {}

Elsewhere, install what has these programs, and put it on the search path.
",
            packages.join(" ")
        )
    };
    let drives = |program: &Program| BROWSERS.iter().any(|other| other.names == program.names);
    let without = if missing.iter().any(drives) {
        "\n`cargo xtask test --no-browsers` runs the tests that drive no browser."
    } else {
        ""
    };
    format!("this needs what is not installed here:\n\n{needed}\n{by_package}{without}")
}

#[cfg(test)]
mod tests {
    use super::of_browsers::GECKODRIVER;
    use super::*;

    #[test]
    fn the_advice_names_each_program_and_each_package_once() {
        let text = advice(&BROWSERS);
        for program in BROWSERS {
            assert!(text.contains(program.names[0]), "{text}");
        }
        let line = "apt-get install --no-install-recommends \
            chromium chromium-driver firefox-esr webkit2gtk-driver xvfb\n";
        assert!(text.contains(line), "{text}");
        assert!(
            text.contains("cargo install geckodriver --locked"),
            "{text}"
        );
        assert!(text.contains("--no-browsers"), "{text}");
        assert!(!advice(&[GECKODRIVER]).contains("apt-get"));
    }

    #[test]
    fn the_advice_on_what_drives_no_browser_does_not_speak_of_browsers() {
        let text = advice(&[VALGRIND]);
        let line = "apt-get install --no-install-recommends valgrind\n";
        assert!(text.contains(line), "{text}");
        assert!(!text.contains("browser"), "{text}");
    }
}
