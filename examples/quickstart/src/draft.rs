//! The policy as it stands in the editor: text in which anything may be wrong, and what is wrong with it.

use std::ops::Range;

use omnicors_core::{Fault, FaultKind, Policy, PolicyConfig, Setting};
use serde::Serialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Something wrong with the text, and where.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Mistake {
    /// `allow_origins[2]`; or `line 3`, where it is no more than TOML.
    place: String,
    /// `syntax`, or the kind of a fault.
    kind: &'static str,
    /// The offending text, where there is one.
    text: String,
    reason: String,
    /// What to write instead, where that is known.
    fix: Option<String>,
    /// The setting that permits it all the same.
    opt_out: Option<&'static str>,
    /// Where it stands in the text, unless it is something missing.
    at: Option<Spot>,
    /// What makes of the text at that spot what the fix says.
    replacement: Option<String>,
}

/// A part of the text.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Spot {
    /// Counted from 1.
    line: usize,
    /// In UTF-16 code units, as JavaScript counts; the same for `end`.
    start: usize,
    end: usize,
}

/// Every mistake at once; but faults of a policy only once the text is TOML, and fits.
pub(crate) fn read(text: &str) -> Result<Policy, Vec<Mistake>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(errors.iter().map(|error| syntax(text, error)).collect());
    }
    let config: PolicyConfig = toml::from_str(text).map_err(|error| vec![syntax(text, &error)])?;
    config.build().map_err(|error| {
        let faults = error.faults().iter();
        faults
            .map(|fault| mistake(text, table.get_ref(), fault))
            .collect()
    })
}

fn syntax(text: &str, error: &toml::de::Error) -> Mistake {
    let at = error.span().map(|span| spot(text, span));
    Mistake {
        place: at.as_ref().map_or_else(
            || "the text".to_owned(),
            |spot| format!("line {}", spot.line),
        ),
        kind: "syntax",
        text: String::new(),
        reason: error.message().to_owned(),
        fix: None,
        opt_out: None,
        at,
        replacement: None,
    }
}

fn mistake(text: &str, table: &DeTable<'_>, fault: &Fault) -> Mistake {
    let value = find(table, fault);
    let items: Vec<&str> = fault.suggested_items().collect();
    let replacement = value.filter(|_| !items.is_empty()).map(|value| {
        let written = items.iter().map(|item| {
            if value.get_ref().is_str() {
                toml::Value::from(*item).to_string()
            } else {
                (*item).to_owned()
            }
        });
        written.collect::<Vec<_>>().join(", ")
    });
    Mistake {
        place: match fault.index() {
            Some(index) => format!("{}[{index}]", fault.setting()),
            None => fault.setting().to_string(),
        },
        kind: match fault.kind() {
            FaultKind::Invalid => "invalid",
            FaultKind::Forbidden => "forbidden",
            FaultKind::Unsafe => "unsafe",
        },
        text: fault.text().to_owned(),
        reason: fault.cause().to_string(),
        fix: (!items.is_empty()).then(|| items.join(", ")),
        opt_out: fault.opt_out().map(Setting::as_str),
        at: value.map(|value| spot(text, value.span())),
        replacement,
    }
}

/// The value that is at fault.
fn find<'t, 'i>(table: &'t DeTable<'i>, fault: &Fault) -> Option<&'t Spanned<DeValue<'i>>> {
    let value = table.get(fault.setting().as_str())?;
    match fault.index() {
        Some(index) => value.get_ref().as_array()?.get(index),
        None => Some(value),
    }
}

fn spot(text: &str, span: Range<usize>) -> Spot {
    let before = |end: usize| text.get(..end).unwrap_or(text);
    let units = |end: usize| before(end).encode_utf16().count();
    Spot {
        line: 1 + before(span.start).matches('\n').count(),
        start: units(span.start),
        end: units(span.end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text after every fix that there is has been applied, from the last to the first.
    fn mended(text: &str, mistakes: &[Mistake]) -> String {
        let mut units: Vec<u16> = text.encode_utf16().collect();
        for mistake in mistakes.iter().rev() {
            let Some((at, replacement)) = mistake.at.as_ref().zip(mistake.replacement.as_ref())
            else {
                continue;
            };
            units.splice(at.start..at.end, replacement.encode_utf16());
        }
        String::from_utf16(&units).unwrap()
    }

    #[test]
    fn every_fault_is_told_with_its_place_and_the_fixes_mend_the_text() {
        let text = "# Ünïcödé 🦀 before it\n\
                    allow_origins = [\n    \"https://Example.com/\",\n    'example.org',\n]\n\
                    allow_methods = [\"patch\"]\n\
                    preflight_status = 404\n\
                    max_age = 100000\n";
        let mistakes = read(text).unwrap_err();
        let places: Vec<_> = mistakes
            .iter()
            .map(|mistake| {
                (
                    &*mistake.place,
                    mistake.kind,
                    mistake.at.as_ref().unwrap().line,
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
        assert_eq!(mistakes[0].fix.as_deref(), Some("https://example.com"));
        // Backwards in the text is not backwards in the list: one at a time, as a reader clicks.
        let mut text = text.to_owned();
        while let Err(mistakes) = read(&text) {
            let after = mended(&text, &mistakes[..1]);
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
    fn a_list_in_one_text_is_replaced_by_its_items() {
        let text = "allow_origins = [\"https://a.test\"]\nallow_methods = [\"get, put\"]\n";
        let after = mended(text, &read(text).unwrap_err());
        assert_eq!(
            after,
            "allow_origins = [\"https://a.test\"]\nallow_methods = [\"GET\", \"PUT\"]\n"
        );
    }

    #[test]
    fn an_unsafe_setting_names_its_opt_out() {
        let mistakes = read("allow_origins = [\"null\"]").unwrap_err();
        assert_eq!(mistakes.len(), 1);
        assert_eq!(mistakes[0].kind, "unsafe");
        assert_eq!(
            mistakes[0].opt_out,
            Some("dangerously_allow_opaque_origins")
        );
    }

    #[test]
    fn what_is_missing_has_no_spot() {
        let mistakes = read("allow_methods = [\"PUT\"]").unwrap_err();
        assert_eq!(mistakes[0].place, "allow_origins");
        assert_eq!(mistakes[0].at, None);
    }

    #[test]
    fn a_mistake_in_the_toml_is_told_with_its_line() {
        for text in [
            "allow_origins = [\"https://a.test\"]\nallow_methods = [\"PUT\"\n",
            "allow_origins = [\"https://a.test\"]\nallow_method = [\"PUT\"]\n",
            "allow_origins = [\"https://a.test\"]\nallow_methods = \"PUT\"\n",
        ] {
            let mistakes = read(text).unwrap_err();
            assert_eq!(mistakes.len(), 1, "{mistakes:?}");
            assert_eq!(
                (mistakes[0].kind, &*mistakes[0].place),
                ("syntax", "line 2")
            );
        }
    }
}
