//! Escapes and shortens the text of a file for a message.

use std::fmt::Write as _;
use std::path::Path;

/// The maximum length of the start and of the end of a long text in a message, in bytes.
const HALF: usize = 500;

/// Returns a text in one line, with invisible characters escaped. The middle of a long text is left out.
pub(super) fn shown(text: &str) -> String {
    let (start, rest) = escaped(text.chars(), HALF);
    let mut shown = start.concat();
    let (mut end, rest) = escaped(rest.rev(), HALF);
    if rest.clone().next().is_some() {
        shown.push('…');
    }
    end.reverse();
    shown.extend(end);
    shown
}

/// Returns a path in the same way.
pub(super) fn shown_path(path: &Path) -> String {
    shown(&path.to_string_lossy())
}

/// Escapes characters up to this number of bytes, and returns the rest.
pub(super) fn escaped<C>(mut characters: C, most: usize) -> (Vec<String>, C)
where
    C: Iterator<Item = char> + Clone,
{
    let mut shown = Vec::new();
    let mut length = 0;
    loop {
        let before = characters.clone();
        let Some(character) = characters.next() else {
            return (shown, characters);
        };
        let mut text = String::new();
        // For example, a zero-width space is not visible.
        let is_visible = character.is_ascii() || character.is_alphanumeric() || character == '…';
        // Writing to a string does not fail.
        let _ok = if character.is_control() || !is_visible {
            write!(text, "{}", character.escape_default())
        } else {
            write!(text, "{character}")
        };
        length += text.len();
        if length > most {
            return (shown, before);
        }
        shown.push(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_shown_in_one_short_line() {
        for (text, expected) in [
            ("", ""),
            ("max_age = 'é'", "max_age = 'é'"),
            ("\n\u{1b}\u{200b}", r"\n\u{1b}\u{200b}"),
        ] {
            assert_eq!(shown(text), expected);
        }
        let long = format!("{}-{}", "a".repeat(HALF), "b".repeat(HALF));
        assert_eq!(shown(&long), long.replace('-', "…"));
        assert_eq!(shown(&long.replace('-', "")), long.replace('-', ""));
        assert!(shown(&"\u{1}".repeat(10_000)).len() <= 2 * HALF + '…'.len_utf8());
    }
}
