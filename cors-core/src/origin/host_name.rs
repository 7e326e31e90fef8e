//! Host names of RFC 1123, told eight bytes at a time: nearly every host is one.

use super::host::LONGEST_LABEL;

/// True if these are labels of RFC 1123, whatever they say: the last of them may be a number. Letters are in lower case.
pub(super) fn is_host_name(name: &[u8]) -> bool {
    let is_mark = |byte: Option<&u8>| matches!(byte, None | Some(b'-' | b'.'));
    if is_mark(name.first()) || is_mark(name.last()) {
        return false;
    }
    let mut rest = name;
    while let Some(&bytes) = rest.first_chunk() {
        if !is_within_host_name(bytes) {
            return false;
        }
        // All but the last byte, which is looked at beside the next one.
        rest = rest.get(bytes.len() - 1..).unwrap_or_default();
    }
    // What is left, at the end of eight bytes; of which a short name has not as many.
    let last = match name.last_chunk() {
        Some(&bytes) => bytes,
        None => padded(name),
    };
    is_within_host_name(last) && have_lengths_of_labels(name)
}

fn padded(name: &[u8]) -> [u8; 8] {
    let mut bytes = [b'a'; 8];
    for (byte, of_name) in bytes.iter_mut().zip(name) {
        *byte = *of_name;
    }
    bytes
}

/// True if a host name may have these bytes in it: letters, digits, and hyphens and dots, none of them beside a dot.
fn is_within_host_name(bytes: [u8; 8]) -> bool {
    let bytes = Bytes(u64::from_le_bytes(bytes));
    if !bytes.are_ascii() {
        return false;
    }
    let dots = bytes.within(b'.', b'.');
    let marks = bytes.within(b'-', b'.');
    let others = bytes.within(b'a', b'z') | bytes.within(b'0', b'9');
    // Of each byte, what follows it: the first byte is the lowest.
    let follows = |bits: u64| bits >> 8;
    let beside_dot = dots & follows(marks) | marks & follows(dots);
    marks | others == Bytes::HIGHEST && beside_dot == 0
}

/// Eight bytes side by side. What is told of them is told by the highest bit of each, which is clear in ASCII.
#[derive(Clone, Copy)]
struct Bytes(u64);

impl Bytes {
    const HIGHEST: u64 = Self::each(0x80);

    const fn each(byte: u8) -> u64 {
        u64::from_le_bytes([byte; 8])
    }

    fn are_ascii(self) -> bool {
        self.0 & Self::HIGHEST == 0
    }

    /// Which of these, all ASCII, lie in a range. No sum is carried into the next byte, since none exceeds 255.
    fn within(self, lowest: u8, highest: u8) -> u64 {
        let reaches = self.0 + Self::each(0x80 - lowest);
        let exceeds = self.0 + Self::each(0x7F - highest);
        reaches & !exceeds & Self::HIGHEST
    }
}

/// True if no label is longer than [`LONGEST_LABEL`].
pub(super) fn have_lengths_of_labels(mut labels: &[u8]) -> bool {
    // Of each piece that is one byte longer, all but what follows its last dot is done with.
    while let Some((piece, _)) = labels.split_at_checked(LONGEST_LABEL + 1) {
        let Some(dot) = piece.iter().rposition(|byte| *byte == b'.') else {
            return false;
        };
        labels = labels.get(dot + 1..).unwrap_or_default();
    }
    true
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;

    /// The rule as it is written.
    fn is_plainly_host_name(name: &[u8]) -> bool {
        name.split(|byte| *byte == b'.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with(b"-")
                && !label.ends_with(b"-")
                && label
                    .iter()
                    .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        })
    }

    fn check(name: &[u8]) {
        let expected = is_plainly_host_name(name);
        assert_eq!(is_host_name(name), expected, "{}", name.escape_ascii());
    }

    #[test]
    fn each_byte_is_told_at_each_place() {
        let (lengths, bytes) = if cfg!(miri) { (4, 23) } else { (1, 1) };
        for length in (0..20).step_by(lengths) {
            let mut name = vec![b'a'; length];
            check(&name);
            for place in 0..length {
                for byte in (0..=255).step_by(bytes) {
                    name[place] = byte;
                    check(&name);
                }
                name[place] = b'a';
            }
        }
    }

    #[test]
    fn all_neighbours_are_told_at_each_place() {
        const KINDS: [u8; 4] = [b'a', b'-', b'.', b'_'];
        for length in [2, 7, 8, 9, 14, 15, 16, 17, 24] {
            for place in 0..length - 1 {
                for (first, second) in KINDS.iter().flat_map(|a| KINDS.map(|b| (*a, b))) {
                    let mut name = vec![b'x'; length];
                    name[place] = first;
                    name[place + 1] = second;
                    check(&name);
                }
            }
        }
    }

    #[test]
    fn no_label_is_longer_than_63_bytes() {
        for (first, second) in [(1, 63), (63, 1), (63, 63), (64, 1), (1, 64), (62, 64)] {
            for labels in 1..4 {
                let pair = [vec![b'a'; first], vec![b'b'; second]].join(&b'.');
                let name: Vec<u8> = vec![pair; labels].join(&b'.');
                check(&name);
            }
        }
        for length in [63, 64, 65, 200] {
            check(&vec![b'a'; length]);
            check(&b"a.".repeat(length)[1..]);
        }
    }
}
