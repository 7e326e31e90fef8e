//! Values of header fields that must not be printed.

use std::borrow::Cow;

/// In the place of a value that must not be printed.
const HIDDEN: &str = "(hidden)";

/// Returns the value of a header field as it may be printed: the values of cookies and of `Authorization` are hidden. Of `Set-Cookie`, the
/// name of the cookie stays.
pub(crate) fn printable<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    if name.eq_ignore_ascii_case("set-cookie") {
        return cookie_name(value)
            .map_or(HIDDEN.into(), |cookie| format!("{cookie}={HIDDEN}").into());
    }
    if is_secret(name) {
        HIDDEN.into()
    } else {
        value.into()
    }
}

/// Returns the name of the cookie in a `Set-Cookie`, if it has one: a pair without `=` is a value without a name
/// ([RFC 6265bis](https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#section-5.6), step 4).
fn cookie_name(value: &str) -> Option<&str> {
    let pair = value.split(';').next()?;
    let (name, _) = pair.split_once('=')?;
    // What is not a token can contain the value of a cookie before it: recordings join fields with the same name.
    let is_token = |name: &str| {
        let is_allowed =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        !name.is_empty() && name.bytes().all(is_allowed)
    };
    Some(name.trim()).filter(|name| is_token(name))
}

/// Returns true if a header field contains credentials: a cookie, `Authorization`, or a token by its name.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let words = [
        "authorization",
        "cookie",
        "token",
        "secret",
        "password",
        "api-key",
        "apikey",
        "session",
        "csrf",
        "xsrf",
    ];
    words.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_not_printable() {
        for name in [
            "Cookie",
            "set-cookie",
            "Authorization",
            "Proxy-Authorization",
            "X-API-Key",
            "x-csrf-token",
        ] {
            assert_eq!(printable(name, "secret"), "(hidden)", "{name}");
        }
        for name in ["origin", "access-control-allow-origin", "content-type"] {
            assert_eq!(printable(name, "value"), "value", "{name}");
        }
    }

    #[test]
    fn only_the_name_of_a_cookie_is_printable() {
        for (value, expected) in [
            ("session=SECRET; Path=/", "session=(hidden)"),
            (" session = SECRET", "session=(hidden)"),
            ("session=SECRET=SECRET", "session=(hidden)"),
            ("__Host-id=SECRET; Secure", "__Host-id=(hidden)"),
            ("=SECRET; Path=/", "(hidden)"),
            ("SECRET\nb=2", "(hidden)"),
            ("SECRET, b=2", "(hidden)"),
            // Without `=`, these are values.
            ("SECRET; Path=/", "(hidden)"),
            ("SECRET", "(hidden)"),
            ("SECRET;", "(hidden)"),
            ("", "(hidden)"),
        ] {
            for name in ["Set-Cookie", "set-cookie"] {
                assert_eq!(printable(name, value), expected, "{value}");
            }
        }
    }
}
