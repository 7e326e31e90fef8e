use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

use super::faults::PolicyFileFaults;
use super::shown::{shown, shown_path};
use crate::sources;

/// The reason why no policy can be built from a policy file, or why the file cannot be followed.
///
/// `{error}` prints the path of the file and all faults or the message of the parser. If the operating system is the cause, its
/// error is the [`source`](Error::source), and `{error:#}` prints it as well. So does `{error:?}`, which a `main` that returns the
/// error prints.
///
/// The text always fits a screen: at most 25 lines, and about 3 KB. Invisible characters are escaped.
///
/// Non-exhaustive: a later version may distinguish more reasons.
///
/// ```
/// use omnicors_tokio::{PolicyFile, PolicyFileError};
///
/// match PolicyFile::read("missing.toml") {
///     Err(error @ PolicyFileError::Unreadable(..)) => println!("create the file first: {error:#}"),
///     other => panic!("{other:?}"),
/// }
/// ```
#[non_exhaustive]
pub enum PolicyFileError {
    /// The extension of the file is unknown, or the feature of its format is not enabled.
    UnknownFormat(PathBuf),
    /// The file cannot be read: it does not exist, is not a regular file, is longer than 64 MiB, or permission is denied.
    Unreadable(PathBuf, io::Error),
    /// The file is not UTF-8, or is not valid TOML, JSON or YAML. The text has the line.
    Malformed(PathBuf, Box<dyn Error + Send + Sync>),
    /// The file has no such table.
    NoTable {
        /// The path of the file.
        path: PathBuf,
        /// The name of the table that is missing.
        table: String,
        /// The tables that the file has, as text: at most 20 names.
        tables: String,
    },
    /// The policy has faults, such as an unknown setting. The error contains all of them, each with its line.
    Faults(PathBuf, PolicyFileFaults),
    /// The list of origins, which the policy file names, cannot be read: it does not exist, is not a regular file, is longer than
    /// 1 GiB, or permission is denied.
    OriginsUnreadable(PathBuf, io::Error),
    /// The list of origins is not UTF-8, or has a line of more than 4,096 bytes.
    OriginsMalformed(PathBuf, Box<dyn Error + Send + Sync>),
    /// The file cannot be watched.
    Unwatchable(PathBuf, Box<dyn Error + Send + Sync>),
    /// The file is no longer followed, because every handle to its policy was dropped.
    NotFollowed(PathBuf),
    /// Code that reads the file or prepares its policy panicked.
    Panicked(PathBuf),
}

impl fmt::Display for PolicyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = match self {
            Self::UnknownFormat(path)
            | Self::Unreadable(path, _)
            | Self::Malformed(path, _)
            | Self::NoTable { path, .. }
            | Self::Faults(path, _)
            | Self::OriginsUnreadable(path, _)
            | Self::OriginsMalformed(path, _)
            | Self::Unwatchable(path, _)
            | Self::NotFollowed(path)
            | Self::Panicked(path) => path,
        };
        write!(f, "{}: ", shown_path(path))?;
        match self {
            Self::UnknownFormat(_) => f.write_str(
                "the format of the policy file is not known: its name must end with .toml, .json, .yaml or .yml, and the feature \
                 `toml`, `json` or `yaml` must be enabled",
            ),
            Self::Unreadable(..) => f.write_str("the policy file cannot be read"),
            Self::Malformed(_, error) => write!(f, "the policy file is malformed: {error}"),
            Self::NoTable { table, tables, .. } => {
                write!(f, "the table `{}` does not exist; {tables}", shown(table))
            }
            Self::Faults(_, faults) => faults.fmt(f),
            Self::OriginsUnreadable(..) => f.write_str("the list of origins cannot be read"),
            Self::OriginsMalformed(_, error) => {
                write!(f, "the list of origins is malformed: {error}")
            }
            Self::Unwatchable(..) => f.write_str("the policy file cannot be watched"),
            Self::NotFollowed(_) => f.write_str(
                "the policy file is no longer followed, because every handle to its policy was dropped",
            ),
            Self::Panicked(_) => f.write_str("a panic occurred while the policy file was loaded"),
        }?;
        if f.alternate() {
            sources::write(f, self)?;
        }
        Ok(())
    }
}

/// Prints the same as `{:#}`.
impl fmt::Debug for PolicyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:#}")
    }
}

impl Error for PolicyFileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unreadable(_, error) | Self::OriginsUnreadable(_, error) => Some(error),
            Self::Unwatchable(_, error) => Some(&**error),
            // `Display` prints the errors of the first three.
            Self::Malformed(..)
            | Self::Faults(..)
            | Self::OriginsMalformed(..)
            | Self::NoTable { .. }
            | Self::UnknownFormat(_)
            | Self::NotFollowed(_)
            | Self::Panicked(_) => None,
        }
    }
}
