//! Which requests a page can make, which need a preflight, and the fields of the preflight.

use super::super::PageRequest;
use super::{MODES, ORIGIN, field_value, page, with_credentials};

#[test]
fn fetch_throws_for_a_forbidden_or_malformed_method() {
    for method in ["CONNECT", "trace", "Track", "", "A B", "A,B", "é", "Ā"] {
        assert!(!page(method).is_valid(), "{method:?}");
    }
    for method in ["GET", "patch", "*", "TRACER"] {
        assert!(page(method).is_valid(), "{method:?}");
    }
}

#[test]
fn fetch_throws_for_a_malformed_header_even_if_its_name_is_forbidden() {
    for (name, value) in [
        ("", "x"),
        ("a b", "x"),
        ("a:", "x"),
        ("é", "x"),
        ("a", "x\ny"),
        ("a", "x\0"),
        ("a", "Ā"),
        ("cookie", "x\ry"),
    ] {
        assert!(
            !page("GET").with_header(name, value).is_valid(),
            "{name:?}: {value:?}"
        );
    }
    for (name, value) in [
        ("a", ""),
        ("a", " x \r\n"),
        ("a", "\u{ff}\u{1}"),
        ("cookie", "x"),
        ("*", "x"),
    ] {
        assert!(
            page("GET").with_header(name, value).is_valid(),
            "{name:?}: {value:?}"
        );
    }
}

#[test]
#[should_panic(expected = "fetch() throws")]
fn an_invalid_request_has_no_preflight() {
    let _ = page("TRACE").preflight();
}

#[test]
fn forbidden_headers_are_dropped_silently() {
    let page = page("GET")
        .with_header("Cookie", "a=b")
        .with_header("Sec-Fetch-Site", "none")
        .with_header("Origin", "https://evil.test")
        .with_header("X-HTTP-Method-Override", "trace")
        .with_header("Access-Control-Request-Method", "PUT");
    assert!(page.is_valid());
    assert!(!page.needs_preflight());
    let (method, fields) = page.actual();
    assert_eq!(method, "GET");
    assert_eq!(
        fields,
        [
            ("accept".into(), b"*/*".to_vec()),
            ("origin".into(), ORIGIN.into())
        ]
    );
}

#[test]
fn a_method_override_with_an_allowed_method_is_not_forbidden() {
    let page = page("POST").with_header("X-HTTP-Method-Override", "PUT");
    assert_eq!(page.unsafe_header_names(), ["x-http-method-override"]);
}

#[test]
fn values_are_normalized_before_they_are_checked_and_sent() {
    let page = page("POST")
        .with_header("Content-Type", "\n text/plain\t\r")
        .with_header("Accept", "\u{e9}");
    assert!(!page.needs_preflight());
    let (_, fields) = page.actual();
    assert_eq!(
        field_value(&fields, "Content-Type"),
        Some(&b"text/plain"[..])
    );
    assert_eq!(field_value(&fields, "Accept"), Some(&b"\xe9"[..]));
    assert_eq!(field_value(&fields, "accept"), None);
}

#[test]
fn a_safelisted_method_with_safelisted_headers_needs_no_preflight() {
    for method in ["GET", "get", "HEAD", "pOsT"] {
        let page = page(method)
            .with_header("Accept", "text/html")
            .with_header("Range", "bytes=0-99");
        for mode in MODES {
            assert!(
                !page.clone().with_credentials(mode).needs_preflight(),
                "{method}"
            );
        }
    }
}

#[test]
fn any_other_method_needs_a_preflight() {
    for method in ["PUT", "delete", "PATCH", "patch", "OPTIONS", "QUERY", "*"] {
        assert!(page(method).needs_preflight(), "{method}");
    }
}

#[test]
fn an_unsafe_header_needs_a_preflight() {
    assert!(
        page("GET")
            .with_header("Authorization", "")
            .needs_preflight()
    );
    assert!(page("GET").with_header("X-Custom", "").needs_preflight());
    assert!(
        page("POST")
            .with_header("Content-Type", "application/json")
            .needs_preflight()
    );
}

#[test]
fn the_use_cors_preflight_flag_forces_a_preflight() {
    let page = PageRequest {
        use_cors_preflight: true,
        ..page("POST")
    };
    assert!(page.needs_preflight());
    let (_, fields) = page.preflight();
    assert_eq!(
        field_value(&fields, "access-control-request-method"),
        Some(&b"POST"[..])
    );
    assert_eq!(field_value(&fields, "access-control-request-headers"), None);
}

#[test]
fn a_preflight_names_the_method_and_the_unsafe_headers_sorted_without_spaces() {
    let page = with_credentials("put")
        .with_header("X-Zebra", "1")
        .with_header("content-type", "application/json")
        .with_header("Accept", "x")
        .with_header("Authorization", "Bearer x")
        .with_header("x-zebra", "2");
    let (method, fields) = page.preflight();
    assert_eq!(method, "OPTIONS");
    assert_eq!(
        fields,
        [
            ("accept".into(), b"*/*".to_vec()),
            ("access-control-request-method".into(), b"PUT".to_vec()),
            (
                "access-control-request-headers".into(),
                b"authorization,content-type,x-zebra".to_vec()
            ),
            ("origin".into(), ORIGIN.into()),
        ]
    );
}

#[test]
fn a_preflight_without_unsafe_headers_names_none() {
    let (_, fields) = page("PATCH").with_header("Accept", "x").preflight();
    assert_eq!(
        field_value(&fields, "access-control-request-method"),
        Some(&b"PATCH"[..])
    );
    assert_eq!(field_value(&fields, "access-control-request-headers"), None);
}

#[test]
fn the_actual_request_carries_the_headers_of_the_page_and_its_origin() {
    let mut page = page("delete")
        .with_header("X-A", "1")
        .with_header("x-a", "2")
        .with_header("Accept", "y");
    page.origin = "null".to_owned();
    let (method, fields) = page.actual();
    assert_eq!(method, "DELETE");
    assert_eq!(
        fields,
        [
            ("X-A".into(), b"1".to_vec()),
            ("X-A".into(), b"2".to_vec()),
            ("Accept".into(), b"y".to_vec()),
            ("origin".into(), b"null".to_vec()),
        ]
    );
}

#[test]
fn the_accept_field_of_the_browser_counts_as_a_safelisted_value() {
    let mut page = page("GET");
    for _ in 0..8 {
        page = page.with_header("Content-Language", &"a".repeat(127));
    }
    // 8 * 127 + 5 + 3 = 1024
    page = page.with_header("Accept-Language", "aaaaa");
    assert_eq!(page.unsafe_header_names(), [""; 0]);
    page.headers[8].1.push('a');
    assert_eq!(
        page.unsafe_header_names(),
        ["accept", "accept-language", "content-language"]
    );
}
