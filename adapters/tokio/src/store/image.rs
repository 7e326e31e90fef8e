//! The image of a replica in a file.
//!
//! All numbers are little-endian. `text` is a length (`u32`) and UTF-8.
//!
//! | bytes | content |
//! |---|---|
//! | 8 | `OMNICORS` |
//! | 4 | the version of the format: 1 |
//! | 8 + 4 | seconds and nanoseconds from 1970 to the last contact to the store |
//! | 8 | the revision |
//! | `text` × 2 | the history and the cursor of the position |
//! | `text` each | the origins |
//! | 4 | the length 0, which ends the origins |
//! | 4 | the CRC-32 of everything before |

use std::error::Error;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use omnicors_core::limits;
use tempfile::NamedTempFile;

use super::position::Position;
use super::replica_set::NewSet;

const MAGIC: [u8; 8] = *b"OMNICORS";
const VERSION: u32 = 1;

/// The maximum length of the history and of the cursor, in bytes.
const MAX_POSITION: usize = 1024 * 1024;

/// An image that was read and whose checksum is right.
pub(super) struct Image {
    pub(super) position: Position,
    pub(super) set: NewSet,
    contact: SystemTime,
}

impl Image {
    pub(super) fn read(path: &Path) -> Result<Self, ImageError> {
        Self::read_from(BufReader::new(File::open(path)?))
    }

    fn read_from(reader: impl Read) -> Result<Self, ImageError> {
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
        let history = reader.text(&mut text, MAX_POSITION)?.to_owned();
        let cursor = reader.text(&mut text, MAX_POSITION)?.to_owned();
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
    interval: Duration,
    last: Mutex<Last>,
}

#[derive(Default)]
struct Last {
    begun: Option<Instant>,
}

impl Writer {
    pub(super) fn new(path: PathBuf, interval: Duration) -> Self {
        Self {
            path,
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
        write_to(BufWriter::new(&mut file), position, contact, for_each)?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        Ok(())
    }
}

fn write_to(
    writer: impl Write,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn image() -> Vec<u8> {
        let position = Position::new("cluster 7", 42).with_cursor("1:2:");
        let contact = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        let mut bytes = Vec::new();
        write_to(&mut bytes, &position, contact, |each| {
            each("https://a.example");
            each("https://b.example:8443");
        })
        .unwrap();
        bytes
    }

    fn error(bytes: &[u8]) -> String {
        match Image::read_from(bytes) {
            Ok(_) => panic!("the image was read"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn an_image_is_read_as_it_was_written() {
        let image = Image::read_from(&*image()).unwrap();
        assert_eq!(
            image.position,
            Position::new("cluster 7", 42).with_cursor("1:2:")
        );
        let later = SystemTime::UNIX_EPOCH + Duration::from_secs(1_030);
        assert_eq!(image.age(later), Some(Duration::from_secs(30)));
        assert_eq!(image.age(SystemTime::UNIX_EPOCH), None);
        assert_eq!(image.set.len(), 2);
    }

    #[test]
    fn each_torn_image_is_an_error() {
        let bytes = image();
        for length in 0..bytes.len() {
            assert_eq!(error(&bytes[..length]), "the file is torn", "{length}");
        }
    }

    #[test]
    fn each_changed_byte_is_an_error() {
        let bytes = image();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                assert!(
                    Image::read_from(&*changed).is_err(),
                    "bit {bit} of byte {at}"
                );
            }
        }
        let mut longer = bytes;
        longer.push(0);
        assert_eq!(error(&longer), "the file is damaged");
    }

    #[test]
    fn the_error_says_what_the_file_is() {
        assert_eq!(
            error(b"https://a.example\n"),
            "the file is not an image of origins"
        );
        let mut newer = image();
        newer[8] = 2;
        assert_eq!(
            error(&newer),
            "the file has version 2 of the format; this program reads version 1"
        );
    }

    /// With a right checksum, as an attacker makes it.
    #[test]
    fn a_length_of_an_attacker_needs_no_memory() {
        let with_sum = |mut bytes: Vec<u8>| {
            let sum = crc32fast::hash(&bytes);
            bytes.extend(sum.to_le_bytes());
            bytes
        };
        let bytes = image();
        let mut long = bytes[..bytes.len() - 4].to_vec();
        long[32..36].fill(0xff);
        assert_eq!(error(&with_sum(long)), "the file is damaged");
    }
}
