use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::fault_cause::FaultCause;
use super::faults::Faults;
use super::known_names::{hyphenated_header, is_known_header, is_known_method};
use super::names::NameList;
use super::setting::Setting;
use crate::header::{is_forbidden_request_header, is_forbidden_response_header, is_token};
use crate::method;

const METHODS: Setting = Setting::AllowMethods;

pub(super) fn build_methods(methods: Vec<String>, faults: &mut Faults) -> NameList {
    let mut checked = Vec::with_capacity(methods.len());
    for (index, method) in methods.into_iter().enumerate() {
        let Some(cause) = method_fault(&method) else {
            checked.push(method);
            continue;
        };
        let suggestion = method_suggestion(&method, &cause);
        faults.add(METHODS, Some(index), method, cause, suggestion);
    }
    NameList::of_methods(checked)
}

/// Returns true if a policy can list the method.
pub(crate) fn is_method_to_list(method: &str) -> bool {
    method_fault(method).is_none()
}

fn method_fault(method: &str) -> Option<FaultCause> {
    if !is_token(method.as_bytes()) || without_quotes(method) != method || method.contains('|') {
        Some(FaultCause::Method)
    } else if method::is_forbidden(method) {
        Some(FaultCause::ForbiddenMethod)
    } else if means_any(method) {
        Some(FaultCause::AnyName)
    } else if method::in_upper_case(method).is_some() {
        Some(FaultCause::MethodCase)
    } else {
        None
    }
}

fn method_suggestion(method: &str, cause: &FaultCause) -> Option<String> {
    /// Returns a single method in the form that has no fault.
    fn corrected(text: &str) -> Option<String> {
        let text = without_quotes(text);
        let text = method::in_upper_case(text).unwrap_or(text);
        method_fault(text).is_none().then(|| text.to_string())
    }
    match cause {
        FaultCause::AnyName => Some("*".to_string()),
        FaultCause::Method | FaultCause::MethodCase => {
            corrected(method).or_else(|| list_of(method, corrected, is_known_method))
        }
        _ => None,
    }
}

const REQUEST_HEADERS: Setting = Setting::AllowHeaders;

pub(super) fn build_request_headers(names: Vec<String>, faults: &mut Faults) -> NameList {
    let names = lower_case(names, REQUEST_HEADERS, faults, request_header_fault);
    NameList::new(names, Some("authorization"))
}

/// Returns true if a policy can list the name, in lower case, as a request header.
pub(crate) fn is_request_header_to_list(name: &str) -> bool {
    header_fault(name, request_header_fault).is_none()
}

/// Returns why a valid name is a fault as a request header.
fn request_header_fault(name: &str) -> Option<FaultCause> {
    if is_forbidden_request_header(name) {
        Some(FaultCause::ForbiddenRequestHeader)
    } else if name.starts_with("access-control-") && !name.starts_with("access-control-request-") {
        Some(FaultCause::HeaderOnWrongSide)
    } else {
        None
    }
}

const EXPOSED_HEADERS: Setting = Setting::ExposeHeaders;

pub(super) fn build_expose_headers(
    names: Vec<String>,
    credentials: bool,
    faults: &mut Faults,
) -> NameList {
    let names = lower_case(names, EXPOSED_HEADERS, faults, |name| {
        if name == "*" && credentials {
            Some(FaultCause::ExposeAnyWithCredentials)
        } else if is_forbidden_response_header(name) {
            Some(FaultCause::ForbiddenResponseHeader)
        } else if name.starts_with("access-control-request-") {
            Some(FaultCause::HeaderOnWrongSide)
        } else {
            None
        }
    });
    NameList::new(names, None)
}

/// Checks header names and returns them in lower case.
fn lower_case(
    names: Vec<String>,
    setting: Setting,
    faults: &mut Faults,
    check: impl Fn(&str) -> Option<FaultCause>,
) -> Vec<String> {
    let fault = |lower: &str| header_fault(lower, &check);
    let mut checked = Vec::with_capacity(names.len());
    for (index, name) in names.into_iter().enumerate() {
        let lower = name.to_ascii_lowercase();
        let Some(cause) = fault(&lower) else {
            checked.push(lower);
            continue;
        };
        let suggestion = match cause {
            FaultCause::AnyName => fault("*").is_none().then(|| "*".to_string()),
            FaultCause::HeaderName => header_suggestion(&lower, |text| fault(text).is_none()),
            _ => None,
        };
        faults.add(setting, Some(index), name, cause, suggestion);
    }
    checked
}

/// Returns why a name, in lower case, is a fault. `check` finds the faults of valid names.
fn header_fault(lower: &str, check: impl Fn(&str) -> Option<FaultCause>) -> Option<FaultCause> {
    if !is_token(lower.as_bytes()) || without_quotes(lower) != lower || lower.contains('|') {
        Some(FaultCause::HeaderName)
    } else {
        check(lower).or_else(|| means_any(lower).then_some(FaultCause::AnyName))
    }
}

/// Returns the name, or the list of names, that a text was probably meant as.
fn header_suggestion(lower: &str, is_valid: impl Fn(&str) -> bool) -> Option<String> {
    let corrected = |text: &str| {
        let text = without_quotes(text);
        // `content-type: application/json`, but not `https://example.com`
        let field = text
            .split_once(':')
            .filter(|(_, value)| !value.starts_with("//"));
        let name = field.map_or(text, |(name, _)| name.trim());
        let name = hyphenated_header(name).unwrap_or(name);
        is_valid(name).then(|| name.to_string())
    };
    let has_several = lower.contains([',', ';', '|']);
    let single = (!has_several).then(|| corrected(lower)).flatten();
    single.or_else(|| list_of(lower, corrected, is_known_header))
}

/// Returns true for a word that is a valid name, but was certainly meant as `*`.
fn means_any(name: &str) -> bool {
    ["all", "any"]
        .iter()
        .any(|word| word.eq_ignore_ascii_case(name))
}

/// Removes quotes and brackets around a name. Apostrophes and backticks are valid in a name, but not meant as a part of it if they
/// surround it.
fn without_quotes(text: &str) -> &str {
    text.trim().trim_matches(['"', '\'', '`', '[', ']']).trim()
}

/// Returns the items of a text such as `get;POST`, joined by commas, if all of them can be corrected. Items that are separated only by
/// spaces must be well-known, because `x tenant` may have been meant as `x-tenant`.
fn list_of(
    text: &str,
    corrected: impl Fn(&str) -> Option<String>,
    is_known: impl Fn(&str) -> bool,
) -> Option<String> {
    /// The longest list, in bytes, that is useful in a message of one line.
    const LONGEST: usize = 200;
    // A `|` is valid in a name, but was certainly meant as a separator.
    let has_commas = text.contains([',', ';', '|']);
    let mut items: Vec<String> = Vec::new();
    let parts = text.split(|character: char| match character {
        ',' | ';' | '|' => true,
        other => !has_commas && other.is_whitespace(),
    });
    let parts = parts.filter(|part| !without_quotes(part).is_empty());
    let mut length = 0;
    for part in parts {
        let item = corrected(part).filter(|item| has_commas || is_known(item))?;
        if !items.contains(&item) {
            length += item.len();
            if length > LONGEST {
                return None;
            }
            items.push(item);
        }
    }
    match &*items {
        [] => None,
        items => Some(items.join(", ")),
    }
}
