//! Text of others, made safe for a terminal.

use std::io::{self, Write};

/// Returns text in which control characters, and characters that change the direction of text, are escaped: a server, a recording or a
/// policy could change with them what a terminal shows. Line ends stay.
pub(crate) fn clean(text: &str) -> String {
    let mut cleaned = String::new();
    for character in text.chars() {
        let is_directional = matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if (character.is_control() && character != '\n') || is_directional {
            cleaned.extend(character.escape_unicode());
        } else {
            cleaned.push(character);
        }
    }
    cleaned
}

/// Writes text with styles, and [cleans](clean) everything else.
pub(crate) struct Cleaned<W>(pub(crate) W);

impl<W: Write> Write for Cleaned<W> {
    /// `write!` passes each piece of its text alone, so a style is a piece of its own.
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if is_style(piece) {
            self.0.write_all(piece)?;
        } else {
            let text = String::from_utf8_lossy(piece);
            self.0.write_all(clean(&text).as_bytes())?;
        }
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Returns true for one sequence that selects a style: the escape character, `[`, numbers and `m`.
fn is_style(piece: &[u8]) -> bool {
    let numbers = piece
        .strip_prefix(b"\x1b[")
        .and_then(|rest| rest.strip_suffix(b"m"));
    numbers.is_some_and(|numbers| {
        numbers
            .iter()
            .all(|byte| byte.is_ascii_digit() || *byte == b';')
    })
}

#[cfg(test)]
mod tests {
    use anstyle::{AnsiColor, Style};

    use super::*;

    #[test]
    fn text_of_others_cannot_change_what_a_terminal_shows() {
        assert_eq!(
            clean("a\u{1b}[2Jb\u{9b}1m\rc\u{202e}d\n"),
            "a\\u{1b}[2Jb\\u{9b}1m\\u{d}c\\u{202e}d\n"
        );
    }

    #[test]
    fn styles_stay() {
        let bad: Style = AnsiColor::Red.on_default().bold();
        let mut written = Vec::new();
        let text = "x\u{1b}[2J";
        writeln!(Cleaned(&mut written), "{bad}blocked{bad:#}: {text}").unwrap();
        let expected = format!("{bad}blocked{bad:#}: x\\u{{1b}}[2J\n");
        assert_eq!(String::from_utf8(written).unwrap(), expected);
    }
}
