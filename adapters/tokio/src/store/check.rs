use std::error::Error;
use std::fmt;

use omnicors_core::{Origin, OriginError, OriginPattern, OriginPatternError};

/// Parses an origin from a store. An origin that fails this check is never allowed, whatever the store contains.
///
/// A store contains the origins of single sites, exactly as a browser sends them: no patterns, and neither `null` nor `file://`, which
/// many unrelated pages share.
///
/// ```
/// use omnicors_tokio::check_stored_origin;
///
/// assert!(check_stored_origin("https://tenant.example").is_ok());
///
/// let error = check_stored_origin("https://*.example").unwrap_err();
/// assert_eq!(error.to_string(), "it is a pattern; a store contains origins of single sites");
/// ```
///
/// # Errors
///
/// If the text is not an origin, is a pattern, or is opaque.
pub fn check_stored_origin(text: &str) -> Result<Origin<'_>, StoredOriginError> {
    let cause = if text.contains('*') {
        Cause::Pattern
    } else if let Err(error) = OriginPattern::parse(text) {
        // It says what to write instead.
        Cause::NotListable(error)
    } else {
        match Origin::parse(text.as_bytes()) {
            Err(error) => Cause::NotAnOrigin(error),
            Ok(origin) if origin.is_opaque() => Cause::Opaque,
            Ok(origin) => return Ok(origin),
        }
    };
    Err(StoredOriginError { cause })
}

/// The reason why a store must not contain a text, returned by [`check_stored_origin`].
///
/// ```
/// use omnicors_tokio::{StoredOriginError, check_stored_origin};
///
/// let error: StoredOriginError = check_stored_origin("null").unwrap_err();
/// assert_eq!(error.to_string(), "many unrelated pages share it");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredOriginError {
    cause: Cause,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Cause {
    Pattern,
    NotListable(OriginPatternError),
    NotAnOrigin(OriginError),
    Opaque,
}

impl fmt::Display for StoredOriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Pattern => {
                f.write_str("it is a pattern; a store contains origins of single sites")
            }
            Cause::NotListable(error) => error.fmt(f),
            Cause::NotAnOrigin(error) => error.fmt(f),
            Cause::Opaque => f.write_str("many unrelated pages share it"),
        }
    }
}

impl Error for StoredOriginError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_as_a_browser_sends_it_passes() {
        for origin in [
            "https://tenant.example",
            "http://localhost:3000",
            "https://[::1]:8443",
            "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
        ] {
            assert!(check_stored_origin(origin).is_ok(), "{origin}");
        }
    }

    #[test]
    fn what_no_browser_sends_and_what_many_pages_send_fails() {
        for text in [
            "",
            "*",
            "null",
            "file://",
            "https://*.example",
            "https://Tenant.example",
            "https://tenant.example/",
            "https://tenant.example:443",
            "tenant.example",
            "https://tenant.example https://other.example",
            // A browser sends these, but a policy cannot list them.
            "https://tenant.example:0",
            "https://a..example",
        ] {
            assert!(check_stored_origin(text).is_err(), "{text}");
        }
    }
}
