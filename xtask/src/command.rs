//! Runs commands. Prints each command before it starts, and returns its exit code if it fails.

use std::env;
use std::fmt::Display;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

/// A failure that has already been reported. Contains the exit code of this program.
#[derive(Debug)]
pub(crate) struct Failed(pub(crate) u8);

impl Failed {
    /// Reports a reason.
    pub(crate) fn because(reason: impl Display) -> Self {
        eprintln!("\nfailed: {reason}");
        Self(1)
    }
}

/// Returns the root of the workspace.
pub(crate) fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}

/// Returns a command for the cargo that runs this program, at the root, with arguments that are separated by spaces.
pub(crate) fn cargo(args: &str) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(args.split_whitespace());
    command
}

/// Returns a command for the nightly cargo.
pub(crate) fn cargo_nightly(args: &str) -> Command {
    cargo_of("nightly", args)
}

/// Returns a command for the cargo of a toolchain. Only the `cargo` that rustup installs knows `+nightly`, so it is looked up by name.
pub(crate) fn cargo_of(toolchain: &str, args: &str) -> Command {
    let mut command = Command::new("cargo");
    command
        .arg(format!("+{toolchain}"))
        .args(args.split_whitespace());
    command.current_dir(root());
    // The stable `cargo run` has set this. Miri would otherwise use the stable cargo with the nightly compiler.
    command.env_remove("CARGO");
    command
}

/// Runs a command, and waits until it ends.
pub(crate) fn run(command: &mut Command) -> Result<(), Failed> {
    announce(command);
    // Its stdin may be the pipe of a stage: see `limit::end_with_parent`.
    command.stdin(Stdio::null());
    let status = command.status();
    conclude(command, status)
}

/// Runs a command, forwards its stdout, and calls `read` with each line.
pub(crate) fn run_reading(command: &mut Command, read: impl FnMut(&str)) -> Result<(), Failed> {
    forward(
        command.stdout(Stdio::piped()),
        |child| child.stdout.take(),
        read,
    )
}

/// Does the same with stderr.
pub(crate) fn run_reading_errors(
    command: &mut Command,
    read: impl FnMut(&str),
) -> Result<(), Failed> {
    forward(
        command.stderr(Stdio::piped()),
        |child| child.stderr.take(),
        read,
    )
}

fn forward<P: Read>(
    command: &mut Command,
    pipe: impl FnOnce(&mut Child) -> Option<P>,
    mut read: impl FnMut(&str),
) -> Result<(), Failed> {
    announce(command);
    let status = command.stdin(Stdio::null()).spawn().and_then(|mut child| {
        if let Some(pipe) = pipe(&mut child) {
            let mut lines = BufReader::new(pipe);
            let mut line = Vec::new();
            // Not `lines()`, which fails if a test prints bytes that are not UTF-8.
            while lines.read_until(b'\n', &mut line)? > 0 {
                io::stdout().write_all(&line)?;
                read(String::from_utf8_lossy(&line).trim_end());
                line.clear();
            }
        }
        child.wait()
    });
    conclude(command, status)
}

/// Prints a command.
pub(crate) fn announce(command: &Command) {
    eprintln!("\n$ {}", shown(command));
}

fn conclude(command: &Command, status: io::Result<ExitStatus>) -> Result<(), Failed> {
    let failed = match status {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => {
            eprintln!("\nfailed ({status}): {}", shown(command));
            // `None` if a signal ended the command.
            status.code().and_then(|code| u8::try_from(code).ok())
        }
        Err(error) => {
            eprintln!(
                "\nthe command could not be run ({error}): {}",
                shown(command)
            );
            None
        }
    };
    Err(Failed(failed.unwrap_or(1)))
}

/// Returns the text of a command, without the path of the program.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem();
    let words = program.into_iter().chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}
