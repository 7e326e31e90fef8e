//! Lists of origins in files of their own.

use std::io::{self, BufRead as _, Read as _};
use std::path::Path;

use omnicors_core::PolicyConfig;

use super::byte_order_mark::without_mark;
use super::fingerprint::{Fingerprint, FingerprintKeys, HashedReader};
use super::read::open;
use super::shown::shown;
use super::syntax_error::NOT_UTF_8;

/// The maximum length of a list, in bytes: about 35 million origins. Building their policy takes a minute and 4 GiB of memory,
/// because the origins are in memory twice. For more origins, use a lookup.
const LONGEST: u64 = 1 << 30;

/// The maximum length of a line, in bytes. An origin has at most 512.
const LONGEST_LINE: u64 = 4096;

/// The line of each origin in a list.
#[derive(Debug)]
pub(super) struct OriginLines {
    /// For each origin whose line does not follow that of the origin before: its index, and its line. The first line is 1.
    jumps: Vec<(usize, usize)>,
}

impl OriginLines {
    /// Returns the line of the origin at an index.
    pub(super) fn line(&self, index: usize) -> Option<usize> {
        let after = self.jumps.partition_point(|&(first, _)| first <= index);
        let &(first, line) = self.jumps.get(after.checked_sub(1)?)?;
        Some(line + (index - first))
    }
}

/// The reason why a list cannot be used.
#[derive(Debug)]
pub(super) enum OriginListError {
    Unreadable(io::Error),
    Malformed { line: usize, message: String },
}

impl From<io::Error> for OriginListError {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

fn start(path: &Path, keys: &FingerprintKeys) -> io::Result<HashedReader<impl io::Read>> {
    Ok(HashedReader::new(open(path, LONGEST)?, keys))
}

/// Returns the fingerprint of a list. Does not keep its content in memory.
pub(super) fn fingerprint(path: &Path, keys: &FingerprintKeys) -> io::Result<Fingerprint> {
    start(path, keys)?.finish()
}

/// Reads the content of a list.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    open(path, LONGEST)?.read_to_end(&mut content)?;
    Ok(content)
}

/// Adds the origins of a list to a config. Reads line by line.
pub(super) fn add_origins(
    config: PolicyConfig,
    path: &Path,
    keys: &FingerprintKeys,
) -> Result<(PolicyConfig, OriginLines, Fingerprint), OriginListError> {
    add_origins_of(config, start(path, keys)?)
}

/// Adds the origins of a list that was read before.
pub(super) fn add_origins_of_text(
    config: PolicyConfig,
    content: &[u8],
) -> Result<(PolicyConfig, OriginLines), OriginListError> {
    let reader = HashedReader::new(content, &FingerprintKeys::default());
    let (config, lines, _) = add_origins_of(config, reader)?;
    Ok((config, lines))
}

fn add_origins_of<R: io::Read>(
    config: PolicyConfig,
    reader: HashedReader<R>,
) -> Result<(PolicyConfig, OriginLines, Fingerprint), OriginListError> {
    let mut origins = Origins {
        reader,
        bytes: Vec::new(),
        line: 0,
        count: 0,
        lines: OriginLines { jumps: Vec::new() },
        last: None,
        error: None,
    };
    let config = config.allow_origins(&mut origins);
    match origins.error {
        Some(error) => Err(error),
        None => Ok((config, origins.lines, origins.reader.finish()?)),
    }
}

/// Returns the origins in the text of a list, as the setting `allow_origins_from` reads it: one a line, without comments, empty lines and
/// a byte order mark. Does not check that they are valid.
///
/// ```
/// let list = "# Tenants\nhttps://a.example\n\nhttps://b.example # since May\n";
/// let origins: Vec<_> = omnicors_tokio::origins_in_list(list).collect();
/// assert_eq!(origins, ["https://a.example", "https://b.example"]);
/// ```
pub fn origins_in_list(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().zip(1..);
    lines.filter_map(|(line, number)| Some(origin_of(line, number)?.1))
}

/// Returns the origin in a line of a list, and its offset in the line.
pub(super) fn origin_of(text: &str, line: usize) -> Option<(usize, &str)> {
    let after_mark = match line {
        1 => without_mark(text),
        _ => text,
    };
    // An origin does not contain `#`.
    let before_comment = after_mark.split('#').next().unwrap_or_default();
    let origin = before_comment.trim_start();
    let offset = text.len() - after_mark.len() + before_comment.len() - origin.len();
    Some((offset, origin.trim_end())).filter(|(_, origin)| !origin.is_empty())
}

/// The origins of a list, up to an error.
struct Origins<R> {
    reader: HashedReader<R>,
    bytes: Vec<u8>,
    line: usize,
    count: usize,
    lines: OriginLines,
    /// The line of the last origin.
    last: Option<usize>,
    error: Option<OriginListError>,
}

impl<R: io::Read> Origins<R> {
    fn read(&mut self) -> Result<Option<String>, OriginListError> {
        loop {
            self.bytes.clear();
            self.line += 1;
            let line = self.line;
            let malformed = |message| OriginListError::Malformed { line, message };
            let mut limited = self.reader.by_ref().take(LONGEST_LINE + 1);
            if limited.read_until(b'\n', &mut self.bytes)? == 0 {
                return Ok(None);
            }
            if self.bytes.len() as u64 > LONGEST_LINE {
                return Err(malformed(format!("longer than {LONGEST_LINE} bytes")));
            }
            let text = str::from_utf8(&self.bytes).map_err(|_| {
                let text = String::from_utf8_lossy(&self.bytes);
                malformed(format!("`{}` is {NOT_UTF_8}", shown(text.trim())))
            })?;
            if let Some((_, origin)) = origin_of(text, line) {
                return Ok(Some(origin.to_owned()));
            }
        }
    }
}

impl<R: io::Read> Iterator for Origins<R> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let origin = match self.read() {
            Ok(origin) => origin?,
            Err(error) => {
                self.error = Some(error);
                return None;
            }
        };
        if self.last != Some(self.line - 1) {
            self.lines.jumps.push((self.count, self.line));
        }
        self.last = Some(self.line);
        self.count += 1;
        Some(origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_origin_has_its_line() {
        let jumps = vec![(0, 2), (3, 7), (4, 10)];
        let lines = OriginLines { jumps };
        let found: Vec<_> = (0..6).filter_map(|index| lines.line(index)).collect();
        assert_eq!(found, [2, 3, 4, 7, 10, 11]);
        assert_eq!(OriginLines { jumps: Vec::new() }.line(0), None);
    }
}
