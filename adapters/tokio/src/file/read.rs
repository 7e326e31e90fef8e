use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// How long a policy file may be, in bytes. A million origins take about 30 MiB.
const LONGEST: u64 = 64 << 20;

pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    open(path, LONGEST)?.read_to_end(&mut content)?;
    Ok(content)
}

/// Opens a file whose reader fails beyond this number of bytes.
pub(super) fn open(path: &Path, longest: u64) -> io::Result<impl Read + use<>> {
    // Before it is opened: that would wait for ever on a named pipe.
    let metadata = path.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is not a regular file",
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

/// Fails beyond a length: the file may grow after it was opened.
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
    let message = format!("it is longer than {} MiB", longest >> 20);
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
        assert_eq!(error.to_string(), "it is longer than 3 MiB");
        assert!(open(file.path(), 3 << 20).is_err());
        assert!(open(file.path(), (3 << 20) + 1).is_ok());
    }
}
