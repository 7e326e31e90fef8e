//! Recognizes content that was read before, without keeping it.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{self, BufRead, Read};

/// A hash of content. Different content has the same fingerprint with a probability of 2⁻¹²⁸. Nobody can search for such content,
/// because the hashes have secret keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint([u64; 2]);

/// The secret keys of fingerprints. Fingerprints with different keys cannot be compared.
#[derive(Clone, Debug, Default)]
pub(super) struct FingerprintKeys([RandomState; 2]);

/// Reads a file in blocks of one size, so that it is hashed in the same steps each time.
pub(super) struct HashedReader<R> {
    inner: R,
    block: Vec<u8>,
    consumed: usize,
    hashers: [<RandomState as std::hash::BuildHasher>::Hasher; 2],
}

impl<R: Read> HashedReader<R> {
    const BLOCK: u64 = 64 << 10;

    pub(super) fn new(inner: R, keys: &FingerprintKeys) -> Self {
        Self {
            inner,
            block: Vec::new(),
            consumed: 0,
            hashers: keys.0.each_ref().map(RandomState::build_hasher),
        }
    }

    /// Reads to the end, and returns the fingerprint of everything that was read.
    pub(super) fn finish(mut self) -> io::Result<Fingerprint> {
        loop {
            let length = self.fill_buf()?.len();
            if length == 0 {
                return Ok(Fingerprint(self.hashers.map(|hasher| hasher.finish())));
            }
            self.consume(length);
        }
    }
}

impl<R: Read> Read for HashedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(buffer)?;
        self.consume(length);
        Ok(length)
    }
}

impl<R: Read> BufRead for HashedReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.consumed == self.block.len() {
            self.block.clear();
            self.consumed = 0;
            let mut block = self.inner.by_ref().take(Self::BLOCK);
            block.read_to_end(&mut self.block)?;
            for hasher in &mut self.hashers {
                hasher.write(&self.block);
            }
        }
        Ok(self.block.get(self.consumed..).unwrap_or_default())
    }

    fn consume(&mut self, length: usize) {
        self.consumed = (self.consumed + length).min(self.block.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_content_has_the_same_fingerprint_when_read_in_parts() {
        let keys = FingerprintKeys::default();
        let content = vec![b'a'; 200_000];
        let whole = || HashedReader::new(&*content, &keys).finish().unwrap();
        let mut in_part = HashedReader::new(&*content, &keys);
        let mut line = Vec::new();
        in_part.by_ref().take(100).read_to_end(&mut line).unwrap();
        assert_eq!(line, [b'a'; 100]);
        assert_eq!(in_part.finish().unwrap(), whole());
        assert_eq!(whole(), whole());
        let other = content.split_last().unwrap().1;
        assert_ne!(HashedReader::new(other, &keys).finish().unwrap(), whole());
    }
}
