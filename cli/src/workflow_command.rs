//! Escapes texts in [workflow commands](https://docs.github.com/actions/reference/workflow-commands-for-github-actions), as the toolkit of
//! GitHub Actions does.

use crate::terminal::clean;

/// Escapes a message, and characters that change what a terminal shows.
pub(crate) fn data(text: &str) -> String {
    let text = text.replace('%', "%25");
    let parts: Vec<_> = text.split('\r').map(clean).collect();
    parts.join("%0D").replace('\n', "%0A")
}

/// Escapes the value of a property.
pub(crate) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values from `escapeData` and `escapeProperty` of the package `@actions/core`.
    #[test]
    fn messages_and_properties_are_escaped() {
        assert_eq!(data("100%: a,\r\nb"), "100%25: a,%0D%0Ab");
        assert_eq!(data("\u{1b}[8m\u{202e}"), "\\u{1b}[8m\\u{202e}");
        assert_eq!(property("100%: a,\r\nb"), "100%25%3A a%2C%0D%0Ab");
    }
}
