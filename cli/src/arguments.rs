//! The arguments of the command.

use clap::{Parser, Subcommand};

use crate::{check, completions, diff, explain, har, man, probe, schema, store};

/// Checks CORS policies, and asks servers as a browser would.
///
/// Exit codes: 0, nothing to report; 1, something to report (faults, a blocked request, findings); 2, `diff` found that a policy allows
/// more; 3, the command could not be run.
#[derive(Debug, Parser)]
#[command(name = "omnicors", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) color: colorchoice_clap::Color,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Check(check::Arguments),
    Explain(explain::Arguments),
    Diff(diff::Arguments),
    Probe(Box<probe::Arguments>),
    Har(har::Arguments),
    Store(store::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}
