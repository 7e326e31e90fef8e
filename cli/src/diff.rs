//! `omnicors diff`: what a change of a policy allows, and what it no longer allows.

mod github;
mod human;
mod json;
mod output;
mod text;

use std::path::PathBuf;
use std::process::ExitCode;

use omnicors_tokio::PolicyFileError;

use crate::compare::{Subject, compare};
use crate::failure::Failure;
use crate::policy_source::{Table, shown};
use crate::terminal::Cleaned;

use output::Output;

/// The exit code if the new policy allows something that the old one does not, or if that is not known.
const WIDENED: u8 = 2;

/// Compares two policies: what becomes newly allowed, and what is no longer allowed
///
/// Every difference has an example, with which both policies were evaluated. Origins are compared exactly, patterns and regular
/// expressions as automata. What cannot be compared, such as an origin lookup, is reported as such.
///
/// Exit codes: 0, the new policy allows nothing that the old one does not; 2, it does, or that is not known; 3, the policies could not be
/// read.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The policy file in force: .toml, .json, .yaml or .yml
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The policy file that is to replace it
    #[arg(value_name = "NEW")]
    new: PathBuf,
    #[command(flatten)]
    table: Table,
    /// The table of the old policy, if it is not that of the new one
    #[arg(long, value_name = "NAME")]
    old_table: Option<String>,
    /// For people, for programs, or as annotations of a GitHub workflow
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Prints at most this many origins of each list
    #[arg(long, default_value_t = 20, value_name = "NUMBER")]
    limit: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    #[default]
    Human,
    Json,
    Github,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let old_table = Table {
        table: arguments
            .old_table
            .clone()
            .or_else(|| arguments.table.table.clone()),
    };
    let old = old_table.read(&arguments.old).map_err(failure)?;
    let new = arguments.table.read(&arguments.new).map_err(failure)?;
    let subjects = [Subject::new(&old), Subject::new(&new)];
    let [old, new] = &subjects;
    let comparison = compare(old, new).map_err(Failure::because)?;
    let output = Output {
        old: shown(&arguments.old),
        new: shown(&arguments.new),
        comparison: &comparison,
        limit: arguments.limit,
    };
    let mut out = anstream::stdout().lock();
    match arguments.format {
        Format::Human => human::write(&mut Cleaned(out), &output)?,
        Format::Json => json::write(&mut out, &output)?,
        Format::Github => github::write(&mut out, &output)?,
    }
    Ok(if comparison.may_widen() {
        ExitCode::from(WIDENED)
    } else {
        ExitCode::SUCCESS
    })
}

fn failure(error: PolicyFileError) -> Failure {
    match error {
        PolicyFileError::Faults(..) => Failure::because(format_args!(
            "{error:#}\nOnly policies without faults can be compared. `omnicors check` shows the faults in the file."
        )),
        error => error.into(),
    }
}
