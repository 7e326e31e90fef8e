use alloc::format;
use alloc::string::{String, ToString as _};

/// Returns bytes of a request as one short line of text, whatever they are.
pub(super) fn shown(bytes: &[u8]) -> String {
    const LONGEST: usize = 120;
    match bytes.get(..LONGEST) {
        Some(start) => format!("{}…", start.escape_ascii()),
        None => bytes.escape_ascii().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_a_request_are_shown_in_one_short_line() {
        assert_eq!(shown(b"a\r\nb\xFF"), "a\\r\\nb\\xff");
        assert_eq!(shown(&[b'a'; 1000]).chars().count(), 121);
    }
}
