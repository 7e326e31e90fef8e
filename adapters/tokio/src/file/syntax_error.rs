use std::error::Error;
use std::fmt;

use super::byte_order_mark::without_mark;
use super::shown::{escaped, shown};

/// The message about bytes that are not text.
pub(super) const NOT_UTF_8: &str = "not UTF-8; save the file as UTF-8";

/// The number of bytes of a line that are shown on each side of an error.
const SIDE: usize = 60;

/// The error of a parser, and its place. The message is short, even if the line is long.
#[derive(Debug)]
pub(super) struct SyntaxError {
    place: Option<Place>,
    message: String,
}

#[derive(Debug)]
struct Place {
    /// The offset in the text, in bytes.
    offset: usize,
    line: usize,
    column: usize,
    /// The part of the line that is shown.
    excerpt: String,
    /// The width of the excerpt before the place, in characters.
    before: usize,
}

impl SyntaxError {
    /// `offset` is the place in the text, in bytes.
    pub(super) fn new(text: &str, offset: Option<usize>, message: &str) -> Self {
        Self {
            place: offset.map(|offset| Place::new(text, offset)),
            message: shown(message),
        }
    }

    /// Returns the error for a text with this number of bytes more before it, on the same line, which are not shown.
    pub(super) fn after(mut self, bytes: usize) -> Self {
        if let Some(place) = &mut self.place {
            place.offset += bytes;
        }
        self
    }

    /// Returns the message without the place.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// Returns the offset in the text, in bytes.
    pub(super) fn offset(&self) -> Option<usize> {
        Some(self.place.as_ref()?.offset)
    }
}

impl Place {
    fn new(text: &str, offset: usize) -> Self {
        // A parser may return a place after the last character, or inside of one.
        let offset = (0..=offset.min(text.len()))
            .rev()
            .find(|&offset| text.is_char_boundary(offset))
            .unwrap_or(0);
        let (before, after) = text.split_at(offset);
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let (_, before_on_line) = before.split_at(start);
        let before_on_line = match start {
            0 => without_mark(before_on_line),
            _ => before_on_line,
        };
        let after_on_line = after.lines().next().unwrap_or_default();

        let (mut left, rest) = escaped(before_on_line.chars().rev(), SIDE);
        if rest.clone().next().is_some() {
            left.push("…".to_owned());
        }
        left.reverse();
        let (right, rest) = escaped(after_on_line.chars(), SIDE);
        let end = if rest.clone().next().is_some() {
            "…"
        } else {
            ""
        };
        let left = left.concat();
        Self {
            offset,
            line: before.matches('\n').count() + 1,
            column: before_on_line.chars().count() + 1,
            before: left.chars().count(),
            excerpt: format!("{left}{}{end}", right.concat()),
        }
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(place) = &self.place else {
            return f.write_str(&self.message);
        };
        let number = place.line.to_string();
        let (margin, before) = (number.len(), place.before);
        write!(
            f,
            "line {number}, column {}: {}\n\
             {:margin$} |\n\
             {number} | {}\n\
             {:margin$} | {:before$}^",
            place.column, self.message, "", place.excerpt, "", ""
        )
    }
}

impl Error for SyntaxError {}
