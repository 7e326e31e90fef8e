//! `omnicors check`: all faults and warnings of policies.

mod checked;
mod edit;
mod finding;
mod fix;
mod github;
mod human;
mod json;
mod place;
mod remove;
mod sarif;
mod scalar;
mod write;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;

use crate::exit::{NOT_RUN, REPORTED};
use crate::failure::{Failure, styled};
use crate::policy_source::Table;
use crate::terminal::clean;
use checked::{Checked, Outcome};

/// Reports all faults and warnings of policies
///
/// Each finding is shown at its place in the file, with what to write instead. The origins that `allow_origins_from` names are checked
/// as well.
///
/// Exit codes: 0, no faults; 1, a fault, or a warning with --deny-warnings; 3, a file cannot be read.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The policy files (.toml, .json, .yaml or .yml), or `-` for the standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    table: Table,
    /// Ends with 1 if there are warnings
    #[arg(long)]
    deny_warnings: bool,
    /// Writes the suggestions that are unambiguous
    ///
    /// Only the values themselves are replaced: comments and formatting stay. A suggestion is not written if it may allow more than was
    /// meant. Entries that a warning says can be left out because they are safelisted are removed.
    #[arg(long)]
    fix: bool,
    /// How to write what was found
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// The name of the standard input, whose extension is its format
    #[arg(long, value_name = "NAME", default_value = "stdin.toml")]
    stdin_name: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people: the lines of the file, and what to write instead
    Human,
    /// JSON with a stable shape, for programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of a workflow of GitHub Actions
    Github,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let files: Vec<Outcome> = arguments
        .files
        .iter()
        .map(|file| check(file, arguments))
        .collect();
    let mut out = anstream::stdout().lock();
    match arguments.format {
        Format::Human => human::write(&files, arguments.fix, &mut out)?,
        Format::Json => json::write(&files, &mut out)?,
        Format::Sarif => sarif::write(&files, &mut out)?,
        Format::Github => github::write(&files, &mut out)?,
    }
    out.flush()?;
    for outcome in &files {
        match outcome {
            // In the log of a workflow, the annotation says it.
            Outcome::NotRun { error, .. } if !matches!(arguments.format, Format::Github) => {
                anstream::eprintln!("{}: {}", styled("error"), clean(error));
            }
            _ => {}
        }
    }
    let checked = || files.iter().filter_map(Outcome::checked);
    let is_reported = |checked: &Checked| {
        checked.count_faults() > 0 || arguments.deny_warnings && checked.count_warnings() > 0
    };
    Ok(if checked().count() < files.len() {
        ExitCode::from(NOT_RUN)
    } else if checked().any(is_reported) {
        ExitCode::from(REPORTED)
    } else {
        ExitCode::SUCCESS
    })
}

fn check(file: &Path, arguments: &Arguments) -> Outcome {
    let table = arguments.table.table.as_deref();
    if file == Path::new("-") {
        Checked::of_stdin(&arguments.stdin_name, table, arguments.fix)
    } else if arguments.fix {
        fix::fix(file, table)
    } else {
        Checked::read(file, table)
    }
    .unwrap_or_else(|failure| Outcome::NotRun {
        path: crate::policy_source::shown(file),
        error: failure.to_string(),
    })
}
