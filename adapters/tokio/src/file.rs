//! Policies from files, reloaded when they change.

mod error;
mod places;
mod policy_file;
mod read;
mod reloaded;
#[cfg(test)]
#[cfg(feature = "toml")]
mod tests;
mod watch;
mod watcher;

pub use error::PolicyFileError;
pub use policy_file::PolicyFile;
pub use reloaded::Reloaded;
