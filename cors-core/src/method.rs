//! Methods in Fetch: safelisted, forbidden, and normalized.

/// Returns true for a [CORS-safelisted method](https://fetch.spec.whatwg.org/#cors-safelisted-method), which is always allowed. Methods are
/// case-sensitive.
pub(crate) fn is_safelisted(method: &[u8]) -> bool {
    matches!(method, b"GET" | b"HEAD" | b"POST")
}

/// The CORS-safelisted methods.
pub(crate) const SAFELISTED: [&str; 3] = ["GET", "HEAD", "POST"];

/// Returns true for a [forbidden method](https://fetch.spec.whatwg.org/#forbidden-method) in any case. Pages cannot use it.
pub(crate) fn is_forbidden(method: &str) -> bool {
    ["CONNECT", "TRACE", "TRACK"]
        .iter()
        .any(|forbidden| forbidden.eq_ignore_ascii_case(method))
}

/// Returns the registered method that differs from `method` only in case.
///
/// Browsers [normalize](https://fetch.spec.whatwg.org/#concept-method-normalize) `put` to `PUT`, but send `patch` unchanged. So a policy
/// that lists `put` never allows `PUT`, and one that lists `patch` does not allow `PATCH`.
pub(crate) fn in_upper_case(method: &str) -> Option<&'static str> {
    let registered = [
        "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY",
    ];
    registered
        .into_iter()
        .find(|upper| upper.eq_ignore_ascii_case(method) && *upper != method)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_in_another_case_is_recognized() {
        assert_eq!(in_upper_case("patch"), Some("PATCH"));
        assert_eq!(in_upper_case("Put"), Some("PUT"));
        assert_eq!(in_upper_case("PATCH"), None);
        assert_eq!(in_upper_case("purge"), None);
    }

    #[test]
    fn only_forbidden_methods_are_compared_case_insensitively() {
        assert!(is_forbidden("Trace") && is_forbidden("CONNECT") && !is_forbidden("TRACER"));
        assert!(is_safelisted(b"GET") && !is_safelisted(b"get") && !is_safelisted(b"PUT"));
    }
}
