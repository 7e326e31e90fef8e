//! `omnicors har`: the requests that failed for CORS in a recording of a browser.

mod cause;
mod exchange;
mod fetches;
mod human;
mod judge;
mod model;
mod read;
mod replay;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;

use crate::exit::REPORTED;
use crate::failure::Failure;
use crate::format::Format;
use crate::policy_source::shown;
use report::Report;

/// Finds the requests that failed for CORS in a recording, with the reason and what to change
///
/// A recording is a HAR file, exported from the network panel of a browser's developer tools. The command checks each recorded
/// response as a browser does, so it also works for recordings without the browser's own marks. It prints no cookies and no
/// values of Authorization.
///
/// Ends with 1 if a request failed for CORS.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The recording: a .har file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Lists the cross-origin requests that the page could read as well
    #[arg(long)]
    all: bool,
    /// The format of the output
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let log = read::read(&arguments.file)?;
    let report = Report::new(shown(&arguments.file), &log, arguments.all);
    match arguments.format {
        Format::Human => human::print(&report)?,
        Format::Json => crate::json::print(&report)?,
    }
    Ok(if report.is_blocked() {
        ExitCode::from(REPORTED)
    } else {
        ExitCode::SUCCESS
    })
}
