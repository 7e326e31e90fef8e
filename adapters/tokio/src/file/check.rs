//! Checks a policy file, for a linter or an editor.

use std::collections::HashSet;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use omnicors_core::adapter::{build_with_warnings, count_origins};
use omnicors_core::{Fault, Policy, PolicyConfig, PolicyError, Setting, Warning};

use super::checked_list::CheckedList;
use super::error::PolicyFileError;
use super::finding::{FindingInFile, Problem};
use super::format::PolicyFileFormat;
use super::location::{Locations, places};
use super::origin_list::{self, OriginLines, OriginListError};
use super::read::read;
use super::source::{FileConfig, parse};
use super::syntax_error::SyntaxError;
use super::table::TablePath;

/// A policy file that was read once, and all that is wrong with it: faults, warnings and syntax errors, each with its place.
///
/// This is for tools that show mistakes in the file, such as a linter or an editor. A server uses
/// [`PolicyFile::read`](crate::PolicyFile::read) or [`PolicyFile::watch`](crate::PolicyFile::watch).
///
/// ```
/// use omnicors_tokio::{PolicyFileCheck, Problem};
///
/// # let directory = tempfile::tempdir()?;
/// # std::env::set_current_dir(&directory)?;
/// # std::fs::write("cors.toml", "allow_origins = ['https://example.com']\nallow_methods = ['GET']")?;
/// // Line 2 of cors.toml: allow_methods = ['GET']
/// let check = PolicyFileCheck::read("cors.toml", None)?;
/// assert!(check.policy().is_some());
/// for finding in check.findings() {
///     if let Problem::Warning(warning) = finding.problem() {
///         let (line, column) = finding.start().unwrap_or_default();
///         println!("{}:{line}:{column}: {warning}", finding.path().display());
///     }
/// }
/// # assert_eq!(check.findings()[0].start(), Some((2, 18)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PolicyFileCheck {
    path: Arc<Path>,
    format: PolicyFileFormat,
    text: String,
    list: Option<CheckedList>,
    policy: Option<Policy>,
    findings: Vec<FindingInFile>,
}

impl PolicyFileCheck {
    /// Reads and checks a file, or a table of it such as `server.cors`.
    ///
    /// See the example of [`PolicyFileCheck`].
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read, if its format is unknown, or if it does not have the table.
    pub fn read(path: impl AsRef<Path>, table: Option<&str>) -> Result<Self, PolicyFileError> {
        Self::read_edited(path, table, |_| None)
    }

    /// Does the same as [`read`](Self::read), but with the text that a function returns for a path instead of the content of the file:
    /// of the policy file, or of the list of origins that it names. Where the function returns `None`, the file is read.
    ///
    /// An editor returns the text that is not saved yet.
    ///
    /// ```
    /// use omnicors_tokio::PolicyFileCheck;
    /// use std::path::Path;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # std::env::set_current_dir(&directory)?;
    /// # std::fs::write("origins.txt", "https://Example.com")?;
    /// // origins.txt: https://Example.com
    /// let edited = b"allow_origins_from = 'origins.txt'";
    /// let check = PolicyFileCheck::read_edited("cors.toml", None, |path| {
    ///     (path == Path::new("cors.toml")).then(|| edited.to_vec())
    /// })?;
    /// assert_eq!(check.findings()[0].path(), Path::new("origins.txt"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`read`](Self::read).
    pub fn read_edited(
        path: impl AsRef<Path>,
        table: Option<&str>,
        edited: impl Fn(&Path) -> Option<Vec<u8>>,
    ) -> Result<Self, PolicyFileError> {
        let policy_file = path.as_ref();
        Self::read_with(policy_file, table, |path| match edited(path) {
            Some(text) => Ok(text),
            None if path == policy_file => read(path),
            None => origin_list::read(path),
        })
    }

    /// Does the same as [`read`](Self::read) with a function that reads the files: the policy file, and the list of origins that it
    /// names. [`read`](Self::read) reads only regular files, up to a length.
    ///
    /// ```
    /// use omnicors_tokio::PolicyFileCheck;
    ///
    /// let check = PolicyFileCheck::read_with("cors.toml", None, |_| Ok(b"allow_origins = [".to_vec()))?;
    /// assert_eq!(check.findings()[0].start(), Some((1, 18)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`read`](Self::read).
    pub fn read_with(
        path: impl AsRef<Path>,
        table: Option<&str>,
        read: impl Fn(&Path) -> io::Result<Vec<u8>>,
    ) -> Result<Self, PolicyFileError> {
        let path = path.as_ref();
        let bytes =
            read(path).map_err(|error| PolicyFileError::Unreadable(path.to_owned(), error))?;
        let Some(format) = PolicyFileFormat::of(path) else {
            return Err(PolicyFileError::UnknownFormat(path.to_owned()));
        };
        let table = table.map_or_else(TablePath::root, TablePath::new);
        let parsed = parse(path, &table, &bytes);
        // If it is not UTF-8, the text before the error is the same.
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        let mut check = Self {
            path: path.into(),
            format,
            text,
            list: None,
            policy: None,
            findings: Vec::new(),
        };
        match parsed {
            Ok(file) => check.build(file, &table, read),
            Err(PolicyFileError::Malformed(_, error)) => check.add_syntax_error(&*error),
            Err(error) => return Err(error),
        }
        check.finish();
        Ok(check)
    }

    /// Returns the path of the policy file, as it was given.
    ///
    /// See the example of [`text_of`](Self::text_of).
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the format of the policy file.
    ///
    /// See the example of [`PolicyFileFormat`].
    pub fn format(&self) -> PolicyFileFormat {
        self.format
    }

    /// Returns the path and the text of the list of origins, if the policy file names one that could be read.
    ///
    /// ```
    /// use omnicors_tokio::PolicyFileCheck;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # std::env::set_current_dir(&directory)?;
    /// # std::fs::write("cors.toml", "allow_origins_from = 'origins.txt'")?;
    /// # std::fs::write("origins.txt", "https://example.com")?;
    /// // cors.toml: allow_origins_from = 'origins.txt'
    /// let check = PolicyFileCheck::read("cors.toml", None)?;
    /// let (path, text) = check.list().unwrap();
    /// assert_eq!(path.to_str(), Some("origins.txt"));
    /// assert_eq!(text, "https://example.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn list(&self) -> Option<(&Path, &str)> {
        self.list.as_ref().map(|list| (&*list.path, &*list.text))
    }

    /// Returns the text of the policy file. What is not UTF-8 is replaced.
    ///
    /// See the example of [`text_of`](Self::text_of).
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the text of the file in which a finding is: the policy file or the list of origins.
    ///
    /// ```
    /// use omnicors_tokio::PolicyFileCheck;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # std::env::set_current_dir(&directory)?;
    /// # std::fs::write("cors.toml", "allow_origins = 'https://Example.com'")?;
    /// // cors.toml: allow_origins = 'https://Example.com'
    /// let check = PolicyFileCheck::read("cors.toml", None)?;
    /// let finding = &check.findings()[0];
    /// assert_eq!(finding.path(), check.path());
    /// assert_eq!(check.text_of(finding), check.text());
    /// assert_eq!(&check.text()[finding.range().unwrap()], "https://Example.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn text_of(&self, finding: &FindingInFile) -> &str {
        match &self.list {
            Some(list) if finding.is_in_list => &list.text,
            _ => &self.text,
        }
    }

    /// Returns the policy, or `None` if there is a fault.
    ///
    /// See the example of [`PolicyFileCheck`].
    pub fn policy(&self) -> Option<&Policy> {
        self.policy.as_ref()
    }

    /// Returns all that is wrong: first in the policy file, then in the list of origins, each in the order of the file. If there are
    /// faults, only warnings that do not depend on them are returned.
    ///
    /// See the example of [`PolicyFileCheck`].
    pub fn findings(&self) -> &[FindingInFile] {
        &self.findings
    }

    fn build(
        &mut self,
        file: FileConfig,
        table: &TablePath,
        read: impl Fn(&Path) -> io::Result<Vec<u8>>,
    ) {
        let FileConfig {
            mut config,
            origins_from,
        } = file;
        let own_origins = count_origins(&config);
        let mut lines = None;
        let mut list_problem = None;
        if let Some(from) = origins_from {
            let path = self.path.with_file_name(from);
            match self.add_list(config.clone(), &path, read) {
                Ok((with_list, its_lines)) => {
                    config = with_list;
                    lines = Some(its_lines);
                }
                Err(problem) => {
                    list_problem = Some(problem);
                    // The list may allow origins.
                    config = config.lookup_origins(true);
                }
            }
        }
        let result = build_with_warnings(config);
        let has_findings = list_problem.is_some()
            || result
                .as_ref()
                .map_or(true, |policy| !policy.warnings().is_empty());
        if has_findings {
            let locations = Locations::find(self.format, &self.text, table);
            match &result {
                Ok(policy) if list_problem.is_none() => {
                    self.add_warnings(policy.warnings(), &locations);
                }
                Ok(_) => {}
                Err((error, warnings)) => {
                    self.add_faults(error, &locations, own_origins, lines.as_ref());
                    self.add_warnings(warnings.clone(), &locations);
                }
            }
            if let Some(Some(text)) = list_problem.as_ref() {
                let range = locations.value(Setting::AllowOriginsFrom);
                self.add(Problem::OriginsUnreadable(text.clone()), range, false);
            }
        }
        self.policy = result.ok().filter(|_| list_problem.is_none());
    }

    /// Adds the list of origins. Returns why it cannot be read, or `None` if it is malformed, which is then added.
    fn add_list(
        &mut self,
        config: PolicyConfig,
        path: &Path,
        read: impl Fn(&Path) -> io::Result<Vec<u8>>,
    ) -> Result<(PolicyConfig, OriginLines), Option<String>> {
        let unreadable = |error: io::Error| {
            let path = super::shown::shown_path(path);
            Some(format!(
                "the list of origins `{path}` cannot be read: {error}"
            ))
        };
        let bytes = read(path).map_err(unreadable)?;
        let result = origin_list::add_origins_of_text(config, &bytes);
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        let list = self.list.insert(CheckedList {
            path: path.into(),
            text,
        });
        match result {
            Ok(added) => Ok(added),
            Err(OriginListError::Unreadable(error)) => Err(unreadable(error)),
            Err(OriginListError::Malformed { line, message }) => {
                let range = list.line(line);
                self.add(Problem::Malformed(message), range, true);
                Err(None)
            }
        }
    }

    fn add_syntax_error(&mut self, error: &(dyn std::error::Error + 'static)) {
        let (message, offset) = match error.downcast_ref::<SyntaxError>() {
            Some(error) => (error.message().to_owned(), error.offset()),
            None => (error.to_string(), None),
        };
        // A character, or nothing at the end of the line.
        let range = offset.map(|start| {
            let rest = self.text.get(start..).unwrap_or_default();
            let next = rest
                .chars()
                .next()
                .filter(|next| !matches!(next, '\n' | '\r'));
            start..start + next.map_or(0, char::len_utf8)
        });
        self.add(Problem::Malformed(message), range, false);
    }

    fn add_faults(
        &mut self,
        error: &PolicyError,
        locations: &Locations,
        own_origins: usize,
        lines: Option<&OriginLines>,
    ) {
        let line = |fault: &Fault| {
            let index = fault.index()?.checked_sub(own_origins)?;
            let is_origin = fault.setting() == Some(Setting::AllowOrigins);
            lines.filter(|_| is_origin)?.line(index)
        };
        let wanted: HashSet<_> = error.faults().iter().filter_map(line).collect();
        let key = |line, _: &str| wanted.contains(&line).then_some(line);
        let in_list = self.list.as_ref().map(|list| list.find(key));
        for fault in error.faults() {
            let line = line(fault);
            let range = match line {
                Some(line) => in_list.as_ref().and_then(|found| found.get(&line).cloned()),
                None => locations.of_fault(&self.text, fault),
            };
            self.add(Problem::Fault(fault.clone()), range, line.is_some());
        }
    }

    fn add_warnings(&mut self, warnings: Vec<Warning>, locations: &Locations) {
        let item = |warning: &Warning| {
            let item = warning.item()?.to_owned();
            (warning.setting() == Setting::AllowOrigins).then_some(item)
        };
        let wanted: HashSet<_> = warnings.iter().filter_map(item).collect();
        let key = |_, origin: &str| wanted.get(origin).cloned();
        let in_list = self.list.as_ref().map(|list| list.find(key));
        let in_file = locations.of_warnings(&self.text, &warnings);
        for (warning, (range, is_item)) in warnings.into_iter().zip(in_file) {
            let from_list = item(&warning)
                .filter(|_| !is_item)
                .and_then(|item| in_list.as_ref()?.get(&item).cloned());
            let is_in_list = from_list.is_some();
            self.add(Problem::Warning(warning), from_list.or(range), is_in_list);
        }
    }

    fn add(&mut self, problem: Problem, range: Option<Range<usize>>, is_in_list: bool) {
        let path = match &self.list {
            Some(list) if is_in_list => &list.path,
            _ => &self.path,
        };
        self.findings.push(FindingInFile {
            problem,
            path: Arc::clone(path),
            is_in_list,
            range,
            places: None,
        });
    }

    /// Sorts the findings, and finds their lines and columns.
    fn finish(&mut self) {
        let key = |finding: &FindingInFile| {
            let start = finding.range.as_ref().map(|range| range.start);
            (finding.is_in_list, start.is_none(), start)
        };
        self.findings.sort_by_key(key);
        let in_list = self.findings.partition_point(|finding| !finding.is_in_list);
        let (own, of_list) = self.findings.split_at_mut(in_list);
        find_places(&self.text, own);
        find_places(self.list.as_ref().map_or("", |list| &list.text), of_list);
    }
}

fn find_places(text: &str, findings: &mut [FindingInFile]) {
    let ranges = || findings.iter().map(|finding| finding.range.as_ref());
    let starts = ranges().map(|range| range.map(|range| range.start));
    let ends = ranges().map(|range| range.map(|range| range.end));
    let starts = places(text, &starts.collect::<Vec<_>>());
    let ends = places(text, &ends.collect::<Vec<_>>());
    for ((finding, start), end) in findings.iter_mut().zip(starts).zip(ends) {
        finding.places = start.zip(end);
    }
}
