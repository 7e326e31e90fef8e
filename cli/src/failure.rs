//! The reasons why a command cannot be run.

use std::error::Error;
use std::fmt::{self, Display};
use std::io;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use omnicors_tokio::PolicyFileError;

use crate::terminal::one_line;

/// The reason why a command could not be run. `Display` says what, where, and what to write instead.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The reader of the output has closed it, as `head` does.
    OutputClosed,
    /// Anything else.
    Because(String),
}

impl Failure {
    pub(crate) fn because(reason: impl Display) -> Self {
        Self::Because(reason.to_string())
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutputClosed => f.write_str("the output was closed"),
            Self::Because(reason) => f.write_str(reason),
        }
    }
}

impl Error for Failure {}

impl From<io::Error> for Failure {
    /// Of an error of the output. Errors of files and servers need their name: use [`Failure::because`].
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::OutputClosed,
            _ => Self::because(format_args!("the output cannot be written: {error}")),
        }
    }
}

impl From<PolicyFileError> for Failure {
    fn from(error: PolicyFileError) -> Self {
        match &error {
            PolicyFileError::UnknownFormat(path) => Self::because(format_args!(
                "{}: the format of the policy file is not known: its name must end with .toml, .json, .yaml or .yml",
                on_one_line(path)
            )),
            PolicyFileError::Unreadable(path, _) if path.is_dir() => Self::because(format_args!(
                "{0}: this is a directory; give the name of a file, such as `{1}`",
                on_one_line(path),
                on_one_line(&path.join("cors.toml"))
            )),
            _ => Self::because(format_args!("{error:#}")),
        }
    }
}

/// Returns a path so that its name cannot look like a line of the output.
fn on_one_line(path: &Path) -> String {
    one_line(&path.display().to_string()).into_owned()
}

/// Returns a word in red, which is without colour in a pipe.
pub(crate) fn styled(word: &str) -> String {
    let style: Style = AnsiColor::Red.on_default().bold();
    format!("{style}{word}{style:#}")
}
