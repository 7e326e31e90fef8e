use crate::header::is_token;
use crate::limits;

/// A list of tokens that is none, or that has more empty elements than the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MalformedList;

/// The elements of a list of tokens (RFC 9110, section 5.6.1), in one or several lines, in order.
///
/// Understands what intermediaries make of a browser's list: white space around elements, empty elements, several
/// lines. Stops for good at the first thing that belongs in no such list; looks at each byte once.
pub(crate) fn elements<'a>(
    lines: impl Iterator<Item = &'a [u8]>,
) -> impl Iterator<Item = Result<&'a [u8], MalformedList>> {
    let mut empty = 0;
    let mut malformed = false;
    lines
        .flat_map(|line| line.split(|&byte| byte == b','))
        .map_while(move |element| {
            if malformed {
                return None;
            }
            let name = trim_whitespace(element);
            if name.is_empty() {
                empty += 1;
                malformed = empty > limits::EMPTY_ELEMENTS;
                return Some(if malformed {
                    Err(MalformedList)
                } else {
                    Ok(name)
                });
            }
            malformed = !is_token(name);
            Some(if malformed {
                Err(MalformedList)
            } else {
                Ok(name)
            })
        })
        .filter(|element| element.as_ref().map_or(true, |name| !name.is_empty()))
}

/// RFC 9110, section 5.6.3: `OWS = *( SP / HTAB )`.
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

    fn scan<'a>(lines: &[&'a str]) -> Result<Vec<&'a str>, MalformedList> {
        let elements = elements(lines.iter().map(|line| line.as_bytes()));
        elements
            .map(|element| element.map(|name| core::str::from_utf8(name).unwrap()))
            .collect()
    }

    #[test]
    fn what_intermediaries_make_of_a_list_is_understood() {
        assert_eq!(scan(&["a,b"]), Ok(["a", "b"].into()));
        assert_eq!(scan(&[" a ,\tX-B\t, ,,c "]), Ok(["a", "X-B", "c"].into()));
        assert_eq!(scan(&["a", "b, c"]), Ok(["a", "b", "c"].into()));
        assert_eq!(scan(&["z,a,z"]), Ok(["z", "a", "z"].into()));
        assert_eq!(scan(&[""]), Ok([].into()));
        assert_eq!(scan(&[]), Ok([].into()));
    }

    #[test]
    fn what_is_no_list_of_tokens_is_malformed() {
        for line in [
            "a b", "a;b", "a\0", "a\r\nb", "ü", "a,(b)", "\u{b}a", "\"a\"",
        ] {
            assert_eq!(scan(&[line]), Err(MalformedList), "{line:?}");
        }
    }

    #[test]
    fn empty_elements_are_taken_up_to_the_limit() {
        let commas = ",".repeat(limits::EMPTY_ELEMENTS - 1);
        assert_eq!(scan(&[&commas]), Ok([].into()));
        assert_eq!(scan(&[&commas, "", "a"]), Err(MalformedList));
        assert_eq!(scan(&[&",".repeat(1024)]), Err(MalformedList));
    }

    #[test]
    fn nothing_follows_what_is_malformed() {
        let mut elements = elements([b"a,b c,d".as_slice()].into_iter());
        assert_eq!(elements.next(), Some(Ok(b"a".as_slice())));
        assert_eq!(elements.next(), Some(Err(MalformedList)));
        assert_eq!(elements.next(), None);
    }
}
