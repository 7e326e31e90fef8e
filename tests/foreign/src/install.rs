//! Installs servers with their package managers, into a folder below `target`. `cargo xtask` includes this file.
//!
//! Nothing is installed outside this folder: packages of Debian are downloaded and unpacked, so no service is started.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A server to install.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Package {
    /// The name of the folder with its sources.
    pub name: &'static str,
    /// The package manager.
    pub manager: Manager,
}

/// A package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    /// npm, with the versions of `package-lock.json`.
    Npm,
    /// pip, in a virtual environment, with the versions of `requirements.txt`.
    Pip,
    /// The package of Debian with this name, and the program in it.
    Debian(&'static str, &'static str),
}

const fn package(name: &'static str, manager: Manager) -> Package {
    Package { name, manager }
}

/// All servers that need a package manager other than cargo.
pub const ALL: [Package; 10] = [
    package("nginx", Manager::Debian("nginx", "nginx")),
    package("express", Manager::Npm),
    package("fastify", Manager::Npm),
    package("hono", Manager::Npm),
    package("koa", Manager::Npm),
    package("starlette", Manager::Pip),
    package("flask", Manager::Pip),
    package("django", Manager::Pip),
    package("apache", Manager::Debian("apache2-bin", "apache2")),
    package("caddy", Manager::Debian("caddy", "caddy")),
];

/// The number of servers at the start of [`ALL`] that `cargo xtask test` starts.
pub const SAMPLE: usize = 2;

/// The folder in the workspace for everything that is installed or written at run time.
pub const FOLDER: &str = "target/foreign";

/// The folder in the workspace with the sources of the servers.
pub const SOURCES: &str = "tests/foreign/servers";

/// Installs these servers, if they are not installed yet, for the workspace at `root`.
///
/// # Errors
///
/// Returns a message for people.
pub fn install(root: &Path, packages: &[Package]) -> Result<(), String> {
    for package in packages {
        let installed = match package.manager {
            Manager::Npm => npm(root, package.name),
            Manager::Pip => pip(root, package.name),
            Manager::Debian(debian, program) => match find(root, program) {
                Some(_) => Ok(()),
                None => unpack(root, debian),
            },
        };
        installed.map_err(|error| format!("{} could not be installed: {error}", package.name))?;
    }
    Ok(())
}

/// Returns the path of a program of Debian: of an installed package, or of an unpacked one.
#[must_use]
pub fn find(root: &Path, program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let unpacked = unpacked(root).join("usr");
    let folders = env::split_paths(&path).chain([
        PathBuf::from("/usr/sbin"),
        unpacked.join("sbin"),
        unpacked.join("bin"),
    ]);
    let mut candidates = folders.map(|folder| folder.join(program));
    candidates.find(|path| path.is_file())
}

/// Returns the folder into which packages of Debian are unpacked.
#[must_use]
pub fn unpacked(root: &Path) -> PathBuf {
    root.join(FOLDER).join("debian")
}

/// Returns the folder with the shared libraries of unpacked packages.
#[must_use]
pub fn libraries(root: &Path) -> String {
    let triple = if cfg!(target_arch = "aarch64") {
        "aarch64-linux-gnu"
    } else {
        "x86_64-linux-gnu"
    };
    let folder = unpacked(root).join("usr/lib").join(triple);
    folder.display().to_string()
}

fn npm(root: &Path, name: &str) -> Result<(), String> {
    let folder = prepare(root, name, &["package.json", "package-lock.json"])?;
    if is_current(&folder, "package-lock.json") {
        return Ok(());
    }
    let mut command = Command::new("npm");
    command.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
    run(command.current_dir(&folder))?;
    mark(&folder, "package-lock.json")
}

fn pip(root: &Path, name: &str) -> Result<(), String> {
    let folder = prepare(root, name, &["requirements.txt"])?;
    if is_current(&folder, "requirements.txt") {
        return Ok(());
    }
    let mut command = Command::new("python3");
    command.args(["-m", "venv", "--clear", "venv"]);
    run(command.current_dir(&folder))?;
    let mut command = Command::new(folder.join("venv/bin/python"));
    command.args(["-m", "pip", "install", "--quiet"]);
    command.args(["--disable-pip-version-check", "--no-deps"]);
    command.args(["--requirement", "requirements.txt"]);
    run(command.current_dir(&folder))?;
    mark(&folder, "requirements.txt")
}

/// Downloads a package of Debian with the packages that it needs and the system lacks, and unpacks them.
fn unpack(root: &Path, package: &str) -> Result<(), String> {
    let folder = unpacked(root);
    // A folder for each, so that no other package is unpacked again.
    let archives = folder.join("archives").join(package);
    fs::create_dir_all(archives.join("partial")).map_err(text)?;
    let download = || {
        let mut command = Command::new("apt-get");
        command.arg("-o");
        command.arg(format!("Dir::Cache::archives={}", archives.display()));
        // The lock of the system is not needed, because nothing is installed.
        command.args(["-o", "Debug::NoLocking=1"]);
        command.args(["install", "-qq", "-y"]);
        command.args(["--no-install-recommends", "--download-only"]);
        run(command.arg(package))
    };
    if download().is_err() {
        // The lists may be missing or old.
        run(Command::new("apt-get").args(["update", "-qq"]))?;
        download()?;
    }
    for entry in fs::read_dir(&archives).map_err(text)? {
        let path = entry.map_err(text)?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            run(Command::new("dpkg-deb").arg("-x").arg(path).arg(&folder))?;
        }
    }
    Ok(())
}

/// Copies these files of a server's sources into its folder, which it creates.
fn prepare(root: &Path, name: &str, files: &[&str]) -> Result<PathBuf, String> {
    let folder = root.join(FOLDER).join(name);
    fs::create_dir_all(&folder).map_err(text)?;
    for file in files {
        let source = root.join(SOURCES).join(name).join(file);
        fs::copy(source, folder.join(file)).map_err(text)?;
    }
    Ok(folder)
}

/// Returns true if the versions in this file were installed completely.
fn is_current(folder: &Path, versions: &str) -> bool {
    let read = |name: &str| fs::read(folder.join(name)).ok();
    read(versions).is_some_and(|versions| read("installed").is_some_and(|mark| mark == versions))
}

/// Marks the versions in this file as installed.
fn mark(folder: &Path, versions: &str) -> Result<(), String> {
    let copied = fs::copy(folder.join(versions), folder.join("installed"));
    copied.map(drop).map_err(text)
}

fn run(command: &mut Command) -> Result<(), String> {
    eprintln!("\n$ {command:?}");
    let status = command
        .stdin(Stdio::null())
        .status()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("{command:?}: {status}"))
}

#[expect(clippy::needless_pass_by_value, reason = "it is passed to `map_err`")]
fn text(error: io::Error) -> String {
    error.to_string()
}
