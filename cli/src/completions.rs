//! `omnicors completions`: completions for shells.

use std::io::Write as _;
use std::process::ExitCode;

use clap_complete::Shell;

use crate::failure::Failure;

/// Prints the completions for a shell
///
/// For bash: omnicors completions bash > ~/.local/share/bash-completion/completions/omnicors
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

/// Prints the completions of a command.
pub(crate) fn run(arguments: &Arguments, mut command: clap::Command) -> Result<ExitCode, Failure> {
    // `generate` panics if the output is closed, so it does not write to it.
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "omnicors", &mut text);
    std::io::stdout().lock().write_all(&text)?;
    Ok(ExitCode::SUCCESS)
}
