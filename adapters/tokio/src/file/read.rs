use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The maximum length of a policy file, in bytes. A million origins take about 30 MiB.
const LONGEST: u64 = 64 << 20;

pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    open(path, LONGEST)?.read_to_end(&mut content)?;
    Ok(content)
}

/// Opens a file. The reader returns an error if the file is longer than `longest` bytes.
pub(super) fn open(path: &Path, longest: u64) -> io::Result<impl Read + use<>> {
    // Checked before the file is opened, because opening a named pipe waits until another program writes to it.
    let metadata = path.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a regular file",
        ));
    }
    if metadata.len() > longest {
        return Err(too_long(longest));
    }
    Ok(Limited {
        inner: File::open(path)?,
        left: longest,
        longest,
    })
}

/// A reader that fails beyond a length, because the file may grow after it was opened.
struct Limited<R> {
    inner: R,
    left: u64,
    longest: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let left = self.left.checked_sub(count as u64);
        self.left = left.ok_or_else(|| too_long(self.longest))?;
        Ok(count)
    }
}

fn too_long(longest: u64) -> io::Error {
    let message = format!("the file is longer than {} MiB", longest >> 20);
    io::Error::new(io::ErrorKind::FileTooLarge, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_grows_beyond_the_limit_is_not_read() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let mut reader = open(file.path(), 3 << 20).unwrap();
        io::copy(&mut io::repeat(0).take((3 << 20) + 1), &mut file).unwrap();
        let error = io::copy(&mut reader, &mut io::sink()).unwrap_err();
        assert_eq!(error.to_string(), "the file is longer than 3 MiB");
        assert!(open(file.path(), 3 << 20).is_err());
        assert!(open(file.path(), (3 << 20) + 1).is_ok());
    }
}
