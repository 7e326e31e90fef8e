//! Single values as they are written in a file: with quotes and escapes.

use omnicors_tokio::PolicyFileFormat;

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    Toml,
    Json,
    Yaml,
    /// A list of origins.
    List,
}

impl Syntax {
    /// Returns the syntax of a policy file.
    pub(super) fn of(format: PolicyFileFormat) -> Option<Self> {
        match format {
            PolicyFileFormat::Toml => Some(Self::Toml),
            PolicyFileFormat::Json => Some(Self::Json),
            PolicyFileFormat::Yaml => Some(Self::Yaml),
            _ => None,
        }
    }

    /// Returns the text that a value in quotes means, or `None` if it is not in quotes.
    pub(super) fn unquoted(self, written: &str) -> Option<String> {
        if !written.starts_with(['"', '\'']) {
            return None;
        }
        match self {
            Self::Toml => {
                let table: toml::Table = toml::from_str(&format!("value = {written}\n")).ok()?;
                Some(table.get("value")?.as_str()?.to_owned())
            }
            Self::Json => serde_json::from_str(written).ok(),
            Self::Yaml => serde_saphyr::from_str(written).ok(),
            Self::List => None,
        }
    }

    /// Returns a text in the quotes that another value has.
    pub(super) fn quoted_like(self, written: &str, text: &str) -> String {
        let is_plain = |character: char| character != '\'' && !character.is_control();
        if self != Self::Json && written.starts_with('\'') && text.chars().all(is_plain) {
            return format!("'{text}'");
        }
        // The escapes of JSON are also those of a TOML basic string and of a YAML double-quoted scalar.
        serde_json::Value::from(text).to_string()
    }
}

/// Returns true if a text means itself in each format and place: in quotes, in a list that is one text, and as a plain scalar of YAML.
pub(super) fn is_plain(text: &str) -> bool {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./+".contains(&byte);
    let bytes = text.as_bytes();
    let starts_plainly = bytes.first().is_some_and(u8::is_ascii_alphabetic);
    // Not a colon before a space or at the end, which ends a key of YAML.
    let colons_are_inner = !text.ends_with(':');
    let is_word = !matches!(
        &*text.to_ascii_lowercase(),
        "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
    );
    starts_plainly
        && colons_are_inner
        && is_word
        && bytes
            .iter()
            .all(|byte| is_safe(*byte) || matches!(byte, b':' | b'*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_written_in_the_quotes_of_the_old_one() {
        for (syntax, written, text, expected) in [
            (Syntax::Toml, "\"patch\"", "PATCH", "\"PATCH\""),
            (Syntax::Toml, "'patch'", "PATCH", "'PATCH'"),
            (Syntax::Toml, "'it'", "it's", "\"it's\""),
            (Syntax::Toml, "'''patch'''", "PATCH", "'PATCH'"),
            (Syntax::Toml, "'a'", "a\"\n\u{1}", "\"a\\\"\\n\\u0001\""),
            (Syntax::Json, "\"a\"", "a\\", "\"a\\\\\""),
            (Syntax::Yaml, "'a'", "\u{7f}", "\"\u{7f}\""),
        ] {
            let found = syntax.quoted_like(written, text);
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for syntax in [Syntax::Toml, Syntax::Json, Syntax::Yaml] {
            for text in ["PATCH", "it's", "a\"b", "back\\slash", "tab\t", "ünï"] {
                for like in ["\"x\"", "'x'"] {
                    let written = syntax.quoted_like(like, text);
                    let read = syntax.unquoted(&written);
                    assert_eq!(read.as_deref(), Some(text), "{syntax:?}: {written}");
                }
            }
        }
        assert_eq!(Syntax::Toml.unquoted("patch"), None);
        assert_eq!(
            Syntax::Toml.unquoted("'a' # b\nx = 'c'").as_deref(),
            Some("a")
        );
        assert_eq!(Syntax::Json.unquoted("'a'"), None);
    }

    #[test]
    fn only_words_without_a_meaning_in_yaml_are_plain() {
        for plain in ["PATCH", "content-type", "https://*.example.com:8443", "x_y"] {
            assert!(is_plain(plain), "{plain}");
        }
        for other in [
            "",
            "*",
            "no",
            "a b",
            "a,b",
            "[a]",
            "http://[::1]",
            "a:",
            "'a'",
            "1",
            "#a",
            "ä",
        ] {
            assert!(!is_plain(other), "{other}");
        }
    }
}
