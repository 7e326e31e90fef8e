use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

use omnicors_core::PolicyError;

/// Why a policy file makes no policy. Each tells the file's path first.
///
/// Non-exhaustive: a finer distinction may be added without a new major version.
#[non_exhaustive]
pub enum PolicyFileError {
    /// The extension is none of those that are known, or the feature of its format is not enabled.
    UnknownFormat(PathBuf),
    /// The file cannot be read: it is not there, may not be read, is no file, or is longer than 64 MiB.
    Unreadable(PathBuf, io::Error),
    /// It is no UTF-8, or no TOML, JSON or YAML, or has a setting that does not exist.
    Malformed(PathBuf, Box<dyn Error + Send + Sync>),
    /// The policy has faults: these are all of them.
    Faults(PathBuf, PolicyError),
    /// The file cannot be watched.
    Unwatchable(PathBuf, Box<dyn Error + Send + Sync>),
    /// Something panicked on the way from the file to a policy that is ready.
    Panicked(PathBuf),
}

impl fmt::Display for PolicyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownFormat(path) => write!(
                f,
                "{}: a policy file ends with .toml, .json, .yaml or .yml, and the feature toml, json or yaml of \
                 omnicors-tokio is to be enabled",
                path.display()
            ),
            Self::Unreadable(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Malformed(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Faults(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Unwatchable(path, error) => {
                write!(f, "{}: cannot be watched: {error}", path.display())
            }
            Self::Panicked(path) => {
                write!(f, "{}: a panic on the way to its policy", path.display())
            }
        }
    }
}

/// The same: it is what a `main` that returns an error prints.
impl fmt::Debug for PolicyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for PolicyFileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unreadable(_, error) => Some(error),
            Self::Malformed(_, error) | Self::Unwatchable(_, error) => Some(&**error),
            Self::Faults(_, error) => Some(error),
            Self::UnknownFormat(_) | Self::Panicked(_) => None,
        }
    }
}
