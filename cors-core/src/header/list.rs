use super::names::{is_tchar, is_token};

/// The error for a list with an element that is not a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MalformedList;

/// Returns the elements of a list of tokens ([RFC 9110, section 5.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.1)) in one field
/// value, in order.
///
/// Accepts white space around elements and empty elements, which intermediaries can add to a browser's list. Ends with an error at the
/// first element that is not a token.
pub(crate) fn elements(value: &[u8]) -> impl Iterator<Item = Result<&[u8], MalformedList>> {
    let mut has_failed = false;
    value
        .split(|&byte| byte == b',')
        .map(trim_whitespace)
        .filter(|element| !element.is_empty())
        .map_while(move |element| {
            if has_failed {
                return None;
            }
            has_failed = !is_token(element);
            Some(if has_failed {
                Err(MalformedList)
            } else {
                Ok(element)
            })
        })
}

/// Returns true if a list of tokens has an element, or an error if the value is not a list of tokens.
///
/// This returns the same as iterating over [`elements`], but is faster, because it does not look for the ends of elements. It runs over
/// every byte that is echoed.
pub(crate) fn has_elements(value: &[u8]) -> Result<bool, MalformedList> {
    /// The position of a byte relative to the token of its element.
    #[derive(Clone, Copy)]
    enum Place {
        Before,
        Within,
        After,
    }

    let mut place = Place::Before;
    let mut has_elements = false;
    for byte in value {
        place = match (place, byte) {
            (_, b',') => Place::Before,
            (Place::Within, b' ' | b'\t') => Place::After,
            (place, b' ' | b'\t') => place,
            (Place::Before | Place::Within, byte) if is_tchar(*byte) => {
                has_elements = true;
                Place::Within
            }
            _ => return Err(MalformedList),
        };
    }
    Ok(has_elements)
}

/// Removes optional white space ([RFC 9110, section 5.6.3](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.3)).
fn trim_whitespace(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn scan(value: &str) -> Result<Vec<&str>, MalformedList> {
        elements(value.as_bytes())
            .map(|element| element.map(|name| core::str::from_utf8(name).unwrap()))
            .collect()
    }

    #[test]
    fn a_list_that_intermediaries_changed_is_read() {
        assert_eq!(scan("a,b"), Ok(["a", "b"].into()));
        assert_eq!(scan(" a ,\tX-B\t, ,,c "), Ok(["a", "X-B", "c"].into()));
        assert_eq!(scan(&(",".repeat(1024) + "a")), Ok(["a"].into()));
        assert_eq!(scan("z,a,z"), Ok(["z", "a", "z"].into()));
        assert_eq!(scan(""), Ok([].into()));
    }

    #[test]
    fn an_element_that_is_not_a_token_is_malformed() {
        for field in [
            "a b", "a;b", "a\0", "a\r\nb", "ü", "a,(b)", "\u{b}a", "\"a\"",
        ] {
            assert_eq!(scan(field), Err(MalformedList), "{field:?}");
        }
    }

    #[test]
    fn has_elements_agrees_with_elements() {
        // Every text of up to four of these bytes.
        let bytes = [b'a', b'-', b' ', b'\t', b',', b';', 0xFF];
        let mut texts = Vec::from([Vec::new()]);
        for length in 0..4 {
            let longest: Vec<Vec<u8>> = texts
                .iter()
                .filter(|text| text.len() == length)
                .cloned()
                .collect();
            for text in longest {
                texts.extend(bytes.map(|byte| [text.as_slice(), &[byte]].concat()));
            }
        }
        for text in texts {
            let all: Result<Vec<_>, _> = elements(&text).collect();
            let expected = all.map(|all| !all.is_empty());
            assert_eq!(has_elements(&text), expected, "{}", text.escape_ascii());
        }
    }

    #[test]
    fn nothing_follows_a_malformed_element() {
        let mut elements = elements(b"a,b c,d");
        assert_eq!(elements.next(), Some(Ok(b"a".as_slice())));
        assert_eq!(elements.next(), Some(Err(MalformedList)));
        assert_eq!(elements.next(), None);
    }
}
