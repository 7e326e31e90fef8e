//! Reads policies from files.

use std::path::Path;

use omnicors_core::Policy;
use omnicors_tokio::{PolicyFile, PolicyFileError};

/// Where policies are in their files.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Table {
    /// The policy is this table of a larger file, such as `cors` or `server.cors`
    #[arg(long, value_name = "NAME")]
    pub(crate) table: Option<String>,
}

impl Table {
    /// Reads the policy of a file.
    pub(crate) fn read(&self, path: &Path) -> Result<Policy, PolicyFileError> {
        match &self.table {
            Some(table) => PolicyFile::read_table(path, table),
            None => PolicyFile::read(path),
        }
    }
}

/// Returns a path as it was given on the command line.
pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}
