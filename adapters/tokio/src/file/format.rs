use std::path::Path;

use serde::de::DeserializeSeed;

use super::byte_order_mark::without_mark;
use super::syntax_error::SyntaxError;

/// The format of a policy file. Each needs the feature of its name.
///
/// ```
/// use omnicors_tokio::{PolicyFileCheck, PolicyFileFormat};
///
/// let check = PolicyFileCheck::read_with("cors.toml", None, |_| Ok(Vec::new()))?;
/// assert_eq!(check.format(), PolicyFileFormat::Toml);
/// # Ok::<(), omnicors_tokio::PolicyFileError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyFileFormat {
    /// TOML, with the extension `.toml`.
    #[cfg(feature = "toml")]
    Toml,
    /// JSON, with the extension `.json`.
    #[cfg(feature = "json")]
    Json,
    /// YAML, with the extension `.yaml` or `.yml`.
    #[cfg(feature = "yaml")]
    Yaml,
}

impl PolicyFileFormat {
    /// Returns the format that belongs to the extension, if its feature is enabled.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_ascii_lowercase();
        match extension.to_str()? {
            #[cfg(feature = "toml")]
            "toml" => Some(Self::Toml),
            #[cfg(feature = "json")]
            "json" => Some(Self::Json),
            #[cfg(feature = "yaml")]
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }

    pub(super) fn parse<'de, S: DeserializeSeed<'de>>(
        self,
        text: &'de str,
        seed: S,
    ) -> Result<S::Value, SyntaxError> {
        let file = text;
        let text = without_mark(file);
        let parsed = match self {
            #[cfg(feature = "toml")]
            Self::Toml => toml(text, seed),
            #[cfg(feature = "json")]
            Self::Json => json(text, seed),
            #[cfg(feature = "yaml")]
            Self::Yaml => yaml(text, seed),
        };
        parsed.map_err(|error| error.after(file.len() - text.len()))
    }
}

#[cfg(feature = "toml")]
fn toml<'de, S: DeserializeSeed<'de>>(text: &'de str, seed: S) -> Result<S::Value, SyntaxError> {
    toml::Deserializer::parse(text)
        .and_then(|deserializer| seed.deserialize(deserializer))
        .map_err(|error| {
            let offset = error.span().map(|span| span.start);
            SyntaxError::new(text, offset, error.message())
        })
}

#[cfg(feature = "json")]
fn json<'de, S: DeserializeSeed<'de>>(text: &'de str, seed: S) -> Result<S::Value, SyntaxError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    seed.deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| {
            // serde_json counts columns in bytes, and reports the last byte that it read.
            let start = start_of_line(text, error.line());
            let offset = start.map(|start| start + error.column().saturating_sub(1));
            let message = error.to_string();
            let place = format!(" at line {} column {}", error.line(), error.column());
            let message = message.strip_suffix(&place).unwrap_or(&message);
            // It reports the bracket after the comma.
            let comma = offset
                .filter(|_| message == "trailing comma")
                .and_then(|offset| text.get(..offset)?.rfind(','));
            SyntaxError::new(text, comma.or(offset), message)
        })
}

/// Parses with limits: YAML can be deeply nested, and aliases can repeat a part of it many times.
#[cfg(feature = "yaml")]
fn yaml<'de, S: DeserializeSeed<'de>>(text: &'de str, seed: S) -> Result<S::Value, SyntaxError> {
    /// The maximum number of items and keys that aliases repeat.
    const REPEATED: usize = 10_000;
    let options = serde_saphyr::options! {
        // The length of the file bounds the number of items.
        budget: serde_saphyr::budget! {
            max_events: usize::MAX,
            max_nodes: usize::MAX,
            max_depth: 64,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: REPEATED },
        emit_comments: false,
        with_snippet: false,
        strict_booleans: true,
    };
    serde_saphyr::with_deserializer_from_str_with_options(text, options, |deserializer| {
        seed.deserialize(deserializer)
    })
    .map_err(|error| {
        let message = error.render_with_formatter(&serde_saphyr::UserMessageFormatter);
        let Some(place) = error.location() else {
            return SyntaxError::new(text, None, &message);
        };
        let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let offset = start_of_line(text, number(place.line())).map(|start| {
            let (_, line) = text.split_at(start);
            let characters = line.chars().take(number(place.column()).saturating_sub(1));
            start + characters.map(char::len_utf8).sum::<usize>()
        });
        let suffix = format!(" at line {}, column {}", place.line(), place.column());
        let message = message.strip_suffix(&suffix).unwrap_or(&message);
        if let Some(word) = offset.and_then(|offset| unquoted_star(text, offset)) {
            let hint = format!("`*` begins an alias in YAML; quote it: `\"{word}\"`");
            return SyntaxError::new(text, offset, &hint);
        }
        SyntaxError::new(text, offset, message)
    })
}

/// Returns the word at an offset if it begins with a `*` that is a wildcard: the name of an alias begins with a letter or a digit.
#[cfg(feature = "yaml")]
fn unquoted_star(text: &str, offset: usize) -> Option<&str> {
    let ends = |character: char| character.is_whitespace() || matches!(character, ',' | ']' | '}');
    let word = text.get(offset..)?.split(ends).next()?;
    let name = word.strip_prefix('*')?;
    (!name.starts_with(char::is_alphanumeric)).then_some(word)
}

/// Returns the offset of a line, in bytes. The first line is 1.
#[cfg(any(feature = "json", feature = "yaml"))]
fn start_of_line(text: &str, number: usize) -> Option<usize> {
    let mut starts = std::iter::once(0).chain(text.match_indices('\n').map(|(index, _)| index + 1));
    starts.nth(number.checked_sub(1)?)
}
