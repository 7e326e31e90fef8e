//! Finds misspelled methods and header names by comparison with well-known ones.

use crate::edit_distance::differ_by_one;

/// Methods that a specification defines.
const METHODS: [&str; 15] = [
    "COPY", "DELETE", "GET", "HEAD", "LOCK", "MERGE", "MOVE", "OPTIONS", "PATCH", "POST",
    "PROPFIND", "PUT", "QUERY", "REPORT", "SEARCH",
];

/// Well-known header names, in lower case: standard ones that pages use, and a few others that most frameworks know.
const HEADERS: [&str; 59] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "accept-ranges",
    "age",
    "allow",
    "authorization",
    "baggage",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-location",
    "content-range",
    "content-type",
    "date",
    "deprecation",
    "dpop",
    "etag",
    "expires",
    "grpc-message",
    "grpc-status",
    "grpc-timeout",
    "idempotency-key",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "last-event-id",
    "last-modified",
    "link",
    "location",
    "pragma",
    "prefer",
    "preference-applied",
    "range",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "sentry-trace",
    "server-timing",
    "sunset",
    "traceparent",
    "tracestate",
    "upload-length",
    "upload-offset",
    "user-agent",
    "vary",
    "www-authenticate",
    "x-correlation-id",
    // Django and Angular spell it differently.
    "x-csrf-token",
    "x-csrftoken",
    "x-grpc-web",
    "x-request-id",
    "x-requested-with",
    "x-user-agent",
    "x-xsrf-token",
];

/// Returns true if the method is well-known, ignoring case.
pub(super) fn is_known_method(method: &str) -> bool {
    METHODS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(method))
}

/// Returns true if the header name, in lower case, is well-known.
pub(super) fn is_known_header(name: &str) -> bool {
    HEADERS.contains(&name)
}

/// Returns the well-known header name that equals the text after each space and `_` is replaced by `-`.
pub(super) fn hyphenated_header(text: &str) -> Option<&'static str> {
    let same = |known: &str| {
        let hyphenated = text.bytes().map(|byte| match byte {
            b' ' | b'_' => b'-',
            other => other.to_ascii_lowercase(),
        });
        known.bytes().eq(hyphenated)
    };
    HEADERS
        .into_iter()
        .find(|known| same(known) && *known != text)
}

/// Returns the well-known method that was probably meant, or `None` if the method is well-known itself.
pub(super) fn misspelled_method(method: &str) -> Option<&'static str> {
    if is_known_method(method) {
        return None;
    }
    near(&METHODS, &method.to_ascii_uppercase())
}

/// Returns the well-known header name that was probably meant, or `None` if the name, in lower case, is well-known itself.
pub(super) fn misspelled_header(name: &str) -> Option<&'static str> {
    if is_known_header(name) {
        return None;
    }
    hyphenated_header(name).or_else(|| near(&HEADERS, name))
}

/// Returns the known name that differs in one letter. Names of four letters are skipped, because too many of them are similar: `READ`
/// is not a misspelled `HEAD`. The first letter must match, because it is rarely misspelled: `BATCH` is not a misspelled `PATCH`.
fn near(known: &[&'static str], name: &str) -> Option<&'static str> {
    const SHORTEST: usize = 5;
    let first = name.as_bytes().first()?;
    let is_near = |known: &&&str| {
        known.len() >= SHORTEST
            && known.as_bytes().first() == Some(first)
            && differ_by_one(known, name)
    };
    known.iter().find(is_near).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_differs_in_one_letter_is_misspelled() {
        for (name, meant) in [
            ("authorisation", "authorization"),
            ("content-typ", "content-type"),
            ("contenttype", "content-type"),
            ("content-tpye", "content-type"),
            ("content_type", "content-type"),
            ("x_requested_with", "x-requested-with"),
            ("accept-range", "accept-ranges"),
            ("if-non-match", "if-none-match"),
        ] {
            assert_eq!(misspelled_header(name), Some(meant), "{name}");
        }
        for (name, meant) in [
            ("OPTION", "OPTIONS"),
            ("DELTE", "DELETE"),
            ("DELEET", "DELETE"),
            ("PATH", "PATCH"),
            ("option", "OPTIONS"),
        ] {
            assert_eq!(misspelled_method(name), Some(meant), "{name}");
        }
    }

    #[test]
    fn other_names_are_not_misspelled() {
        for name in HEADERS {
            assert_eq!(misspelled_header(name), None, "{name}");
        }
        for name in [
            "x-api-key",
            "x-app-key",
            "api-key",
            "x-tenant",
            "x_y",
            "x-request-ids-of",
            "rate",
            "links",
            "a",
            "*",
        ] {
            assert_eq!(misspelled_header(name), None, "{name}");
        }
        for method in ["READ", "BATCH", "PURGE", "SUBSCRIBE", "PUTS", "X", "*"] {
            assert_eq!(misspelled_method(method), None, "{method}");
        }
    }
}
