use std::error::Error;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use omnicors_core::{Policy, PolicyConfig};

use super::error::PolicyFileError;

/// How long a file may be, in bytes. A million origins take about 30 MiB.
const LONGEST: u64 = 64 << 20;

pub(super) fn read(path: &Path) -> Result<Vec<u8>, PolicyFileError> {
    bytes(path).map_err(|error| PolicyFileError::Unreadable(path.to_owned(), error))
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    // Before it is opened: that would wait for ever on a named pipe.
    if !path.metadata()?.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is not a regular file",
        ));
    }
    let mut content = Vec::new();
    // Whatever its length was: it may grow.
    File::open(path)?
        .take(LONGEST + 1)
        .read_to_end(&mut content)?;
    if content.len() as u64 > LONGEST {
        let message = format!("it is longer than {} MiB", LONGEST >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(content)
}

pub(super) fn parse(path: &Path, content: &[u8]) -> Result<Policy, PolicyFileError> {
    let malformed = |error| PolicyFileError::Malformed(path.to_owned(), error);
    let text = str::from_utf8(content).map_err(|error| malformed(error.into()))?;
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    let config: Result<PolicyConfig, Box<dyn Error + Send + Sync>> = match extension.to_str() {
        #[cfg(feature = "toml")]
        Some("toml") => toml::from_str(text).map_err(Into::into),
        #[cfg(feature = "json")]
        Some("json") => serde_json::from_str(text).map_err(Into::into),
        #[cfg(feature = "yaml")]
        Some("yaml" | "yml") => from_yaml(text).map_err(Into::into),
        _ => return Err(PolicyFileError::UnknownFormat(path.to_owned())),
    };
    config
        .map_err(malformed)?
        .build()
        .map_err(|error| PolicyFileError::Faults(path.to_owned(), error))
}

/// Parses with limits: YAML can be deep, and can repeat a part of itself over and over.
#[cfg(feature = "yaml")]
fn from_yaml(text: &str) -> Result<PolicyConfig, serde_saphyr::Error> {
    /// How many items and keys may be repeated by aliases.
    const REPEATED: usize = 100_000;
    let options = serde_saphyr::options! {
        // The length of the file bounds the number of items.
        budget: serde_saphyr::budget! {
            max_events: usize::MAX,
            max_nodes: usize::MAX,
            max_depth: 64,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: REPEATED },
        emit_comments: false,
        strict_booleans: true,
    };
    serde_saphyr::from_str_with_options(text, options)
}
