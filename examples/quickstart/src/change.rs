//! The change of a policy's text that allows a denied request.

use std::ops::Range;

use omnicors_core::{Denial, Policy, RequestParts, Setting, Verdict, evaluate};
use serde::Serialize;
use toml_edit::{Array, DocumentMut, Item, Value};

use crate::policy_text::{self, Span, span};

/// A replacement of a part of the text.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Change {
    span: Span,
    replacement: String,
}

/// Returns the change that follows the suggestion for a denial. Returns `None` if there is no such change of the text alone, or if it
/// would not be valid, or would not get the request past this denial.
pub(crate) fn change(
    text: &str,
    request: &RequestParts<'_>,
    origin: Option<&str>,
    with_credentials: bool,
    denial: Denial<'_>,
) -> Option<Change> {
    let changed = changed_text(text, origin, denial)?;
    let policy = policy_text::parse(&changed).ok()?;
    if verdict(&policy, request, with_credentials) == Verdict::Denied(denial) {
        return None;
    }
    let (range, replacement) = difference(text, &changed);
    Some(Change {
        span: span(text, range),
        replacement: replacement.to_owned(),
    })
}

/// Returns the verdict of a browser that sends the request with or without credentials.
pub(crate) fn verdict<'a>(
    policy: &'a Policy,
    request: &RequestParts<'a>,
    with_credentials: bool,
) -> Verdict<'a> {
    let decision = evaluate(policy, request);
    if with_credentials {
        decision.verdict_with_credentials()
    } else {
        decision.verdict()
    }
}

fn changed_text(text: &str, origin: Option<&str>, denial: Denial<'_>) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    match denial {
        Denial::OriginNotAllowed => add_item(&mut document, Setting::AllowOrigins, origin?)?,
        Denial::MethodNotAllowed(method) => {
            let method = str::from_utf8(method).ok()?;
            add_item(&mut document, Setting::AllowMethods, method)?;
        }
        Denial::HeaderNotAllowed(name) => {
            let name = str::from_utf8(name).ok()?;
            add_item(&mut document, Setting::AllowHeaders, name)?;
        }
        // Only listed origins are allowed with credentials.
        Denial::CredentialsNotAllowed if allows_credentials(&document) => {
            add_item(&mut document, Setting::AllowOrigins, origin?)?;
        }
        Denial::CredentialsNotAllowed => {
            document.insert(Setting::AllowCredentials.as_str(), toml_edit::value(true));
        }
        _ => return None,
    }
    Some(document.to_string())
}

fn allows_credentials(document: &DocumentMut) -> bool {
    let value = document.get(Setting::AllowCredentials.as_str());
    value.and_then(Item::as_bool) == Some(true)
}

/// Adds an item to a list, in the layout of the list.
fn add_item(document: &mut DocumentMut, setting: Setting, item: &str) -> Option<()> {
    // A page can use `*` as the name of a method or header. In a policy, it would allow more than this name.
    if item.contains('*') {
        return None;
    }
    match document.entry(setting.as_str()) {
        toml_edit::Entry::Vacant(entry) => {
            entry.insert(toml_edit::value(Array::from_iter([item])));
        }
        toml_edit::Entry::Occupied(mut entry) => match entry.get_mut() {
            Item::Value(Value::Array(items)) => push(items, item),
            // A single text with several items.
            Item::Value(value) => {
                let list = format!("{}, {item}", value.as_str()?);
                let decor = value.decor().clone();
                *value = Value::from(list);
                *value.decor_mut() = decor;
            }
            _ => return None,
        },
    }
    Some(())
}

fn push(items: &mut Array, item: &str) {
    let last = items.len().checked_sub(1).and_then(|last| items.get(last));
    let Some(last) = last else {
        items.push(item);
        return;
    };
    let before = |value: &Value| Some(value.decor().prefix()?.as_str()?.to_owned());
    let mut prefix = before(last).unwrap_or_default();
    if items.len() == 1 && prefix.is_empty() {
        " ".clone_into(&mut prefix);
    }
    // Without the comments before the last item.
    if let Some(line) = prefix.rfind('\n') {
        prefix.drain(..line);
    }
    // A comment after the last item stays there.
    let trailing = items.trailing().as_str().unwrap_or_default().to_owned();
    if let Some((comment, rest)) = trailing.split_once('\n')
        && !comment.trim().is_empty()
    {
        prefix.insert_str(0, comment);
        items.set_trailing(format!("\n{rest}"));
    }
    let mut value = Value::from(item);
    value.decor_mut().set_prefix(prefix);
    items.push_formatted(value);
}

/// Returns the part of the text that differs, and what is there instead.
fn difference<'a>(before: &str, after: &'a str) -> (Range<usize>, &'a str) {
    let is_equal = |(a, b): &((usize, char), char)| a.1 == *b;
    let same = before.char_indices().zip(after.chars());
    let start: usize = same
        .take_while(is_equal)
        .map(|((_, char), _)| char.len_utf8())
        .sum();
    let (old, new) = (
        before.get(start..).unwrap_or_default(),
        after.get(start..).unwrap_or_default(),
    );
    let same = old.chars().rev().zip(new.chars().rev());
    let end: usize = same
        .take_while(|(a, b)| a == b)
        .map(|(char, _)| char.len_utf8())
        .sum();
    let replacement = new.get(..new.len() - end).unwrap_or_default();
    (start..before.len() - end, replacement)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://a.test";

    fn after(text: &str, change: &Change) -> String {
        let mut units: Vec<u16> = text.encode_utf16().collect();
        let new = change.replacement.encode_utf16();
        units.splice(change.span.start..change.span.end, new);
        String::from_utf16(&units).unwrap()
    }

    fn changed(
        text: &str,
        request: &RequestParts<'_>,
        origin: &str,
        with_credentials: bool,
    ) -> Option<String> {
        let policy = policy_text::parse(text).unwrap();
        let Verdict::Denied(denial) = verdict(&policy, request, with_credentials) else {
            panic!("the request is denied");
        };
        let change = change(text, request, Some(origin), with_credentials, denial)?;
        Some(after(text, &change))
    }

    fn preflight(method: &str) -> RequestParts<'_> {
        RequestParts::new("OPTIONS")
            .origin(ORIGIN)
            .request_method(method)
    }

    /// `PUT` in the second request is listed, so that only the header is denied.
    #[test]
    fn a_name_of_the_page_is_not_added_as_a_wildcard() {
        let text = format!("allow_origins = [\"{ORIGIN}\"]\nallow_methods = [\"PUT\"]\n");
        assert_eq!(changed(&text, &preflight("*"), ORIGIN, false), None);
        let header = preflight("PUT").request_headers("*");
        assert_eq!(changed(&text, &header, ORIGIN, false), None);
    }

    #[test]
    fn a_method_is_added_in_the_layout_of_the_list() {
        let origins = "# Ünïcödé 🦀\nallow_origins = [\"https://a.test\"]\n";
        for (list, expected) in [
            ("", "allow_methods = [\"PATCH\"]\n"),
            ("allow_methods = []\n", "allow_methods = [\"PATCH\"]\n"),
            (
                "allow_methods = [\"PUT\"] # these\n",
                "allow_methods = [\"PUT\", \"PATCH\"] # these\n",
            ),
            (
                "allow_methods = [\n    # one\n    'PUT',\n    'DELETE', # two\n]\nmax_age = 5\n",
                "allow_methods = [\n    # one\n    'PUT',\n    'DELETE', # two\n    \"PATCH\",\n]\nmax_age = 5\n",
            ),
            (
                "allow_methods = \"PUT, DELETE\" # these\n",
                "allow_methods = \"PUT, DELETE, PATCH\" # these\n",
            ),
        ] {
            let text = format!("{origins}{list}");
            let after = changed(&text, &preflight("PATCH"), ORIGIN, false);
            assert_eq!(after, Some(format!("{origins}{expected}")), "{list}");
        }
    }

    #[test]
    fn a_header_an_origin_and_credentials_are_added() {
        let text = "allow_origins = [\"https://a.test\"]\n";
        let header = preflight("POST").request_headers("x-other");
        assert_eq!(
            changed(text, &header, ORIGIN, false).unwrap(),
            format!("{text}allow_headers = [\"x-other\"]\n")
        );
        let other = RequestParts::new("GET").origin("http://b.test:8080");
        assert_eq!(
            changed(text, &other, "http://b.test:8080", false).unwrap(),
            "allow_origins = [\"https://a.test\", \"http://b.test:8080\"]\n"
        );
        let with_credentials = RequestParts::new("GET").origin(ORIGIN);
        assert_eq!(
            changed(text, &with_credentials, ORIGIN, true).unwrap(),
            format!("{text}allow_credentials = true\n")
        );
        // The policy allows credentials already, but not for all origins.
        let text = "allow_credentials = true\nallow_others_without_credentials = true\n";
        assert_eq!(
            changed(
                &format!("{text}allow_origins = [\"https://b.test\"]\n"),
                &with_credentials,
                ORIGIN,
                true
            )
            .unwrap(),
            format!("{text}allow_origins = [\"https://b.test\", \"https://a.test\"]\n")
        );
    }

    #[test]
    fn no_change_is_returned_if_it_would_be_a_fault() {
        // An insecure origin with credentials needs an opt-out.
        let text = "allow_origins = [\"https://a.test\"]\nallow_credentials = true\n";
        let insecure = RequestParts::new("GET").origin("http://b.test");
        assert_eq!(changed(text, &insecure, "http://b.test", false), None);
        let opaque = RequestParts::new("GET").origin("null");
        assert_eq!(changed(text, &opaque, "null", false), None);
        // Any origin with credentials needs one as well.
        let text = "allow_origins = [\"*\"]\n";
        let request = RequestParts::new("GET").origin(ORIGIN);
        assert_eq!(changed(text, &request, ORIGIN, true), None);
    }
}
