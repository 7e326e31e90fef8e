//! The image of a replica in a file.
//!
//! All numbers are little-endian. `text` is a length (`u32`) and UTF-8.
//!
//! | bytes | content |
//! |---|---|
//! | 8 | `OMNICORS` |
//! | 4 | the version of the format: 2 |
//! | 8 + 4 | seconds and nanoseconds from 1970 to the last contact to the store |
//! | 8 | the revision |
//! | `text` | the name of the store |
//! | `text` × 2 | the history and the cursor of the position |
//! | `text` each | the origins |
//! | 4 | the length 0, which ends the origins |
//! | 4 | the CRC-32 of everything before |

#[cfg(test)]
mod tests;

use std::error::Error;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use omnicors_core::limits;
use tempfile::NamedTempFile;

use super::position::Position;
use super::replica_set::NewSet;
use crate::sync::{Mutex, PoisonError};

const MAGIC: [u8; 8] = *b"OMNICORS";
const VERSION: u32 = 2;

/// The maximum length of the name, the history and the cursor, in bytes.
const MAX_TEXT: usize = 1024 * 1024;

/// An image that was read and whose checksum is right.
pub(super) struct Image {
    pub(super) position: Position,
    pub(super) set: NewSet,
    contact: SystemTime,
}

impl Image {
    /// Reads an image of the store with this name.
    pub(super) fn read(path: &Path, store: &str) -> Result<Self, ImageError> {
        Self::read_from(BufReader::new(File::open(path)?), store)
    }

    fn read_from(reader: impl Read, store: &str) -> Result<Self, ImageError> {
        let mut reader = Summed::new(reader);
        if reader.array::<8>()? != MAGIC {
            return Err(ImageError::NotAnImage);
        }
        let version = reader.u32()?;
        if version != VERSION {
            return Err(ImageError::Version(version));
        }
        let contact = Duration::from_secs(reader.u64()?)
            .checked_add(Duration::from_nanos(reader.u32()?.into()))
            .and_then(|contact| SystemTime::UNIX_EPOCH.checked_add(contact))
            .ok_or(ImageError::Damaged)?;
        let revision = reader.u64()?;
        let mut text = Vec::new();
        let name = reader.text(&mut text, MAX_TEXT)?.to_owned();
        let history = reader.text(&mut text, MAX_TEXT)?.to_owned();
        let cursor = reader.text(&mut text, MAX_TEXT)?.to_owned();
        let mut set = NewSet::new();
        loop {
            match reader.text(&mut text, limits::ORIGIN)? {
                "" => break,
                origin => set.add(origin),
            }
        }
        let sum = reader.sum();
        if reader.u32()? != sum || reader.inner.read(&mut [0])? != 0 {
            return Err(ImageError::Damaged);
        }
        // Last, because a damaged name is not that of another store.
        if name != store {
            return Err(ImageError::OtherStore(name));
        }
        Ok(Self {
            position: Position::new(history, revision).with_cursor(cursor),
            set,
            contact,
        })
    }

    /// Returns the time since the last contact. Returns `None` if that is in the future: then nothing is known about it.
    pub(super) fn age(&self, now: SystemTime) -> Option<Duration> {
        now.duration_since(self.contact).ok()
    }
}

/// Why an image is not used.
#[derive(Debug)]
pub(super) enum ImageError {
    Io(io::Error),
    NotAnImage,
    Version(u32),
    Damaged,
    /// With its name.
    OtherStore(String),
}

impl ImageError {
    pub(super) fn is_not_found(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::NotFound)
    }
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                f.write_str("the file is torn")
            }
            Self::Io(error) => error.fmt(f),
            Self::NotAnImage => f.write_str("the file is not an image of origins"),
            Self::Version(version) => write!(
                f,
                "the file has version {version} of the format; this program reads version {VERSION}"
            ),
            Self::Damaged => f.write_str("the file is damaged"),
            // Escaped, because the file may come from anywhere.
            Self::OtherStore(name) => write!(f, "the file is of another store, {name:?}"),
        }
    }
}

impl Error for ImageError {}

impl From<io::Error> for ImageError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Writes images, and decides when.
pub(super) struct Writer {
    path: PathBuf,
    /// The name of the store.
    store: String,
    interval: Duration,
    last: Mutex<Last>,
}

#[derive(Default)]
struct Last {
    begun: Option<Instant>,
}

impl Writer {
    pub(super) fn new(path: PathBuf, store: String, interval: Duration) -> Self {
        Self {
            path,
            store,
            interval,
            last: Mutex::default(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns true if the next image must be written now. After that, the interval begins again.
    pub(super) fn is_due(&self) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let is_due = last
            .begun
            .is_none_or(|begun| now.saturating_duration_since(begun) >= self.interval);
        if is_due {
            last.begun = Some(now);
        }
        is_due
    }

    /// Writes an image and replaces the file with it, so that the file is never torn by an end of the process.
    pub(super) fn write(
        &self,
        position: &Position,
        contact: SystemTime,
        for_each: impl Fn(&mut dyn FnMut(&str)),
    ) -> io::Result<()> {
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut file = NamedTempFile::new_in(folder)?;
        let buffered = BufWriter::new(&mut file);
        write_to(buffered, &self.store, position, contact, for_each)?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        Ok(())
    }
}

fn write_to(
    writer: impl Write,
    store: &str,
    position: &Position,
    contact: SystemTime,
    for_each: impl Fn(&mut dyn FnMut(&str)),
) -> io::Result<()> {
    let mut writer = Summed::new(writer);
    // Before 1970, nothing is known about the time, and the image is as old as possible.
    let contact = contact
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    writer.put(&MAGIC)?;
    writer.put(&VERSION.to_le_bytes())?;
    writer.put(&contact.as_secs().to_le_bytes())?;
    writer.put(&contact.subsec_nanos().to_le_bytes())?;
    writer.put(&position.revision().to_le_bytes())?;
    writer.put_text(store)?;
    writer.put_text(position.history())?;
    writer.put_text(position.cursor())?;
    let mut written = Ok(());
    for_each(&mut |origin| {
        if written.is_ok() && !origin.is_empty() {
            written = writer.put_text(origin);
        }
    });
    written?;
    writer.put_text("")?;
    let sum = writer.sum();
    writer.put(&sum.to_le_bytes())?;
    writer.inner.flush()
}

/// Reads or writes, and computes the checksum.
struct Summed<T> {
    inner: T,
    hasher: crc32fast::Hasher,
}

impl<T> Summed<T> {
    fn new(inner: T) -> Self {
        Self {
            inner,
            hasher: crc32fast::Hasher::new(),
        }
    }

    fn sum(&self) -> u32 {
        self.hasher.clone().finalize()
    }
}

impl<R: Read> Summed<R> {
    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.inner.read_exact(&mut bytes)?;
        self.hasher.update(&bytes);
        Ok(bytes)
    }

    fn u32(&mut self) -> io::Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> io::Result<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// Reads a text of at most `max` bytes into `buffer`.
    fn text<'b>(&mut self, buffer: &'b mut Vec<u8>, max: usize) -> Result<&'b str, ImageError> {
        let length = self.u32()? as usize;
        if length > max {
            return Err(ImageError::Damaged);
        }
        buffer.resize(length, 0);
        self.inner.read_exact(buffer)?;
        self.hasher.update(buffer);
        str::from_utf8(buffer).map_err(|_| ImageError::Damaged)
    }
}

impl<W: Write> Summed<W> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.inner.write_all(bytes)
    }

    fn put_text(&mut self, text: &str) -> io::Result<()> {
        let length = u32::try_from(text.len()).map_err(io::Error::other)?;
        self.put(&length.to_le_bytes())?;
        self.put(text.as_bytes())
    }
}
