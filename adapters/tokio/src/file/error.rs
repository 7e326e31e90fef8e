use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

use omnicors_core::PolicyError;

use crate::sources;

/// Why a policy file does not give a policy.
///
/// `{error}` prints the path of the file and what is wrong with it: all faults, or the message of the parser. If the operating
/// system is the cause, its error is the [`source`](Error::source): `{error:#}` prints that as well. So does `{error:?}`, which is
/// what a `main` that returns the error prints.
///
/// Non-exhaustive: a finer distinction may be added without a new major version.
#[non_exhaustive]
pub enum PolicyFileError {
    /// The extension of the file is unknown, or the feature of its format is not enabled.
    UnknownFormat(PathBuf),
    /// The file cannot be read: it does not exist, is not a regular file, is longer than 64 MiB, or permission is denied.
    Unreadable(PathBuf, io::Error),
    /// The file is not UTF-8, is not valid TOML, JSON or YAML, or has an unknown setting.
    Malformed(PathBuf, Box<dyn Error + Send + Sync>),
    /// The policy has faults. The error has all of them.
    Faults(PathBuf, PolicyError),
    /// The file cannot be watched.
    Unwatchable(PathBuf, Box<dyn Error + Send + Sync>),
    /// The file is no longer followed, because every handle to its policy was dropped.
    NotFollowed(PathBuf),
    /// Code that reads the file or prepares its policy panicked.
    Panicked(PathBuf),
}

impl fmt::Display for PolicyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownFormat(path) => write!(
                f,
                "{}: the name of a policy file must end with .toml, .json, .yaml or .yml, and the feature toml, json or yaml \
                 of omnicors-tokio must be enabled",
                path.display()
            ),
            Self::Unreadable(path, _) => {
                write!(f, "{}: the policy file cannot be read", path.display())
            }
            Self::Malformed(path, error) => write!(
                f,
                "{}: the policy file is malformed: {error}",
                path.display()
            ),
            Self::Faults(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Unwatchable(path, _) => {
                write!(f, "{}: the policy file cannot be watched", path.display())
            }
            Self::NotFollowed(path) => write!(
                f,
                "{}: the policy file is no longer followed, because every handle to its policy was dropped",
                path.display()
            ),
            Self::Panicked(path) => write!(
                f,
                "{}: a panic occurred while the policy file was loaded",
                path.display()
            ),
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
            Self::Unreadable(_, error) => Some(error),
            Self::Unwatchable(_, error) => Some(&**error),
            // `Display` prints the error of the first two.
            Self::Malformed(..)
            | Self::Faults(..)
            | Self::UnknownFormat(_)
            | Self::NotFollowed(_)
            | Self::Panicked(_) => None,
        }
    }
}
