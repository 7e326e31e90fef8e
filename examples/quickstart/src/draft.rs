//! The policy as it stands in the editor: text in which anything may be wrong, and what is wrong with it.

use std::ops::Range;

use omnicors_core::{Fault, FaultCause, FaultKind, Policy, PolicyConfig, Setting};
use serde::Serialize;
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

/// The name in the text that has the fault.
fn name(fault: &Fault) -> &str {
    match (fault.cause(), fault.setting()) {
        (FaultCause::UnknownSetting | FaultCause::Renamed, _) | (_, None) => fault.text(),
        (_, Some(setting)) => setting.as_str(),
    }
}

fn mistake(text: &str, table: &DeTable<'_>, fault: &Fault) -> Mistake {
    let (span, replacement) = find(table, fault).unzip();
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
        fix: (!items.is_empty()).then(|| items.join(", ")),
        opt_out: fault.opt_out().map(Setting::as_str),
        at: span.map(|span| spot(text, span)),
        replacement: replacement.flatten(),
    }
}

/// Where the name or the value is that has the fault, and what replaces it.
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
        // Several items in one text: the suggestion is for one of them.
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
    fn a_syntax_error_has_its_line() {
        let text = "allow_origins = [\"https://a.test\"]\nallow_methods = [\"PUT\"\n";
        let mistakes = read(text).unwrap_err();
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        assert_eq!(
            (mistakes[0].kind, &*mistakes[0].place),
            ("syntax", "line 2")
        );
    }

    #[test]
    fn an_unknown_name_and_a_wrong_type_are_mistakes_beside_the_others() {
        let text = "allow_origins = \"https://A.test https://b.test\"\nallow_method = [\"PUT\"]\nmax_age = \"10m\"\n\
                    allow_credentials = 5\n";
        let mistakes = read(text).unwrap_err();
        let found: Vec<_> = mistakes
            .iter()
            .map(|mistake| {
                let at = mistake.at.as_ref().unwrap();
                (&*mistake.place, at.line, mistake.replacement.as_deref())
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
