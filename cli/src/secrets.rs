//! Values of header fields that must not be printed.

/// Returns the value of a header field as it may be printed: the value of a cookie or of `Authorization` is left out.
pub(crate) fn printable<'a>(name: &str, value: &'a str) -> &'a str {
    if is_secret(name) {
        "(not shown)"
    } else {
        value
    }
}

/// Returns true if a header field contains credentials: a cookie, `Authorization`, or a token by its name.
pub(crate) fn is_secret(name: &str) -> bool {
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
            assert_eq!(printable(name, "secret"), "(not shown)", "{name}");
        }
        for name in ["origin", "access-control-allow-origin", "content-type"] {
            assert_eq!(printable(name, "value"), "value", "{name}");
        }
    }
}
