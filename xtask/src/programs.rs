//! The programs that the tests start. Missing ones are installed if possible; otherwise this prints how to install them.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::process::{Command, Stdio};

use crate::command::{self, Failed, cargo, root};

#[path = "../../tests/browser/src/programs.rs"]
#[allow(
    unreachable_pub,
    reason = "the tests share this file, as a module of a library"
)]
mod of_browsers;

use of_browsers::INSTALLED;

pub(crate) use of_browsers::{ALL as BROWSERS, AXE, CHROMEDRIVER, CHROMIUM, Program};

/// Counts instructions in `tests/cost.rs` and in the benchmark.
pub(crate) const VALGRIND: Program = Program {
    names: &["valgrind"],
    package: Some("valgrind"),
};
/// The server in which `omnicors-postgres` is tested. `tests/stores` finds its other programs beside it.
pub(crate) const POSTGRES: Program = Program {
    names: &["postgres"],
    package: Some("postgresql"),
};
/// The store of origins in the tests of `adapters/redis`. Its package depends on that of `redis-cli`.
pub(crate) const REDIS: Program = Program {
    names: &["redis-server"],
    package: Some("redis-server"),
};
/// Makes the networks of `tests/fleet`, whose links fail.
pub(crate) const IP: Program = Program {
    names: &["ip"],
    package: Some("iproute2"),
};
/// Gives the servers of `tests/stores` a clock that a test sets.
pub(crate) const FAKETIME: Program = Program {
    names: &["faketime"],
    package: Some("faketime"),
};
/// Loads the servers of the benchmark.
pub(crate) const WRK: Program = Program {
    names: &["wrk"],
    package: Some("wrk"),
};
/// Reduces the number of colors of the screenshot, and so its size to a third.
pub(crate) const PNGQUANT: Program = Program {
    names: &["pngquant"],
    package: Some("pngquant"),
};

/// Runs servers of other projects, and installs them.
pub(crate) const NODE: Program = Program {
    names: &["node"],
    package: Some("nodejs"),
};

/// Installs packages of JavaScript, servers of other projects among them.
pub(crate) const NPM: Program = Program {
    names: &["npm"],
    package: Some("npm"),
};

/// Runs servers of other projects, and installs them in an environment of its own.
pub(crate) const PYTHON: Program = Program {
    names: &["python3"],
    package: Some("python3-venv"),
};

/// A command of cargo that is installed with cargo.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CargoTool {
    /// The name of the package and of the program.
    pub(crate) name: &'static str,
    /// The version that is installed.
    pub(crate) version: &'static str,
}

pub(crate) const CARGO_FUZZ: CargoTool = CargoTool {
    name: "cargo-fuzz",
    version: "0.13.2",
};
pub(crate) const CARGO_MUTANTS: CargoTool = CargoTool {
    name: "cargo-mutants",
    version: "27.1.0",
};

impl CargoTool {
    /// Installs the program if neither the search path nor our folder has it.
    pub(crate) fn ready(self) -> Result<(), Failed> {
        let mut version = Command::new(self.name);
        version.arg("--version").env("PATH", tool_path());
        let status = version.stdout(Stdio::null()).stderr(Stdio::null()).status();
        if status.is_ok() {
            return Ok(());
        }
        // `--debug` halves the build time.
        let mut install = cargo("install --locked --debug --root target/tools --version");
        command::run(install.args([self.version, self.name]))
    }
}

/// Returns the search path with the folder of [`CargoTool::ready`] at the end, so that another installation takes precedence.
pub(crate) fn tool_path() -> OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([root().join("target/tools/bin")]);
    env::join_paths(folders).unwrap_or(path)
}

/// The version that is installed.
const GECKODRIVER_VERSION: &str = "0.37.1";

/// Ensures that each of these programs is installed.
pub(crate) fn ready(needed: &[Program]) -> Result<(), Failed> {
    let missing = missing(needed);
    if missing.iter().any(|program| program.package.is_some()) && is_debian() && is_root() {
        install_packages(&packages(&missing))?;
    }
    // Build geckodriver only if all packages are installed, because the build takes long.
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

/// Returns their Debian packages, without duplicates.
fn packages(programs: &[Program]) -> Vec<&'static str> {
    let mut packages: Vec<_> = programs
        .iter()
        .filter_map(|program| program.package)
        .collect();
    packages.dedup();
    packages
}

fn is_debian() -> bool {
    // Not ID_LIKE, because derivatives of Debian have other names of packages, or do not have Chromium as a package.
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
    // `--debug` halves the build time.
    let mut install = cargo("install geckodriver --locked --debug --version");
    install.arg(GECKODRIVER_VERSION).arg("--root");
    command::run(install.arg(root().join(INSTALLED)))
}

fn advice(missing: &[Program]) -> String {
    let needed = missing.iter().map(|program| {
        let names = program.names.join(" or ");
        match program.package {
            Some(package) => format!("    {names} (Debian package {package})"),
            None => format!("    {names} (cargo install {names} --locked)"),
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
On Debian, install the packages with this command. `cargo xtask` does it if you run it as root:

    apt-get install --no-install-recommends {}

On other systems, install the programs and add them to the search path.
",
            packages.join(" ")
        )
    };
    let drives = |program: &Program| BROWSERS.iter().any(|other| other.names == program.names);
    let without = if missing.iter().any(drives) {
        "\nTo run only the tests without browsers: cargo xtask test --no-browsers"
    } else {
        ""
    };
    format!("these programs are not installed:\n\n{needed}\n{by_package}{without}")
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
    fn the_advice_on_other_programs_does_not_mention_browsers() {
        let text = advice(&[VALGRIND]);
        let line = "apt-get install --no-install-recommends valgrind\n";
        assert!(text.contains(line), "{text}");
        assert!(!text.contains("browser"), "{text}");
    }
}
