//! Reads a HAR file.

use std::fs::File as OpenFile;
use std::io::{self, BufReader, Read};
use std::path::Path;

use super::model::{File, Log};
use crate::failure::Failure;
use crate::policy_source::shown;

/// Reads a file from its beginning to its end, without keeping its text.
pub(super) fn read(path: &Path) -> Result<Log, Failure> {
    let failure = |reason: &dyn std::fmt::Display| {
        Failure::because(format_args!("{}: {reason}", shown(path)))
    };
    let file = OpenFile::open(path)
        .and_then(|file| {
            if file.metadata()?.is_dir() {
                return Err(io::Error::other(
                    "it is a directory; write the name of a .har file",
                ));
            }
            Ok(file)
        })
        .map_err(|error| failure(&format_args!("the recording cannot be read: {error}")))?;
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let start = start(&mut reader)
        .map_err(|error| failure(&format_args!("the recording cannot be read: {error}")))?;
    if start.is_empty() {
        return Err(failure(
            &"the file is empty; export the recording again: in the network panel, \"Save all as HAR\" or \"Export HAR\"",
        ));
    }
    if start.starts_with(b"\xFF\xFE") || start.starts_with(b"\xFE\xFF") {
        return Err(failure(
            &"the file is UTF-16, but a HAR file is UTF-8; export the recording again, or convert the file",
        ));
    }
    if start.starts_with(b"PK") || start.starts_with(b"\x1F\x8B") {
        return Err(failure(&"the file is compressed; decompress it first"));
    }
    let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&start);
    let parsed: Result<File, _> = serde_json::from_reader(start.chain(reader));
    parsed
        .map(|file| file.log)
        .map_err(|error| failure(&explained(&error)))
}

/// Reads the first bytes, which show the encoding.
fn start(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    reader.take(4).read_to_end(&mut start)?;
    Ok(start)
}

/// Says what to do about an error of the parser.
fn explained(error: &serde_json::Error) -> String {
    if error.is_eof() {
        return format!(
            "the file ends in the middle of the JSON text: {error}; export the recording again"
        );
    }
    if error.is_data() {
        return format!(
            "this is JSON, but not a HAR file: {error}; write the name of a file that a browser exported"
        );
    }
    if error.is_io() {
        return format!("the recording cannot be read: {error}");
    }
    format!(
        "this is not JSON, so it is not a HAR file: {error}; write the name of a file that a browser exported"
    )
}
