//! The files that a policy comes from.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use omnicors_core::adapter::{count_origins, take_origins_from};
use omnicors_core::{Policy, PolicyConfig, PolicyError};

use super::error::PolicyFileError;
use super::faults::{FaultyFile, PolicyFileFaults};
use super::fingerprint::{Fingerprint, FingerprintKeys};
use super::format::PolicyFileFormat;
use super::origin_list::{self, OriginLines, OriginListError};
use super::read::read;
use super::syntax_error::{NOT_UTF_8, SyntaxError};
use super::table::{TablePath, TableSeed, Tables, TablesSeed};

/// A policy file, or a table of it, and the list of origins that it names.
pub(super) struct Source {
    pub(super) path: PathBuf,
    table: TablePath,
    keys: FingerprintKeys,
}

/// The content of the files when they were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    file: Arc<Vec<u8>>,
    origins: Option<OriginsContent>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct OriginsContent {
    path: PathBuf,
    /// The fingerprint of the list, or the reason why it could not be read.
    fingerprint: Result<Fingerprint, io::ErrorKind>,
}

impl Content {
    pub(super) fn origins_path(&self) -> Option<&Path> {
        self.origins.as_ref().map(|origins| &*origins.path)
    }
}

/// The settings of a policy file.
#[derive(Debug)]
pub(super) struct FileConfig {
    pub(super) config: PolicyConfig,
    /// The path of a list of origins, as written in the file.
    pub(super) origins_from: Option<String>,
}

/// A policy file that was read, without its list of origins.
pub(super) struct SourceFile {
    content: Arc<Vec<u8>>,
    /// `None` if it is the same file as before, and was not parsed again.
    parsed: Option<Result<FileConfig, PolicyFileError>>,
    pub(super) origins_path: Option<PathBuf>,
}

impl Source {
    pub(super) fn new(path: &Path, table: TablePath) -> Result<Self, PolicyFileError> {
        // Made absolute now, because the working directory may change.
        let path = std::path::absolute(path)
            .map_err(|error| PolicyFileError::Unreadable(path.to_owned(), error))?;
        Ok(Self {
            path,
            table,
            keys: FingerprintKeys::default(),
        })
    }

    /// Reads the policy file. It is parsed if it is not the one that was seen before.
    pub(super) fn read(&self, seen: Option<&Content>) -> Result<SourceFile, PolicyFileError> {
        let content = read(&self.path)
            .map_err(|error| PolicyFileError::Unreadable(self.path.clone(), error))?;
        if let Some(seen) = seen.filter(|seen| *seen.file == content) {
            return Ok(SourceFile {
                content: Arc::clone(&seen.file),
                parsed: None,
                origins_path: seen.origins_path().map(Path::to_owned),
            });
        }
        let parsed = self.parse(&content);
        let origins_from = parsed
            .as_ref()
            .ok()
            .and_then(|config| config.origins_from.as_ref());
        Ok(SourceFile {
            origins_path: origins_from.map(|from| self.path.with_file_name(from)),
            content: Arc::new(content),
            parsed: Some(parsed),
        })
    }

    /// Reads the list of origins, if there is one, to see whether it has changed.
    pub(super) fn content(&self, file: &SourceFile) -> Content {
        let origins = file.origins_path.as_ref().map(|path| OriginsContent {
            path: path.clone(),
            fingerprint: origin_list::fingerprint(path, &self.keys).map_err(|error| error.kind()),
        });
        Content {
            file: Arc::clone(&file.content),
            origins,
        }
    }

    /// Builds the policy, and returns its content: the list of origins may have changed since it was read.
    pub(super) fn build(&self, file: SourceFile) -> Result<(Policy, Content), PolicyFileError> {
        let parsed = file.parsed.unwrap_or_else(|| self.parse(&file.content))?;
        let mut config = parsed.config;
        let own_origins = count_origins(&config);
        let mut lines = None;
        let mut origins = None;
        if let Some(path) = file.origins_path {
            let (with_list, its_lines, fingerprint) =
                origin_list::add_origins(config, &path, &self.keys).map_err(|error| {
                    let error = origins_error(&path, error);
                    self.with_own_faults(error, &file.content)
                })?;
            config = with_list;
            lines = Some((path.clone(), its_lines));
            origins = Some(OriginsContent {
                path,
                fingerprint: Ok(fingerprint),
            });
        }
        let policy = config.build().map_err(|error| {
            let faults = self.faults(error, &file.content, own_origins, lines);
            PolicyFileError::Faults(self.path.clone(), faults)
        })?;
        let file = file.content;
        Ok((policy, Content { file, origins }))
    }

    fn faults(
        &self,
        error: PolicyError,
        content: &[u8],
        own_origins: usize,
        list: Option<(PathBuf, OriginLines)>,
    ) -> PolicyFileFaults {
        let faulty = FaultyFile {
            path: &self.path,
            // Both have been checked when the file was parsed.
            format: PolicyFileFormat::of(&self.path),
            text: str::from_utf8(content).unwrap_or_default(),
            table: &self.table,
        };
        PolicyFileFaults::new(error, &faulty, own_origins, list)
    }

    /// Returns the faults of the policy file itself together with the error of its list, or only this if there are none.
    fn with_own_faults(&self, error: PolicyFileError, content: &[u8]) -> PolicyFileError {
        let Ok(FileConfig { config, .. }) = self.parse(content) else {
            return error;
        };
        let own_origins = count_origins(&config);
        // The list may allow origins.
        match config.lookup_origins(true).build() {
            Ok(_) => error,
            Err(faults) => {
                let faults = self.faults(faults, content, own_origins, None);
                PolicyFileError::Faults(self.path.clone(), faults.and_of_list(format!("{error:#}")))
            }
        }
    }

    fn parse(&self, bytes: &[u8]) -> Result<FileConfig, PolicyFileError> {
        parse(&self.path, &self.table, bytes)
    }
}

/// Reads the settings of a table of a policy file.
pub(super) fn parse(
    path: &Path,
    table: &TablePath,
    bytes: &[u8],
) -> Result<FileConfig, PolicyFileError> {
    let malformed = |error: SyntaxError| PolicyFileError::Malformed(path.to_owned(), error.into());
    let Some(format) = PolicyFileFormat::of(path) else {
        return Err(PolicyFileError::UnknownFormat(path.to_owned()));
    };
    let text = str::from_utf8(bytes).map_err(|error| {
        let (valid, _) = bytes.split_at(error.valid_up_to());
        let valid = str::from_utf8(valid).unwrap_or_default();
        malformed(SyntaxError::new(valid, Some(valid.len()), NOT_UTF_8))
    })?;
    let found = format
        .parse(text, TableSeed::new(table))
        .map_err(malformed)?;
    let found = found.map(|mut config| FileConfig {
        origins_from: take_origins_from(&mut config),
        config,
    });
    found.ok_or_else(|| {
        let mut tables = Tables::default();
        // The file has just been parsed. If this fails, fewer tables are listed.
        let _listed = format.parse(text, TablesSeed::new(&mut tables));
        PolicyFileError::NoTable {
            path: path.to_owned(),
            table: table.to_string(),
            tables: tables.to_string(),
        }
    })
}

fn origins_error(path: &Path, error: OriginListError) -> PolicyFileError {
    let path = path.to_owned();
    match error {
        OriginListError::Unreadable(error) => PolicyFileError::OriginsUnreadable(path, error),
        OriginListError::Malformed { line, message } => {
            let message = format!("line {line}: {message}");
            PolicyFileError::OriginsMalformed(path, message.into())
        }
    }
}
