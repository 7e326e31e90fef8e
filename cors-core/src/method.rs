//! Methods, as Fetch has them: safelisted, forbidden, normalized.

/// Fetch, "CORS-safelisted method": a request with one of these is never denied for its method. Methods are
/// case-sensitive.
pub(crate) fn is_safelisted(method: &[u8]) -> bool {
    matches!(method, b"GET" | b"HEAD" | b"POST")
}

/// All of them.
pub(crate) const SAFELISTED: [&str; 3] = ["GET", "HEAD", "POST"];

/// Fetch, "forbidden method": a page cannot use these, in whatever case.
pub(crate) fn is_forbidden(method: &str) -> bool {
    ["CONNECT", "TRACE", "TRACK"]
        .iter()
        .any(|forbidden| forbidden.eq_ignore_ascii_case(method))
}

/// The method that was surely meant by one that differs from it in case only.
///
/// Fetch's "normalize" makes `put` `PUT` before it is sent, and leaves `patch` as it is: neither can ever match a
/// policy that lists it in lower case and means the standard one.
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
    fn forbidden_methods_are_forbidden_in_any_case_and_safelisted_ones_in_one() {
        assert!(is_forbidden("Trace") && is_forbidden("CONNECT") && !is_forbidden("TRACER"));
        assert!(is_safelisted(b"GET") && !is_safelisted(b"get") && !is_safelisted(b"PUT"));
    }
}
