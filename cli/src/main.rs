//! The `omnicors` command.

#![forbid(unsafe_code)]

mod arguments;
mod check;
mod compare;
mod diff;
mod failure;
mod policy_source;

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use arguments::{Arguments, Command};
use failure::Failure;

/// The exit code if there is something to report: faults, a blocked request, findings.
const REPORTED: u8 = 1;

/// The exit code if the command could not be run: wrong arguments, or a file or a server that cannot be read. Not 2, because `diff` uses
/// that.
const NOT_RUN: u8 = 3;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // An error means that nobody reads the output.
            let _closed = error.print();
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
                _ => ExitCode::from(NOT_RUN),
            };
        }
    };
    arguments.color.write_global();
    let result = match arguments.command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
    };
    match result {
        Ok(code) => code,
        // As with other commands, `omnicors … | head` is not an error.
        Err(Failure::OutputClosed) => ExitCode::SUCCESS,
        Err(failure) => {
            anstream::eprintln!("{}: {failure}", failure::styled("error"));
            ExitCode::from(NOT_RUN)
        }
    }
}
