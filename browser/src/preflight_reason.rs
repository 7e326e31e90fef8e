//! The reasons why a request needs a preflight.

use std::fmt;

use crate::header_list::isomorphic_decode;
use crate::method;
use crate::request::Request;
use crate::request_header;

/// A reason why a request to another origin needs a preflight: [Main fetch](https://fetch.spec.whatwg.org/#main-fetch), step 12.
///
/// `Display` says what the browser would send without one.
///
/// # Examples
///
/// ```
/// use omnicors_browser::{Page, PreflightReason};
///
/// let page = Page::new("https://app.example")?;
/// let put = page.fetch("https://api.example/").method("PUT").header("content-type", "application/json");
/// let reasons = put.preflight_reasons();
/// assert_eq!(reasons[0], PreflightReason::Method("PUT".to_owned()));
/// assert!(reasons[1].to_string().starts_with("the header `content-type: application/json` is not safelisted"));
/// assert!(page.fetch("https://api.example/").preflight_reasons().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PreflightReason {
    /// The method is not a [CORS-safelisted method](https://fetch.spec.whatwg.org/#cors-safelisted-method).
    Method(String),
    /// The name of the header, in lower case, is not safelisted, whatever the value is.
    Header(String),
    /// The value of the header is not safelisted
    /// ([CORS-safelisted request-header](https://fetch.spec.whatwg.org/#cors-safelisted-request-header)).
    HeaderValue {
        /// The name, in lower case.
        name: String,
        /// The value.
        value: String,
    },
    /// The values of the safelisted headers have more than 1024 bytes together.
    HeadersTooLong(usize),
    /// The body is a stream, or `XMLHttpRequest.upload` has a listener.
    Upload,
}

/// The names that are safelisted if their value is.
const BY_VALUE: [&str; 5] = [
    "accept",
    "accept-language",
    "content-language",
    "content-type",
    "range",
];

/// The end of the text about a value with a CORS-unsafe request-header byte.
const UNSAFE_BYTE: &str = "; a value with one of `\"():<>?@[\\]{}` is not";

/// Returns the reasons why a request needs a preflight if it is sent to another origin.
pub(crate) fn reasons(request: &Request) -> Vec<PreflightReason> {
    let mut reasons = Vec::new();
    if request.use_cors_preflight {
        reasons.push(PreflightReason::Upload);
    }
    if !request.unsafe_request {
        return reasons;
    }
    if !method::is_safelisted(&request.method) {
        reasons.push(PreflightReason::Method(request.method.clone()));
    }
    let mut safelisted_size = 0;
    for (name, value) in &request.headers.0 {
        if request_header::is_safelisted(name, value) {
            safelisted_size += value.len();
            continue;
        }
        let name = isomorphic_decode(&name.to_ascii_lowercase());
        let reason = if BY_VALUE.contains(&name.as_str()) {
            let value = isomorphic_decode(value);
            PreflightReason::HeaderValue { name, value }
        } else {
            PreflightReason::Header(name)
        };
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    // [CORS-unsafe request-header names](https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names), step 5.
    if safelisted_size > 1024 {
        reasons.push(PreflightReason::HeadersTooLong(safelisted_size));
    }
    reasons
}

impl fmt::Display for PreflightReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method(method) => {
                write!(f, "the method `{method}` is not GET, HEAD or POST")
            }
            Self::Header(name) => write!(f, "the header `{name}` is not safelisted"),
            Self::HeaderValue { name, value } => {
                write!(f, "the header `{name}: {value}` is not safelisted")?;
                // The steps of "CORS-safelisted request-header". Each character of the value is a byte.
                if value.chars().count() > 128 {
                    return f.write_str("; only values of at most 128 bytes are");
                }
                f.write_str(match name.as_str() {
                    "accept" => UNSAFE_BYTE,
                    "content-type" if request_header::has_safelisted_essence(value) => UNSAFE_BYTE,
                    "content-type" => {
                        "; only `application/x-www-form-urlencoded`, `multipart/form-data` and `text/plain` are"
                    }
                    "range" if request_header::is_reversed_range(value) => {
                        "; a range that ends before it starts is not"
                    }
                    "range" => "; only one range with a start is, such as `bytes=0-99`",
                    _ => "; only letters, digits and ` *,-.;=` are",
                })
            }
            Self::HeadersTooLong(size) => write!(
                f,
                "the safelisted headers have {size} bytes together, more than 1024"
            ),
            Self::Upload => f.write_str(
                "the body is a stream, or the upload of the `XMLHttpRequest` has a listener",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Bytes, Exchange, ExchangeKind, Fetch, Page};

    fn texts(fetch: &Fetch) -> Vec<String> {
        let reasons = fetch.preflight_reasons();
        reasons.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_preflight_is_sent_exactly_if_there_is_a_reason() {
        let page = Page::new("https://app.example").unwrap();
        let fetch = || page.fetch("https://api.example/");
        let long = "a".repeat(128);
        let json = fetch().header("Content-Type", "application/json");
        let nine = (0..9).fold(fetch(), |fetch, _| fetch.header("accept", &long));
        // Fetch, "main fetch", step 12, and "CORS-safelisted request-header".
        for (case, expected) in [
            (fetch(), false),
            (
                fetch().method("POST").header("content-type", "text/plain"),
                false,
            ),
            (fetch().method("post"), false),
            (fetch().method("patch"), true),
            (fetch().method("PUT"), true),
            (fetch().header("X-Custom", "1"), true),
            (fetch().header("cookie", "dropped=1"), false),
            (fetch().header("accept", "text/html"), false),
            (fetch().header("accept", "("), true),
            (json, true),
            (fetch().header("accept-language", "de_DE"), true),
            (fetch().header("range", "bytes=-5"), true),
            (fetch().header("range", "bytes=0-5"), false),
            (nine, true),
            (fetch().header("accept", format!("{long}a")), true),
            (fetch().method("POST").upload_listener(), true),
            (page.event_source("https://api.example/"), false),
            (page.font("https://api.example/font"), false),
        ] {
            let mut server = |_: http::Request<Bytes>| http::Response::new("");
            let outcome = case.send_now(&mut server);
            let first = outcome.exchanges().first().map(Exchange::kind);
            assert_eq!(first == Some(ExchangeKind::Preflight), expected, "{case:?}");
            assert_eq!(!case.preflight_reasons().is_empty(), expected, "{case:?}");
        }
    }

    /// The steps of "CORS-safelisted request-header".
    #[test]
    fn a_reason_names_what_is_wrong_with_the_value() {
        let page = Page::new("https://app.example").unwrap();
        for (name, value, cause) in [
            (
                "content-type",
                "text/html",
                "only `application/x-www-form-urlencoded`, `multipart/form-data` and `text/plain` are",
            ),
            (
                "content-type",
                "text/plain; charset=\"utf-8\"",
                "a value with one of `\"():<>?@[\\]{}` is not",
            ),
            // Without the quotes, it is not safelisted either.
            (
                "content-type",
                "application/json; charset=\"utf-8\"",
                "only `application/x-www-form-urlencoded`, `multipart/form-data` and `text/plain` are",
            ),
            (
                "accept",
                "(",
                "a value with one of `\"():<>?@[\\]{}` is not",
            ),
            (
                "range",
                "bytes=5-1",
                "a range that ends before it starts is not",
            ),
            (
                "range",
                "bytes=10-9",
                "a range that ends before it starts is not",
            ),
            (
                "range",
                "bytes=-5",
                "only one range with a start is, such as `bytes=0-99`",
            ),
            (
                "range",
                "bytes=5-1,8-9",
                "only one range with a start is, such as `bytes=0-99`",
            ),
            (
                "range",
                "lines=5-1",
                "only one range with a start is, such as `bytes=0-99`",
            ),
            (
                "accept-language",
                "de_DE",
                "only letters, digits and ` *,-.;=` are",
            ),
            // 100 bytes, although the text has 200.
            (
                "content-language",
                &"\u{e9}".repeat(100),
                "only letters, digits and ` *,-.;=` are",
            ),
            (
                "content-type",
                &format!("text/plain; charset=\"{}\"", "a".repeat(128)),
                "only values of at most 128 bytes are",
            ),
        ] {
            let fetch = page.fetch("https://api.example/").header(name, value);
            assert_eq!(
                texts(&fetch),
                [format!(
                    "the header `{name}: {value}` is not safelisted; {cause}"
                )]
            );
        }
    }

    #[test]
    fn a_reason_names_the_method_and_the_header_but_not_a_secret() {
        let page = Page::new("https://app.example").unwrap();
        let fetch = page
            .fetch("https://api.example/")
            .method("PUT")
            .header("Authorization", "Bearer secret")
            .header("Content-Type", "application/json");
        assert_eq!(
            texts(&fetch),
            [
                "the method `PUT` is not GET, HEAD or POST",
                "the header `authorization` is not safelisted",
                "the header `content-type: application/json` is not safelisted; only `application/x-www-form-urlencoded`, \
                 `multipart/form-data` and `text/plain` are",
            ]
        );
    }
}
