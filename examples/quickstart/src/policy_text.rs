//! Parses the text of the editor, and reports all mistakes in it with their places.

use std::ops::Range;

use omnicors_core::{Fault, FaultCause, FaultKind, Policy, PolicyConfig, Setting};
use serde::Serialize;
use toml::de::{DeTable, DeValue};

/// The reason why the quick start does not accept `lookup_origins`.
pub(crate) const NO_LOOKUP: &str = "the quick start cannot look up origins; remove `lookup_origins`, and list the origins to try in \
     allow_origins; your own server sets it, and calls `lookup_origins(timeout, function)` on the adapter";

/// A syntax error, a fault of the policy, or a setting that the quick start does not support.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Mistake {
    /// A setting such as `allow_origins[2]`, or `line 3` for a syntax error.
    place: String,
    /// `syntax`, `unsupported`, or the kind of a fault.
    kind: &'static str,
    /// The faulty text, or an empty text if a setting is missing.
    text: String,
    reason: String,
    /// The text to write instead, if it is known.
    suggestion: Option<String>,
    /// The setting that permits an unsafe value.
    opt_out: Option<&'static str>,
    /// The place in the text, or `None` if a setting is missing.
    span: Option<Span>,
    /// The suggestion as TOML, which can replace the text at `span`.
    replacement: Option<String>,
}

/// A part of the text.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Span {
    /// The line of `start`, counted from 1.
    line: usize,
    /// The offset in UTF-16 code units, as in JavaScript. `end` has the same unit.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Parses a policy, or returns all mistakes. Faults are only reported if the text is valid TOML.
pub(crate) fn parse(text: &str) -> Result<Policy, Vec<Mistake>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let mut mistakes: Vec<_> = errors.iter().map(|error| syntax(text, error)).collect();
        // The errors after the first one of a line are usually its consequences.
        mistakes.dedup_by(|next, first| next.place == first.place);
        return Err(mistakes);
    }
    let config: PolicyConfig = toml::from_str(text).map_err(|error| vec![syntax(text, &error)])?;
    let lookup = looks_up(&config).then(|| lookup(text, table.get_ref()));
    match config.build() {
        Ok(policy) => lookup.map_or(Ok(policy), |lookup| Err(vec![lookup])),
        Err(error) => {
            let faults = error.faults().iter();
            let faults = faults.map(|fault| mistake(text, table.get_ref(), fault));
            Err(faults.chain(lookup).collect())
        }
    }
}

/// Returns true if the policy leaves origins to a lookup.
///
/// A layer with such a policy and without a lookup does not start, and a program for a framework would need one.
pub(crate) fn looks_up(config: &PolicyConfig) -> bool {
    *config != config.clone().lookup_origins(false)
}

fn lookup(text: &str, table: &DeTable<'_>) -> Mistake {
    let name = Setting::LookupOrigins.as_str();
    let value = table.get(name).map(|value| span(text, value.span()));
    Mistake {
        place: name.to_owned(),
        kind: "unsupported",
        text: String::new(),
        reason: NO_LOOKUP.to_owned(),
        suggestion: Some("false".to_owned()),
        opt_out: None,
        span: value,
        replacement: Some("false".to_owned()),
    }
}

fn syntax(text: &str, error: &toml::de::Error) -> Mistake {
    let span = error.span().map(|range| span(text, range));
    Mistake {
        place: span.as_ref().map_or_else(
            || "the text".to_owned(),
            |span| format!("line {}", span.line),
        ),
        kind: "syntax",
        text: String::new(),
        reason: error.message().to_owned(),
        suggestion: None,
        opt_out: None,
        span,
        replacement: None,
    }
}

/// Returns the name of the faulty setting as written in the text.
fn name(fault: &Fault) -> &str {
    match (fault.cause(), fault.setting()) {
        (FaultCause::UnknownSetting | FaultCause::Renamed, _) | (_, None) => fault.text(),
        (_, Some(setting)) => setting.as_str(),
    }
}

fn mistake(text: &str, table: &DeTable<'_>, fault: &Fault) -> Mistake {
    let (range, replacement) = find(table, fault).unzip();
    let items: Vec<&str> = fault.suggested_items().collect();
    Mistake {
        place: match fault.index() {
            Some(index) => format!("{}[{index}]", name(fault)),
            None => name(fault).to_owned(),
        },
        kind: match fault.kind() {
            FaultKind::Invalid => "invalid",
            FaultKind::Forbidden => "forbidden",
            FaultKind::Unsafe => "unsafe",
        },
        text: fault.text().to_owned(),
        reason: fault.cause().to_string(),
        suggestion: (!items.is_empty()).then(|| items.join(", ")),
        opt_out: fault.opt_out().map(Setting::as_str),
        span: range.map(|range| span(text, range)),
        replacement: replacement.flatten(),
    }
}

/// Returns the place of the faulty name or value, and its replacement.
fn find(table: &DeTable<'_>, fault: &Fault) -> Option<(Range<usize>, Option<String>)> {
    let (key, value) = table.get_key_value(name(fault))?;
    let items: Vec<&str> = fault.suggested_items().collect();
    let is_name = matches!(
        fault.cause(),
        FaultCause::UnknownSetting | FaultCause::Renamed
    );
    if is_name {
        return Some((key.span(), fault.suggestion().map(str::to_owned)));
    }
    let value = match (fault.index(), value.get_ref()) {
        (Some(index), DeValue::Array(items)) => items.get(index)?,
        // A single text with several items: the suggestion is for only one of them.
        (Some(_), _) => return Some((value.span(), None)),
        (None, _) => value,
    };
    let written = items.iter().map(|item| {
        if value.get_ref().is_str() {
            toml::Value::from(*item).to_string()
        } else {
            (*item).to_owned()
        }
    });
    let replacement = written.collect::<Vec<_>>().join(", ");
    Some((
        value.span(),
        Some(replacement).filter(|_| !items.is_empty()),
    ))
}

/// Converts a range of bytes.
pub(crate) fn span(text: &str, range: Range<usize>) -> Span {
    let before = |end: usize| text.get(..end).unwrap_or(text);
    let units = |end: usize| before(end).encode_utf16().count();
    Span {
        line: 1 + before(range.start).matches('\n').count(),
        start: units(range.start),
        end: units(range.end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Applies the replacement of a mistake, if there is one.
    fn with_replacement(text: &str, mistake: &Mistake) -> String {
        let mut units: Vec<u16> = text.encode_utf16().collect();
        if let Some((span, replacement)) = mistake.span.as_ref().zip(mistake.replacement.as_ref()) {
            units.splice(span.start..span.end, replacement.encode_utf16());
        }
        String::from_utf16(&units).unwrap()
    }

    #[test]
    fn every_fault_has_its_place_and_the_replacements_make_the_text_valid() {
        let text = "# Ünïcödé 🦀 before it\n\
                    allow_origins = [\n    \"https://Example.com/\",\n    'example.org',\n]\n\
                    allow_methods = [\"patch\"]\n\
                    preflight_status = 404\n\
                    max_age = 100000\n";
        let mistakes = parse(text).unwrap_err();
        let places: Vec<_> = mistakes
            .iter()
            .map(|mistake| {
                (
                    &*mistake.place,
                    mistake.kind,
                    mistake.span.as_ref().unwrap().line,
                )
            })
            .collect();
        assert_eq!(
            places,
            [
                ("allow_origins[0]", "invalid", 3),
                ("allow_origins[1]", "invalid", 4),
                ("allow_methods[0]", "invalid", 6),
                ("max_age", "invalid", 8),
                ("preflight_status", "invalid", 7),
            ]
        );
        assert_eq!(mistakes[0].text, "https://Example.com/");
        assert_eq!(
            mistakes[0].suggestion.as_deref(),
            Some("https://example.com")
        );
        // Applied one at a time, like clicks on the page, because each replacement moves the other places.
        let mut text = text.to_owned();
        while let Err(mistakes) = parse(&text) {
            let after = with_replacement(&text, &mistakes[0]);
            assert_ne!(after, text, "{mistakes:?}");
            text = after;
        }
        assert_eq!(
            text,
            "# Ünïcödé 🦀 before it\n\
             allow_origins = [\n    \"https://example.com\",\n    \"https://example.org\",\n]\n\
             allow_methods = [\"PATCH\"]\n\
             preflight_status = 204\n\
             max_age = 86400\n"
        );
    }

    #[test]
    fn an_item_that_contains_a_list_is_replaced_by_several_items() {
        let text = "allow_origins = [\"https://a.test\"]\nallow_methods = [\"get, put\"]\n";
        let after = with_replacement(text, &parse(text).unwrap_err()[0]);
        assert_eq!(
            after,
            "allow_origins = [\"https://a.test\"]\nallow_methods = [\"GET\", \"PUT\"]\n"
        );
    }

    #[test]
    fn an_unsafe_value_has_an_opt_out() {
        let mistakes = parse("allow_origins = [\"null\"]").unwrap_err();
        assert_eq!(mistakes.len(), 1);
        assert_eq!(mistakes[0].kind, "unsafe");
        assert_eq!(
            mistakes[0].opt_out,
            Some("dangerously_allow_opaque_origins")
        );
    }

    #[test]
    fn a_lookup_is_not_supported_and_is_reported_with_the_faults() {
        let text = "allow_origins = [\"https://a.test\"]\nallow_methods = [\"patch\"]\nlookup_origins = true\n";
        let mistakes = parse(text).unwrap_err();
        let found: Vec<_> = mistakes
            .iter()
            .map(|mistake| (&*mistake.place, mistake.kind))
            .collect();
        assert_eq!(
            found,
            [
                ("allow_methods[0]", "invalid"),
                ("lookup_origins", "unsupported")
            ]
        );
        assert_eq!(mistakes[1].reason, NO_LOOKUP);
        // Without the other fault.
        let text = text.replace("patch", "PATCH");
        let mistakes = parse(&text).unwrap_err();
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        let text = with_replacement(&text, &mistakes[0]);
        assert!(text.ends_with("\nlookup_origins = false\n"), "{text}");
        parse(&text).unwrap();
    }

    #[test]
    fn a_missing_setting_has_no_span() {
        let mistakes = parse("allow_methods = [\"PUT\"]").unwrap_err();
        assert_eq!(mistakes[0].place, "allow_origins");
        assert_eq!(mistakes[0].span, None);
    }

    #[test]
    fn a_syntax_error_has_its_line() {
        let text = "allow_origins = [\"https://a.test\"]\nallow_methods = [\"PUT\"\n";
        let mistakes = parse(text).unwrap_err();
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        assert_eq!(
            (mistakes[0].kind, &*mistakes[0].place),
            ("syntax", "line 2")
        );
    }

    #[test]
    fn a_syntax_error_is_reported_once_per_line() {
        let text = "allow_origins = [\"https://a.test\"\nallow_methods = [\"PUT\"]\n";
        let mistakes = parse(text).unwrap_err();
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        assert!(
            mistakes[0].reason.starts_with("missing comma"),
            "{mistakes:?}"
        );
    }

    #[test]
    fn unknown_names_and_wrong_types_are_reported_together() {
        let text = "allow_origins = \"https://A.test https://b.test\"\nallow_method = [\"PUT\"]\nmax_age = \"10m\"\n\
                    allow_credentials = 5\n";
        let mistakes = parse(text).unwrap_err();
        let found: Vec<_> = mistakes
            .iter()
            .map(|mistake| {
                let span = mistake.span.as_ref().unwrap();
                (&*mistake.place, span.line, mistake.replacement.as_deref())
            })
            .collect();
        assert_eq!(
            found,
            [
                ("allow_method", 2, Some("allow_methods")),
                ("allow_credentials", 4, None),
                ("max_age", 3, Some("\"600\"")),
                ("allow_origins[0]", 1, None),
            ]
        );
    }
}
