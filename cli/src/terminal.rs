//! Text of others, made safe for a terminal.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt::{self, Display};
use std::io::{self, Write};

use anstyle::Style;
use serde::Serialize;

/// Returns text in which control characters, and characters that change the direction of text, are escaped: a server, a recording or a
/// policy could change with them what a terminal shows. Line ends stay.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    escaped(text, |character| character != '\n' && is_active(character))
}

/// Returns text on one line: [cleaned](clean), and with its line ends escaped, so that it cannot look like a line of the output.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    escaped(text, is_active)
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_escaped(character) {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

/// Returns true for characters that change what a terminal shows.
pub(crate) fn is_active(character: char) -> bool {
    character.is_control() || is_directional(character) || is_separator(character)
}

/// Returns true for characters with the property
/// [`Bidi_Control`](https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters).
pub(crate) fn is_directional(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns true for the line separator and the paragraph separator of Unicode.
fn is_separator(character: char) -> bool {
    matches!(character, '\u{2028}' | '\u{2029}')
}

/// Text of others in a report: as it is in JSON, and on [one line](one_line) for people.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub(crate) struct Text(pub(crate) String);

impl Text {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Into<String>> From<T> for Text {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&one_line(&self.0))
    }
}

thread_local! {
    /// True while a [`Mark`] is written.
    static IS_MARK: Cell<bool> = const { Cell::new(false) };
}

/// A style that is written to a [`Cleaned`] writer. It begins with `{mark}` and ends with `{mark:#}`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(pub(crate) Style);

impl Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A writer gets bytes. Only this shows it that they are not text of others, which could contain the same bytes.
        IS_MARK.set(true);
        let written = self.0.fmt(f);
        IS_MARK.set(false);
        written
    }
}

/// Writes text, and [cleans](clean) everything except each [`Mark`].
pub(crate) struct Cleaned<W>(pub(crate) W);

impl<W: Write> Write for Cleaned<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if IS_MARK.get() {
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

#[cfg(test)]
mod tests {
    use anstyle::AnsiColor;

    use super::*;

    #[test]
    fn text_of_others_cannot_change_what_a_terminal_shows() {
        assert_eq!(
            clean("a\u{1b}[2Jb\u{9b}1m\rc\u{202e}d\n\u{2028}"),
            "a\\u{1b}[2Jb\\u{9b}1m\\rc\\u{202e}d\n\\u{2028}"
        );
        assert_eq!(one_line("GET\nReadable"), "GET\\nReadable");
        assert_eq!(one_line("é, 日本"), "é, 日本");
    }

    /// The characters are those of PropList.txt of Unicode.
    #[test]
    fn each_directional_character_is_escaped() {
        for character in [
            '\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}',
            '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
        ] {
            let escaped = character.escape_unicode().to_string();
            assert_eq!(clean(&character.to_string()), escaped);
        }
    }

    #[test]
    fn styles_stay_and_text_cannot_look_like_one() {
        const BAD: Mark = Mark(AnsiColor::Red.on_default().bold());
        let style = BAD.0;
        let mut written = Vec::new();
        for text in ["x\u{1b}[2J", "\u{1b}[8m", "\u{1b}[0m"] {
            writeln!(Cleaned(&mut written), "{BAD}blocked{BAD:#}: {text}").unwrap();
        }
        let head = format!("{style}blocked{style:#}: ");
        let expected = format!("{head}x\\u{{1b}}[2J\n{head}\\u{{1b}}[8m\n{head}\\u{{1b}}[0m\n");
        assert_eq!(String::from_utf8(written).unwrap(), expected);
    }

    #[test]
    fn a_text_is_as_it_is_in_json_and_on_one_line_for_people() {
        let text = Text::from("a\nb\u{1b}[8m");
        assert_eq!(text.to_string(), "a\\nb\\u{1b}[8m");
        assert_eq!(serde_json::to_string(&text).unwrap(), "\"a\\nb\\u001b[8m\"");
    }
}
