//! Methods, as in Fetch, [Methods](https://fetch.spec.whatwg.org/#methods).

use super::header_list::is_token;

/// Returns true for a method: "a byte sequence that matches the method token production".
pub(crate) fn is_method(method: &str) -> bool {
    is_token(method.as_bytes())
}

/// Returns true for a CORS-safelisted method: "a method that is `GET`, `HEAD`, or `POST`".
pub(crate) fn is_safelisted(method: &str) -> bool {
    ["GET", "HEAD", "POST"].contains(&method)
}

/// Returns true for `patch` in another case than that of `PATCH`. Methods are case-sensitive, and this one is not
/// [normalized](normalize).
pub(crate) fn is_misspelled_patch(method: &str) -> bool {
    method.eq_ignore_ascii_case("PATCH") && method != "PATCH"
}

/// Returns true for a forbidden method: "a byte-case-insensitive match for `CONNECT`, `TRACE`, or `TRACK`".
pub(crate) fn is_forbidden(method: &str) -> bool {
    ["CONNECT", "TRACE", "TRACK"]
        .iter()
        .any(|forbidden| method.eq_ignore_ascii_case(forbidden))
}

/// Normalizes a method: "if it is a byte-case-insensitive match for …, byte-uppercase it". `PATCH` is not in this list.
pub(crate) fn normalize(method: &str) -> String {
    let normalized = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];
    if normalized
        .iter()
        .any(|name| method.eq_ignore_ascii_case(name))
    {
        method.to_ascii_uppercase()
    } else {
        method.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_six_common_methods_are_normalized_and_no_other() {
        for (written, sent) in [
            ("delete", "DELETE"),
            ("gEt", "GET"),
            ("head", "HEAD"),
            ("Options", "OPTIONS"),
            ("post", "POST"),
            ("put", "PUT"),
            ("patch", "patch"),
            ("PATCH", "PATCH"),
            ("query", "query"),
            ("chicken", "chicken"),
            ("", ""),
        ] {
            assert_eq!(normalize(written), sent);
        }
    }

    #[test]
    fn connect_trace_and_track_are_forbidden_in_any_case() {
        for method in ["CONNECT", "TRACE", "TRACK", "connect", "tRaCe", "Track"] {
            assert!(is_forbidden(method), "{method}");
        }
        for method in ["GET", "TRACES", "CONNEC", ""] {
            assert!(!is_forbidden(method), "{method}");
        }
    }

    #[test]
    fn only_get_head_and_post_are_safelisted_and_only_in_upper_case() {
        for method in ["GET", "HEAD", "POST"] {
            assert!(is_safelisted(method), "{method}");
        }
        for method in ["get", "OPTIONS", "PUT", "DELETE", "PATCH", "QUERY"] {
            assert!(!is_safelisted(method), "{method}");
        }
    }

    #[test]
    fn a_method_is_a_token() {
        for method in ["GET", "eGg", "*", "a-b", "!#$%&'*+-.^_`|~09azAZ"] {
            assert!(is_method(method), "{method}");
        }
        for method in [
            "", " GET", "GET ", "A B", "A,B", "A\tB", "A\n", "\"A\"", "É", "A/B", "A:B", "(A)",
            "\u{7f}",
        ] {
            assert!(!is_method(method), "{method:?}");
        }
    }
}
