//! A finding in a policy file, and its place.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use omnicors_core::{Fault, Warning};

use super::location::Place;

/// A mistake in a policy file or in its list of origins, and its place.
///
/// ```
/// use omnicors_tokio::{PolicyFileCheck, Problem};
///
/// # let directory = tempfile::tempdir()?;
/// # std::env::set_current_dir(&directory)?;
/// # std::fs::write("cors.toml", "allow_origins = ['https://example.com']\nallow_methods = ['patch']")?;
/// // Line 2 of cors.toml: allow_methods = ['patch']
/// let check = PolicyFileCheck::read("cors.toml", None)?;
/// let finding = &check.findings()[0];
/// assert_eq!(finding.path().to_str(), Some("cors.toml"));
/// assert_eq!(finding.start(), Some((2, 18)));
/// assert_eq!(finding.end(), Some((2, 25)));
/// assert_eq!(&check.text_of(finding)[finding.range().unwrap()], "'patch'");
/// let Problem::Fault(fault) = finding.problem() else { panic!() };
/// assert_eq!(fault.suggestion(), Some("PATCH"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// See [`problem`](Self::problem), [`path`](Self::path), [`range`](Self::range), [`start`](Self::start) and [`end`](Self::end).
#[derive(Clone, Debug)]
pub struct FindingInFile {
    pub(super) problem: Problem,
    pub(super) path: Arc<Path>,
    pub(super) is_in_list: bool,
    pub(super) range: Option<Range<usize>>,
    pub(super) places: Option<(Place, Place)>,
}

/// What is wrong: see [`FindingInFile`].
///
/// Non-exhaustive: a later version may find more.
///
/// ```
/// use omnicors_tokio::{PolicyFileCheck, Problem};
///
/// # let directory = tempfile::tempdir()?;
/// # std::env::set_current_dir(&directory)?;
/// # std::fs::write("cors.toml", "allow_origins = ['https://example.com']\nallow_methods = ['GET']")?;
/// // Line 2 of cors.toml: allow_methods = ['GET']
/// for finding in PolicyFileCheck::read("cors.toml", None)?.findings() {
///     match finding.problem() {
///         Problem::Fault(fault) => println!("error: {fault}"),
///         Problem::Warning(warning) => println!("warning: {warning}"),
///         Problem::Malformed(message) | Problem::OriginsUnreadable(message) => println!("error: {message}"),
///         _ => {}
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Problem {
    /// The file is not UTF-8, or is not valid TOML, JSON or YAML, or a line of the list of origins is too long. The text is the message
    /// of the parser.
    Malformed(String),
    /// The list of origins that the policy file names cannot be read, for this reason.
    OriginsUnreadable(String),
    /// The policy has a fault.
    Fault(Fault),
    /// A setting is valid, but is probably not intended.
    Warning(Warning),
}

impl FindingInFile {
    /// Returns what is wrong.
    ///
    /// See the example of [`Problem`].
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Returns the path of the file: the policy file, or the list of origins that it names.
    ///
    /// See the example of [`FindingInFile`].
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns true if the finding is in the list of origins.
    ///
    /// ```
    /// use omnicors_tokio::PolicyFileCheck;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # std::env::set_current_dir(&directory)?;
    /// # std::fs::write("cors.toml", "allow_origins_from = 'origins.txt'")?;
    /// # std::fs::write("origins.txt", "https://Example.com")?;
    /// // origins.txt: https://Example.com
    /// let check = PolicyFileCheck::read("cors.toml", None)?;
    /// assert!(check.findings()[0].is_in_list());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_in_list(&self) -> bool {
        self.is_in_list
    }

    /// Returns the range in the [text of the file](crate::PolicyFileCheck::text_of), in bytes: a name, a value or a list item. A setting
    /// that is missing has no range.
    ///
    /// See the example of [`FindingInFile`].
    pub fn range(&self) -> Option<Range<usize>> {
        self.range.clone()
    }

    /// Returns the line and the column of the start of the range, both counted from 1. Columns are characters.
    ///
    /// See the example of [`FindingInFile`].
    pub fn start(&self) -> Option<(usize, usize)> {
        self.places.map(|(start, _)| (start.line, start.column))
    }

    /// Returns the line and the column after the end of the range.
    ///
    /// See the example of [`FindingInFile`].
    pub fn end(&self) -> Option<(usize, usize)> {
        self.places.map(|(_, end)| (end.line, end.column))
    }
}
