//! The `omnicors` command.
//!
//! <!-- Each file imports only from those after it: `arguments`, `check`, `explain`, `diff`, `compare`, `probe`, `har`, `store`, `schema`, `completions`, `man`,
//! `policy_source`, `json`, `page_origin`, `engine_name`, `format`, `secrets`, `failure`, `loopback`, `workflow_command`, `terminal`, `exit`. -->

#![forbid(unsafe_code)]

mod arguments;
mod check;
mod compare;
mod completions;
mod diff;
mod engine_name;
mod exit;
mod explain;
mod failure;
mod format;
mod har;
mod json;
mod loopback;
mod man;
mod page_origin;
mod policy_source;
mod probe;
mod schema;
mod secrets;
mod store;
mod terminal;
mod workflow_command;

use std::io::Write as _;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};

use arguments::{Arguments, Command};
use exit::NOT_RUN;
use failure::Failure;
use terminal::clean;

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
        Command::Probe(arguments) => probe::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Har(arguments) => har::run(&arguments),
        Command::Store(arguments) => store::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments, Arguments::command()),
        Command::Man(arguments) => man::run(&arguments, Arguments::command()),
    };
    match result {
        Ok(code) => code,
        // As with other commands, `omnicors … | head` is not an error.
        Err(Failure::OutputClosed) => ExitCode::SUCCESS,
        Err(failure) => {
            // An error means that nobody reads the messages.
            let _closed = writeln!(
                anstream::stderr(),
                "{}: {}",
                failure::styled("error"),
                clean(&failure.to_string())
            );
            ExitCode::from(NOT_RUN)
        }
    }
}
