//! The notation for header fields in the table: bytes that a text file cannot hold, and short forms of long values.
//!
//! | written | stands for |
//! |---|---|
//! | `\xFF` | that byte |
//! | `\{1024*,}` | `,`, 1024 times |
//! | `\\` | a backslash |

/// Returns the bytes that `text` stands for.
///
/// # Errors
///
/// Returns a message if the notation is malformed.
pub fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        bytes.extend_from_slice(before.as_bytes());
        rest = if let Some(after) = escape.strip_prefix('\\') {
            bytes.push(b'\\');
            after
        } else if let Some(digits) = escape.strip_prefix('x') {
            let (byte, after) = digits
                .split_at_checked(2)
                .ok_or_else(|| format!("`\\x` without two digits in `{text}`"))?;
            let byte = u8::from_str_radix(byte, 16);
            bytes.push(byte.map_err(|_| format!("`\\x` without two digits in `{text}`"))?);
            after
        } else if let Some(repetition) = escape.strip_prefix('{') {
            let parts = repetition
                .split_once('}')
                .and_then(|(inside, after)| Some((inside.split_once('*')?, after)));
            let ((count, repeated), after) =
                parts.ok_or_else(|| format!("`\\{{` without `N*TEXT}}` in `{text}`"))?;
            let count = count
                .parse()
                .map_err(|_| format!("`{count}` is not a number of repetitions, in `{text}`"))?;
            bytes.extend_from_slice(repeated.repeat(count).as_bytes());
            after
        } else {
            return Err(format!(
                "a single backslash in `{text}`; write `\\\\` instead"
            ));
        };
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(bytes)
}

/// Formats bytes for a report: escaped, and cut if they are long.
#[must_use]
pub fn shown(bytes: &[u8]) -> String {
    const LONG: usize = 300;
    let escaped = bytes.escape_ascii().to_string();
    match escaped.get(..LONG) {
        Some(start) => format!("{start}… ({} bytes)", bytes.len()),
        None => escaped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_a_backslash_stands_for_itself() {
        assert_eq!(bytes("Origin: null").unwrap(), b"Origin: null");
        assert_eq!(bytes("ü").unwrap(), "ü".as_bytes());
    }

    #[test]
    fn escapes_stand_for_bytes_and_repetitions() {
        assert_eq!(bytes(r"a\xFFb\x00").unwrap(), b"a\xFFb\0");
        assert_eq!(bytes(r"\{3*a.}com").unwrap(), b"a.a.a.com");
        assert_eq!(bytes(r"\{2*,}\\\{0*x}").unwrap(), br",,\");
    }

    #[test]
    fn malformed_notation_is_an_error() {
        for text in [
            r"\n", r"\x", r"\xG0", r"\x1", r"\{3}", r"\{a*b}", r"\{3*", "\\",
        ] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }
}
