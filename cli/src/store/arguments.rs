//! The arguments of `omnicors store`.

use std::path::PathBuf;

use clap::Subcommand;

use crate::format::Format;

/// Keeps allowed origins in PostgreSQL or Redis, for several servers
///
/// The servers follow the store with the packages omnicors-postgres and omnicors-redis. An origin that is removed is denied by all of
/// them, usually within milliseconds.
///
/// The URL of the store is read from the environment variable `OMNICORS_STORE`, so that its password is not visible in the list of
/// processes.
///
/// Exit codes: 0, done; 1, an origin to remove was not in the store; 3, the command could not be run.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(super) connection: Connection,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Where the origins are.
#[derive(Debug, clap::Args)]
pub(super) struct Connection {
    #[arg(
        long,
        value_name = "URL",
        global = true,
        help = "The store: postgres://user:password@host/database or redis://host:6379 [default: $OMNICORS_STORE]"
    )]
    pub(super) url: Option<String>,
    /// PostgreSQL: a table of your application with the origins, such as 'tenants' or 'app.tenants' [default: omnicors.origin]
    #[arg(long, value_name = "TABLE", global = true)]
    pub(super) table: Option<String>,
    /// PostgreSQL: the column of that table
    #[arg(long, value_name = "COLUMN", global = true, requires = "table")]
    pub(super) column: Option<String>,
    /// PostgreSQL: a condition that rows of that table must meet, such as 'active'
    #[arg(long = "where", value_name = "SQL", global = true, requires = "table")]
    pub(super) condition: Option<String>,
    /// Redis: the prefix of the keys [default: omnicors]
    #[arg(long, value_name = "PREFIX", global = true)]
    pub(super) prefix: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Prepares the store: once, and again after an update
    Init {
        /// Prints the SQL or the Lua script, and does not connect
        #[arg(long)]
        print: bool,
        /// PostgreSQL: also gives this role the rights that a server needs, which only reads. The role must exist
        #[arg(long, value_name = "ROLE")]
        role: Option<String>,
    },
    /// Adds origins
    Add(Listed),
    /// Removes origins
    Remove(Listed),
    /// Prints all origins
    List,
    /// Prints each change when it happens
    Watch {
        /// The form of the output. In JSON, each change is a line
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// PostgreSQL: deletes the records of old changes. The origins stay
    Prune {
        /// The age of the records in days. A server that was cut off for longer reads all origins again
        #[arg(long, value_name = "DAYS", default_value_t = 7, value_parser = clap::value_parser!(u64).range(0..=36_500))]
        days: u64,
    },
}

/// Origins of the command line or of a file.
#[derive(Debug, clap::Args)]
#[group(required = true)]
pub(super) struct Listed {
    #[arg(
        value_name = "ORIGIN",
        help = "Origins, such as https://tenant.example"
    )]
    pub(super) origins: Vec<String>,
    /// A list of origins, one per line, as for the setting `allow_origins_from`. '-' is the standard input
    #[arg(long, value_name = "FILE")]
    pub(super) from: Option<PathBuf>,
}
