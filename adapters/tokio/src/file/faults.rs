use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};

use omnicors_core::{Fault, FaultCause, PolicyError, Setting};

use super::format::PolicyFileFormat;
use super::location::{Locations, Place, places};
use super::origin_list::OriginLines;
use super::shown::{shown, shown_path};
use super::table::TablePath;

/// The faults of a policy from a file, with their places.
///
/// `Display` writes one fault per line, at most 20 lines and about 2 KB, and then the number of the others.
///
/// ```
/// use omnicors_tokio::{PolicyFile, PolicyFileError};
///
/// # let directory = tempfile::tempdir()?;
/// # std::env::set_current_dir(&directory)?;
/// # std::fs::write("cors.toml", "allow_origins = ['https://example.com']\nallow_methods = ['patch']")?;
/// // Line 2 of cors.toml: allow_methods = ['patch']
/// if let Err(PolicyFileError::Faults(_, faults)) = PolicyFile::read("cors.toml") {
///     assert!(faults.to_string().contains("cors.toml:2:18: allow_methods[0]: `patch` is invalid"));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PolicyFileFaults(Box<Found>);

/// The faults that were found.
#[derive(Debug)]
struct Found {
    error: PolicyError,
    path: PathBuf,
    /// The place of each fault in the policy file, or `None` if it is in the list of origins or nowhere.
    places: Vec<Option<Place>>,
    /// The number of origins in the policy file. Those of the list come after them.
    own_origins: usize,
    list: Option<(PathBuf, OriginLines)>,
    /// The message if the list cannot be read.
    list_error: Option<String>,
}

/// The file that has the faults.
pub(super) struct FaultyFile<'a> {
    pub(super) path: &'a Path,
    pub(super) format: Option<PolicyFileFormat>,
    pub(super) text: &'a str,
    pub(super) table: &'a TablePath,
}

impl PolicyFileFaults {
    pub(super) fn new(
        error: PolicyError,
        file: &FaultyFile<'_>,
        own_origins: usize,
        list: Option<(PathBuf, OriginLines)>,
    ) -> Self {
        let locations = file
            .format
            .map(|format| Locations::find(format, file.text, file.table))
            .unwrap_or_default();
        let faults = error.faults().iter();
        let offsets: Vec<_> = faults.map(|fault| locations.offset(fault)).collect();
        Self(Box::new(Found {
            places: places(file.text, &offsets),
            path: file.path.to_owned(),
            error,
            own_origins,
            list,
            list_error: None,
        }))
    }

    /// Adds the error of the list of origins.
    pub(super) fn and_of_list(mut self, error: String) -> Self {
        self.0.list_error = Some(error);
        self
    }

    /// Returns the error without places. The index of an origin counts those of the policy file, and then those of the list.
    ///
    /// ```
    /// use omnicors_tokio::{PolicyFile, PolicyFileError};
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # std::env::set_current_dir(&directory)?;
    /// # std::fs::write("cors.toml", "allow_origins = ['https://example.com']\nallow_methods = ['patch']")?;
    /// if let Err(PolicyFileError::Faults(_, faults)) = PolicyFile::read("cors.toml") {
    ///     assert_eq!(faults.error().faults().len(), 1);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn error(&self) -> &PolicyError {
        &self.0.error
    }

    /// Returns each fault with its place: first the unknown settings, and then the others, each in the order of the file.
    ///
    /// ```
    /// use omnicors_tokio::{PolicyFile, PolicyFileError};
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # std::env::set_current_dir(&directory)?;
    /// # std::fs::write("cors.toml", "allow_origins = ['https://example.com']\nallow_methods = ['patch']")?;
    /// if let Err(PolicyFileError::Faults(_, faults)) = PolicyFile::read("cors.toml") {
    ///     for found in faults.iter() {
    ///         println!("{}, line {:?}, column {:?}: {}", found.path().display(), found.line(), found.column(), found.fault());
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = FaultInFile<'_>> {
        let faults = self.0.error.faults().iter().zip(&self.0.places);
        let mut sorted: Vec<_> = faults
            .map(|(fault, place)| self.in_file(fault, *place))
            .collect();
        sorted.sort_by_key(|found| {
            let is_unknown = *found.fault.cause() == FaultCause::UnknownSetting;
            let is_in_list = found.path != self.0.path;
            (
                !is_unknown,
                is_in_list,
                found.line.is_none(),
                found.line,
                found.column,
            )
        });
        sorted.into_iter()
    }

    fn in_file<'a>(&'a self, fault: &'a Fault, place: Option<Place>) -> FaultInFile<'a> {
        let (path, line, column) = match self.place_in_list(fault) {
            Some((path, line)) => (path, Some(line), None),
            None => (
                &*self.0.path,
                place.map(|place| place.line),
                place.map(|place| place.column),
            ),
        };
        FaultInFile {
            fault,
            path,
            line,
            column,
            directory: self.0.path.parent(),
        }
    }

    fn place_in_list(&self, fault: &Fault) -> Option<(&Path, usize)> {
        let (path, lines) = self.0.list.as_ref()?;
        if fault.setting() != Some(Setting::AllowOrigins) {
            return None;
        }
        let index = fault.index()?.checked_sub(self.0.own_origins)?;
        Some((path, lines.line(index)?))
    }
}

impl fmt::Display for PolicyFileFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LINES: usize = 20;
        const LENGTH: usize = 2400;
        let mut text = match self.0.error.faults() {
            [_] => "the CORS policy has a fault:".to_owned(),
            faults => format!("the CORS policy has {} faults:", faults.len()),
        };
        let mut written = 0;
        for fault in self.iter().take(LINES) {
            let line = fault.to_string();
            if written > 0 && text.len() + line.len() > LENGTH {
                break;
            }
            write!(text, "\n  {line}")?;
            written += 1;
        }
        f.write_str(&text)?;
        match self.0.error.faults().len() - written {
            0 => {}
            more => write!(f, "\n  … and {more} more")?,
        }
        match &self.0.list_error {
            None => Ok(()),
            Some(error) => write!(f, "\n  {error}"),
        }
    }
}

/// A fault of a policy from a file, and its place.
///
/// `Display` writes one line: `cors.toml:7:20: allow_methods[0]: …`. The path is relative to the directory of the policy file.
///
/// ```
/// use omnicors_tokio::{PolicyFile, PolicyFileError};
///
/// # let directory = tempfile::tempdir()?;
/// # std::env::set_current_dir(&directory)?;
/// # std::fs::write("cors.toml", "allow_origins = ['https://example.com']\nallow_methods = ['patch']")?;
/// // Line 2 of cors.toml: allow_methods = ['patch']
/// if let Err(PolicyFileError::Faults(_, faults)) = PolicyFile::read("cors.toml") {
///     let found = faults.iter().next().unwrap();
///     assert!(found.path().ends_with("cors.toml"));
///     assert_eq!(found.line(), Some(2));
///     assert_eq!(found.column(), Some(18));
///     assert_eq!(found.fault().suggestion(), Some("PATCH"));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// See [`fault`](Self::fault), [`path`](Self::path), [`line`](Self::line) and [`column`](Self::column).
#[derive(Clone, Copy, Debug)]
pub struct FaultInFile<'a> {
    fault: &'a Fault,
    path: &'a Path,
    line: Option<usize>,
    column: Option<usize>,
    directory: Option<&'a Path>,
}

impl<'a> FaultInFile<'a> {
    /// Returns the fault.
    ///
    /// See the example of [`PolicyFileFaults::iter`].
    pub fn fault(&self) -> &'a Fault {
        self.fault
    }

    /// Returns the path of the file: the policy file, or the list of origins that it names.
    ///
    /// See the example of [`PolicyFileFaults::iter`].
    pub fn path(&self) -> &'a Path {
        self.path
    }

    /// Returns the line, counted from 1. A setting that is missing has no line.
    ///
    /// See the example of [`PolicyFileFaults::iter`].
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// Returns the column in characters, counted from 1, if it is known.
    ///
    /// See the example of [`PolicyFileFaults::iter`].
    pub fn column(&self) -> Option<usize> {
        self.column
    }
}

impl fmt::Display for FaultInFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let relative = self
            .directory
            .and_then(|directory| self.path.strip_prefix(directory).ok());
        f.write_str(&shown_path(relative.unwrap_or(self.path)))?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(column) = self.column {
            write!(f, ":{column}")?;
        }
        let text = self.fault.to_string();
        let is_in_list = self.line.is_some() && self.column.is_none();
        // In a list, the line number is more useful than the index.
        let text = match text.split_once("]: ") {
            Some((_, text)) if is_in_list => text,
            _ => &text,
        };
        write!(f, ": {}", shown(text))
    }
}
