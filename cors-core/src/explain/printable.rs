use alloc::format;
use alloc::string::{String, ToString as _};

/// Returns bytes of a request as one short line of printable text.
pub(super) fn printable(bytes: &[u8]) -> String {
    const LONGEST: usize = 120;
    match bytes.split_at_checked(LONGEST) {
        Some((start, [_, ..])) => format!("{}…", start.escape_ascii()),
        _ => bytes.escape_ascii().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_escaped_and_shortened() {
        assert_eq!(printable(b"a\r\nb\xFF"), "a\\r\\nb\\xff");
        assert_eq!(printable(&[b'a'; 1000]).chars().count(), 121);
        assert_eq!(printable(&[b'a'; 121]).chars().count(), 121);
        assert_eq!(printable(&[b'a'; 120]), "a".repeat(120));
    }
}
