//! Lines and columns of a text.

/// Returns the number of bytes of a byte order mark at the start, which is not in a column.
pub(super) fn byte_order_mark(text: &str) -> usize {
    text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len()
}

/// Returns the offset at which the line of another offset starts.
pub(super) fn line_start(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or_default();
    match before.rfind('\n') {
        Some(newline) => newline + 1,
        None => byte_order_mark(text).min(offset),
    }
}

/// Returns the line and the column of an offset, both counted from 1.
pub(super) fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or_default();
    let on_line = before.get(line_start(text, offset)..).unwrap_or_default();
    (
        before.matches('\n').count() + 1,
        on_line.chars().count() + 1,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_not_in_a_column() {
        let text = "\u{feff}\u{e9}a\nb";
        assert_eq!(place(text, 0), (1, 1));
        assert_eq!(place(text, 3), (1, 1));
        assert_eq!(place(text, 5), (1, 2));
        assert_eq!(place(text, 7), (2, 1));
        assert_eq!(place("ab", 1), (1, 2));
    }
}
