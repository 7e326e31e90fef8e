//! Policies from files, reloaded when they change.

mod any_value;
mod byte_order_mark;
mod check;
mod checked_list;
mod error;
mod faults;
mod finding;
mod fingerprint;
mod format;
mod location;
mod origin_list;
mod places;
mod policy_file;
mod read;
mod reloaded;
mod shown;
mod source;
mod stamps;
mod syntax_error;
mod table;
#[cfg(test)]
#[cfg(feature = "toml")]
mod tests;
mod watch;
mod watcher;

pub use check::PolicyFileCheck;
pub use error::PolicyFileError;
pub use faults::{FaultInFile, PolicyFileFaults};
pub use finding::{FindingInFile, Problem};
pub use format::PolicyFileFormat;
pub use origin_list::origins_in_list;
pub use policy_file::PolicyFile;
pub use reloaded::Reloaded;
