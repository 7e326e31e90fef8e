//! `omnicors man`: manual pages.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::failure::Failure;

/// Prints the manual page, or writes the pages of all commands to a folder
///
/// For example: omnicors man --out ~/.local/share/man/man1
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The folder for the pages of all commands: omnicors.1, omnicors-check.1 and so on
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// Prints the manual page of a command, or writes those of its subcommands as well.
pub(crate) fn run(arguments: &Arguments, command: clap::Command) -> Result<ExitCode, Failure> {
    match &arguments.out {
        None => {
            let mut page = Vec::new();
            // As in the pages that `generate_to` writes.
            clap_mangen::Man::new(command.disable_help_subcommand(true)).render(&mut page)?;
            std::io::stdout().lock().write_all(&page)?;
        }
        Some(folder) => {
            let written =
                fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(command, folder));
            written.map_err(|error| {
                Failure::because(format_args!(
                    "--out {}: the manual pages cannot be written: {error}; write the name of a folder",
                    folder.display()
                ))
            })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
