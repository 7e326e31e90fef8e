//! Running a command: shown before it starts, its exit code passed on.

use std::env;
use std::fmt::Display;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

/// Something failed and has already been reported; the exit code to leave with.
#[derive(Debug)]
pub(crate) struct Failed(pub(crate) u8);

impl Failed {
    /// Reports why.
    pub(crate) fn because(reason: impl Display) -> Self {
        eprintln!("\nfailed: {reason}");
        Self(1)
    }
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}

/// The cargo that runs this, at the root, with `args` as one would type them.
pub(crate) fn cargo(args: &str) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(args.split_whitespace());
    command
}

/// The nightly cargo.
pub(crate) fn cargo_nightly(args: &str) -> Command {
    cargo_of("nightly", args)
}

/// The cargo of a toolchain. Only the `cargo` that rustup installs knows `+nightly`, so it is looked up by name.
pub(crate) fn cargo_of(toolchain: &str, args: &str) -> Command {
    let mut command = Command::new("cargo");
    command
        .arg(format!("+{toolchain}"))
        .args(args.split_whitespace());
    command.current_dir(root());
    // Set for us by the stable `cargo run`. The nightly one would keep it, and Miri would then drive
    // the nightly compiler with the stable cargo.
    command.env_remove("CARGO");
    command
}

/// Runs it to its end.
pub(crate) fn run(command: &mut Command) -> Result<(), Failed> {
    announce(command);
    let status = command.status();
    conclude(command, status)
}

/// Runs it to its end, handing on every line that it prints to stdout as it comes.
pub(crate) fn run_reading(command: &mut Command, read: impl FnMut(&str)) -> Result<(), Failed> {
    hand_on(
        command.stdout(Stdio::piped()),
        |child| child.stdout.take(),
        read,
    )
}

/// The same with what it prints to stderr.
pub(crate) fn run_reading_errors(
    command: &mut Command,
    read: impl FnMut(&str),
) -> Result<(), Failed> {
    hand_on(
        command.stderr(Stdio::piped()),
        |child| child.stderr.take(),
        read,
    )
}

fn hand_on<P: Read>(
    command: &mut Command,
    pipe: impl FnOnce(&mut Child) -> Option<P>,
    mut read: impl FnMut(&str),
) -> Result<(), Failed> {
    announce(command);
    let status = command.spawn().and_then(|mut child| {
        if let Some(pipe) = pipe(&mut child) {
            let mut lines = BufReader::new(pipe);
            let mut line = Vec::new();
            // Bytes, not `lines()`: a test may print what is not UTF-8, and that must not end the run.
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

fn announce(command: &Command) {
    eprintln!("\n$ {}", shown(command));
}

fn conclude(command: &Command, status: io::Result<ExitStatus>) -> Result<(), Failed> {
    let failed = match status {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => {
            eprintln!("\nfailed ({status}): {}", shown(command));
            // No code: ended by a signal.
            status.code().and_then(|code| u8::try_from(code).ok())
        }
        Err(error) => {
            eprintln!("\ncould not run ({error}): {}", shown(command));
            None
        }
    };
    Err(Failed(failed.unwrap_or(1)))
}

/// As one would type it, but for the path of cargo.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem();
    let words = program.into_iter().chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}
