//! `omnicors check`: all faults and warnings of policies.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use omnicors_tokio::PolicyFileError;

use crate::exit::REPORTED;
use crate::failure::Failure;
use crate::policy_source::{Table, shown};

/// Reports all faults and warnings of policies
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The policy files: .toml, .json, .yaml or .yml
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    table: Table,
    /// Ends with 1 if there are warnings
    #[arg(long)]
    deny_warnings: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let mut out = anstream::stdout().lock();
    let mut is_reported = false;
    for file in &arguments.files {
        match arguments.table.read(file) {
            Ok(policy) => {
                for warning in policy.warnings() {
                    writeln!(out, "{}: warning: {warning}", shown(file))?;
                    is_reported |= arguments.deny_warnings;
                }
            }
            Err(PolicyFileError::Faults(_, faults)) => {
                for fault in faults.iter() {
                    writeln!(out, "{fault}")?;
                }
                is_reported = true;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(if is_reported {
        ExitCode::from(REPORTED)
    } else {
        ExitCode::SUCCESS
    })
}
