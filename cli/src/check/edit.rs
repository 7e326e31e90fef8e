//! The changes that `--fix` makes: the suggestions that are unambiguous, and that do not allow more than was meant.

use std::ops::Range;

use omnicors_core::{Fault, FaultCause, Setting, Warning};
use omnicors_tokio::{FindingInFile, PolicyFileCheck, Problem};

use super::remove::remove;
use super::scalar::{Syntax, is_plain};

/// A part of a file, in bytes, and the text to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    pub(super) text: String,
    pub(super) kind: EditKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EditKind {
    /// Another value.
    Value,
    /// Another name of a setting. Its value was not checked before.
    Rename(Setting),
    /// An item is removed.
    Removal,
}

/// Returns the change for a finding, or `None` if a person must decide.
pub(super) fn edit(check: &PolicyFileCheck, finding: &FindingInFile) -> Option<Edit> {
    let syntax = if finding.is_in_list() {
        Syntax::List
    } else {
        Syntax::of(check.format())?
    };
    let text = check.text_of(finding);
    let range = finding.range()?;
    match finding.problem() {
        Problem::Fault(fault) => {
            let written = text.get(range.clone())?;
            let (text, kind) = replacement(fault, syntax, written)?;
            Some(Edit { range, text, kind })
        }
        Problem::Warning(warning) => {
            let item = safelisted(warning)?;
            let written = text.get(range.clone())?;
            let read = syntax.unquoted(written);
            let is_item = read
                .as_deref()
                .unwrap_or(written)
                .eq_ignore_ascii_case(item);
            if !is_item {
                return None;
            }
            let (range, text) = remove(text, range, syntax)?;
            Some(Edit {
                range,
                text,
                kind: EditKind::Removal,
            })
        }
        _ => None,
    }
}

/// Returns an item that can be left out because it is always allowed, whatever its value.
fn safelisted(warning: &Warning) -> Option<&str> {
    match warning {
        Warning::SafelistedMethod(item) | Warning::SafelistedResponseHeader(item) => Some(item),
        _ => None,
    }
}

fn replacement(fault: &Fault, syntax: Syntax, written: &str) -> Option<(String, EditKind)> {
    let setting = fault.setting()?;
    let suggestion = fault.suggestion()?;
    let read = syntax.unquoted(written);
    // Else the value is not the one that was found, for example because it contains an anchor of YAML.
    let is_the_value = read.as_deref() == Some(fault.text())
        || written == fault.text()
        || is_number(written, fault.text());
    if !is_the_value {
        return None;
    }
    let is_quoted = read.as_deref() == Some(fault.text());
    if matches!(
        fault.cause(),
        FaultCause::UnknownSetting | FaultCause::Renamed
    ) {
        if !is_rename(fault, suggestion) {
            return None;
        }
        let name = if is_quoted {
            syntax.quoted_like(written, suggestion)
        } else {
            suggestion.to_owned()
        };
        return Some((name, EditKind::Rename(setting)));
    }
    if is_opt_out(setting) || !is_meant(fault, setting, suggestion) {
        return None;
    }
    let is_item = fault.index().is_some() || setting == Setting::AllowOrigins;
    let text = if is_quoted && is_item {
        syntax.quoted_like(written, suggestion)
    } else if !is_item || syntax == Syntax::List || is_plain(suggestion) {
        // A number, `true` or `false` needs no quotes.
        suggestion.to_owned()
    } else {
        return None;
    };
    Some((text, EditKind::Value))
}

/// Returns true if a number is written with `_` between its digits, as TOML allows.
fn is_number(written: &str, text: &str) -> bool {
    written.replace('_', "") == text && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns true if the name differs from that of the setting only in its case, its separators or its number, or if it is an old name.
fn is_rename(fault: &Fault, suggestion: &str) -> bool {
    let letters = |name: &str| {
        let name: String = name
            .chars()
            .filter(|character| !matches!(character, '-' | '_'))
            .map(|character| character.to_ascii_lowercase())
            .collect();
        name.trim_end_matches('s').to_owned()
    };
    let is_same =
        *fault.cause() == FaultCause::Renamed || letters(fault.text()) == letters(suggestion);
    is_same && !fault.setting().is_some_and(is_opt_out)
}

/// Returns true if the setting turns a check off. Only a person writes these.
fn is_opt_out(setting: Setting) -> bool {
    setting.as_str().starts_with("dangerously_")
}

/// Returns true if the suggestion allows nothing that was perhaps not meant.
fn is_meant(fault: &Fault, setting: Setting, suggestion: &str) -> bool {
    let stars = |text: &str| text.matches('*').count();
    if stars(suggestion) > stars(fault.text()) {
        return false;
    }
    if setting != Setting::AllowOrigins {
        return true;
    }
    let written = fault.text().trim().trim_matches(['"', '\'', '`']);
    let after_scheme = written.split_once("://").map_or(written, |(_, rest)| rest);
    // An origin has all pages of the host, so a path may have been meant as a limit. And the name before an `@` may have been meant as
    // the host.
    !after_scheme
        .trim_end_matches('/')
        .contains(['/', '\\', '?', '#', '@'])
}
