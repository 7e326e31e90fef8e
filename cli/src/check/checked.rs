//! A policy file that was checked.

use std::io::{self, Read as _};
use std::path::Path;

use omnicors_tokio::{PolicyFileCheck, PolicyFileError};

use super::edit::Edit;
use super::finding::{Finding, Level};
use crate::failure::Failure;

/// The longest standard input, in bytes: that of a policy file.
const LONGEST: u64 = 64 << 20;

/// What became of a file.
#[derive(Debug)]
pub(super) enum Outcome {
    Checked(Box<Checked>),
    /// The file cannot be read, or cannot be written.
    NotRun {
        path: String,
        error: String,
    },
}

impl Outcome {
    pub(super) fn checked(&self) -> Option<&Checked> {
        match self {
            Self::Checked(checked) => Some(checked),
            Self::NotRun { .. } => None,
        }
    }
}

/// A file that was checked, and fixed if that was asked for.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) check: PolicyFileCheck,
    /// The changes that were written.
    pub(super) changes: Vec<Change>,
    /// Why suggestions were not written that are unambiguous.
    pub(super) note: Option<String>,
}

/// A change that was written.
#[derive(Debug, serde::Serialize)]
pub(super) struct Change {
    pub(super) path: String,
    /// The line in the file as it was when the change was made, counted from 1.
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) old: String,
    /// Empty if it was removed.
    pub(super) new: String,
}

impl Checked {
    pub(super) fn new(check: PolicyFileCheck) -> Self {
        Self {
            check,
            changes: Vec::new(),
            note: None,
        }
    }

    pub(super) fn read(path: &Path, table: Option<&str>) -> Result<Outcome, Failure> {
        let check = PolicyFileCheck::read(path, table)?;
        Ok(Outcome::Checked(Box::new(Self::new(check))))
    }

    pub(super) fn of_stdin(
        name: &Path,
        table: Option<&str>,
        is_fixed: bool,
    ) -> Result<Outcome, Failure> {
        if is_fixed {
            return Err(Failure::because(
                "--fix cannot change the standard input: give the name of a file",
            ));
        }
        let mut bytes = Vec::new();
        let mut input = io::stdin().lock().take(LONGEST + 1);
        input.read_to_end(&mut bytes).map_err(|error| {
            Failure::because(format_args!("the standard input cannot be read: {error}"))
        })?;
        if bytes.len() as u64 > LONGEST {
            return Err(Failure::because(format_args!(
                "the standard input is longer than {} MiB",
                LONGEST >> 20
            )));
        }
        let check = PolicyFileCheck::read_edited(name, table, |path| {
            (path == name).then(|| bytes.clone())
        })
        .map_err(|error| match error {
            PolicyFileError::UnknownFormat(_) => Failure::because(format_args!(
                "the name of the standard input must end with .toml, .json, .yaml or .yml: write `--stdin-name cors.toml`"
            )),
            error => error.into(),
        })?;
        Ok(Outcome::Checked(Box::new(Self::new(check))))
    }

    pub(super) fn findings(&self) -> impl Iterator<Item = Finding<'_>> {
        self.check
            .findings()
            .iter()
            .map(|finding| Finding::new(&self.check, finding))
    }

    /// Returns the edit of each finding. If the edits of two findings overlap, only the first of them in the file is returned, so that
    /// all can be made together.
    pub(super) fn edits(&self) -> Vec<Option<Edit>> {
        let mut edits: Vec<_> = self.findings().map(|finding| finding.edit()).collect();
        let findings = self.check.findings().iter();
        let mut order: Vec<_> = findings
            .zip(&edits)
            .enumerate()
            .filter_map(|(index, (finding, edit))| {
                let range = edit.as_ref()?.range.clone();
                Some((finding.is_in_list(), range.start, range.end, index))
            })
            .collect();
        order.sort_unstable();
        // For example, an anchor of YAML has the faults of all its aliases, and the last items of a list share a comma.
        let mut reached = (false, 0);
        for (is_in_list, start, end, index) in order {
            if (is_in_list, start) >= reached {
                reached = (is_in_list, end);
            } else if let Some(edit) = edits.get_mut(index) {
                *edit = None;
            }
        }
        edits
    }

    pub(super) fn count_faults(&self) -> usize {
        self.count(Level::Error)
    }

    pub(super) fn count_warnings(&self) -> usize {
        self.count(Level::Warning)
    }

    fn count(&self, level: Level) -> usize {
        let findings = self.check.findings().iter();
        findings
            .filter(|finding| Level::of(finding.problem()) == level)
            .count()
    }
}
