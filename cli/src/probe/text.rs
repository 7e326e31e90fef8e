//! Text of servers, made safe for a terminal.

use http::{HeaderName, HeaderValue};

use crate::secrets;
use crate::terminal::clean;

/// A longer value is cut when it is shown.
const SHOWN: usize = 600;

/// Returns a text on one line, cut if it is long.
pub(super) fn line(text: &str) -> String {
    let joined = text.replace('\n', " ");
    let line = clean(&joined);
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}… ({} bytes)", line.split_at(end).0, text.len()),
        None => line.into_owned(),
    }
}

/// Returns the value of a header as it is shown: without secrets.
pub(super) fn value(name: &HeaderName, value: &HeaderValue) -> String {
    let text = String::from_utf8_lossy(value.as_bytes());
    line(&secrets::printable(name.as_str(), &text))
}

/// Returns the name of a header in the usual form, such as `Access-Control-Allow-Origin`.
pub(super) fn name(name: &str) -> String {
    let mut shown = String::new();
    for (index, part) in name.split('-').enumerate() {
        if index > 0 {
            shown.push('-');
        }
        let mut characters = part.chars();
        shown.extend(characters.next().map(|first| first.to_ascii_uppercase()));
        shown.push_str(characters.as_str());
    }
    shown
}

#[cfg(test)]
mod tests {
    use http::header;

    use super::*;

    #[test]
    fn a_long_text_is_cut() {
        let long = line(&"é".repeat(100_000));
        assert!(long.len() < 2_000 && long.ends_with("… (200000 bytes)"));
    }

    #[test]
    fn secrets_are_hidden() {
        let secret = HeaderValue::from_static("session=secret; Path=/");
        for name in [
            header::COOKIE,
            header::AUTHORIZATION,
            header::SET_COOKIE,
            header::PROXY_AUTHORIZATION,
            HeaderName::from_static("x-api-key"),
        ] {
            assert!(!value(&name, &secret).contains("secret"), "{name}");
        }
        assert_eq!(value(&header::SET_COOKIE, &secret), "session=(hidden)");
        assert_eq!(value(&header::VARY, &secret), "session=secret; Path=/");
    }

    #[test]
    fn names_are_shown_in_the_usual_form() {
        assert_eq!(
            name("access-control-allow-origin"),
            "Access-Control-Allow-Origin"
        );
    }
}
