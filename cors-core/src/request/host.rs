//! The host that a request is for.

/// Splits the value of a `Host` field or of `:authority` into the host, without a dot at the end, and the port. Returns `None` if the port is
/// not a number from 0 to 65535.
///
/// The host is not checked: compare it, without ASCII case, with a host that is known to be valid. See [`matches_port`](crate::adapter::matches_port) for the port.
///
/// ```
/// use omnicors_core::adapter::split_host;
///
/// assert_eq!(split_host(b"api.example.:8080"), Some((b"api.example".as_slice(), Some(8080))));
/// assert_eq!(split_host(b"[::1]"), Some((b"[::1]".as_slice(), None)));
/// assert_eq!(split_host(b"api.example:x"), None);
/// ```
pub fn split_host(value: &[u8]) -> Option<(&[u8], Option<u16>)> {
    let (name, port) = match value.iter().rposition(|byte| *byte == b':') {
        // The last colon of an IPv6 address is inside the brackets.
        Some(colon) if !value.ends_with(b"]") => {
            let (name, port) = value.split_at(colon);
            (name, port.get(1..).unwrap_or_default())
        }
        _ => (value, &[][..]),
    };
    let port = match port {
        // RFC 3986, section 3.2.3: an empty port is the default port.
        [] => None,
        digits if digits.iter().all(u8::is_ascii_digit) => {
            Some(core::str::from_utf8(digits).ok()?.parse().ok()?)
        }
        _ => return None,
    };
    Some((name.strip_suffix(b".").unwrap_or(name), port))
}

/// Returns the value with a port if two values of `Host` and `:authority` are of the same host
/// ([RFC 9113, section 8.3.1](https://www.rfc-editor.org/rfc/rfc9113#section-8.3.1)): the case, a dot at the end and the default port of a
/// scheme do not matter.
///
/// ```
/// use omnicors_core::adapter::same_host;
///
/// assert_eq!(same_host(b"api.example", b"API.example:443"), Some(b"API.example:443".as_slice()));
/// assert_eq!(same_host(b"api.example", b"api.example:8443"), None);
/// ```
pub fn same_host<'a>(a: &'a [u8], b: &'a [u8]) -> Option<&'a [u8]> {
    if a.eq_ignore_ascii_case(b) {
        return Some(a);
    }
    let ((a_name, a_port), (b_name, b_port)) = (split_host(a)?, split_host(b)?);
    if !a_name.eq_ignore_ascii_case(b_name) {
        return None;
    }
    match (a_port, b_port) {
        (None, Some(80 | 443)) => Some(b),
        (Some(80 | 443), None) => Some(a),
        _ => (a_port == b_port).then_some(a),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_the_same_host_are_recognized() {
        for (a, b, same) in [
            ("api.example", "api.example", Some("api.example")),
            ("api.example", "API.example:443", Some("API.example:443")),
            ("api.example:80", "api.example", Some("api.example:80")),
            ("api.example.", "api.example:443", Some("api.example:443")),
            ("api.example:", "api.example", Some("api.example:")),
            (
                "api.example:0443",
                "api.example:443",
                Some("api.example:0443"),
            ),
            ("[::1]", "[::1]:443", Some("[::1]:443")),
            ("no host:x", "no host:x", Some("no host:x")),
            ("api.example:80", "api.example:443", None),
            ("api.example:8443", "api.example", None),
            ("api.example", "api.example.evil.example", None),
            ("api.example", "api.example:x", None),
            ("api.example", "", None),
        ] {
            let expected = same.map(str::as_bytes);
            assert_eq!(same_host(a.as_bytes(), b.as_bytes()), expected, "{a} {b}");
            let reversed = same_host(b.as_bytes(), a.as_bytes());
            assert_eq!(reversed.is_some(), same.is_some(), "{b} {a}");
        }
    }
}
