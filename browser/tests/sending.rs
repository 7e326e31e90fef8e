//! The requests that a page can make, the preflights that they need, and the headers that are sent.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod shared;

use shared::asking::{MODES, ORIGIN, opaque_request, request, value_of, with_credentials};

#[test]
fn fetch_throws_for_a_forbidden_or_malformed_method() {
    for method in ["CONNECT", "trace", "Track", "", "A B", "A,B", "é", "Ā"] {
        assert!(!request(method).is_valid(), "{method:?}");
    }
    for method in ["GET", "patch", "*", "TRACER"] {
        assert!(request(method).is_valid(), "{method:?}");
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
            !request("GET").header(name, value).is_valid(),
            "{name:?}: {value:?}"
        );
    }
    for (name, value) in [
        ("a", ""),
        ("a", " x \r\n"),
        ("a", "\u{ff}"),
        ("cookie", "x"),
        ("*", "x"),
    ] {
        assert!(
            request("GET").header(name, value).is_valid(),
            "{name:?}: {value:?}"
        );
    }
}

#[test]
fn forbidden_headers_are_dropped_silently() {
    let page = request("GET")
        .header("Cookie", "a=b")
        .header("Sec-Fetch-Site", "none")
        .header("Origin", "https://evil.test")
        .header("X-HTTP-Method-Override", "trace")
        .header("Access-Control-Request-Method", "PUT");
    assert!(page.is_valid());
    assert!(!page.needs_preflight());
    let (method, fields) = page.actual();
    assert_eq!(method, "GET");
    assert_eq!(
        fields,
        [
            ("accept".into(), "*/*".into()),
            ("origin".into(), ORIGIN.into())
        ]
    );
}

#[test]
fn a_method_override_with_an_allowed_method_is_not_forbidden() {
    let page = request("POST").header("X-HTTP-Method-Override", "PUT");
    assert_eq!(page.unsafe_header_names(), ["x-http-method-override"]);
}

#[test]
fn values_are_normalized_before_they_are_checked_and_sent() {
    let page = request("POST")
        .header("Content-Type", "\n text/plain\t\r")
        .header("Accept", "\u{e9}");
    assert!(!page.needs_preflight());
    let (_, fields) = page.actual();
    assert_eq!(value_of(&fields, "content-type"), Some("text/plain"));
    // One byte, which is not valid UTF-8.
    assert_eq!(value_of(&fields, "accept"), Some("\u{fffd}"));
}

#[test]
fn a_safelisted_method_with_safelisted_headers_needs_no_preflight() {
    for method in ["GET", "get", "HEAD", "pOsT"] {
        let page = request(method)
            .header("Accept", "text/html")
            .header("Range", "bytes=0-99");
        for mode in MODES {
            assert!(
                !page.clone().credentials(mode).needs_preflight(),
                "{method}"
            );
        }
    }
}

#[test]
fn any_other_method_needs_a_preflight() {
    for method in ["PUT", "delete", "PATCH", "patch", "OPTIONS", "QUERY", "*"] {
        assert!(request(method).needs_preflight(), "{method}");
    }
}

#[test]
fn an_unsafe_header_needs_a_preflight() {
    assert!(request("GET").header("Authorization", "").needs_preflight());
    assert!(request("GET").header("X-Custom", "").needs_preflight());
    assert!(
        request("POST")
            .header("Content-Type", "application/json")
            .needs_preflight()
    );
}

#[test]
fn the_use_cors_preflight_flag_forces_a_preflight() {
    let page = request("POST").upload_listener();
    assert!(page.needs_preflight());
    let (_, fields) = page.preflight();
    assert_eq!(
        value_of(&fields, "access-control-request-method"),
        Some("POST")
    );
    assert_eq!(value_of(&fields, "access-control-request-headers"), None);
}

#[test]
fn a_preflight_names_the_method_and_the_unsafe_headers_sorted_without_spaces() {
    let page = with_credentials("put")
        .header("X-Zebra", "1")
        .header("content-type", "application/json")
        .header("Accept", "x")
        .header("Authorization", "Bearer x")
        .header("x-zebra", "2");
    let (method, fields) = page.preflight();
    assert_eq!(method, "OPTIONS");
    assert_eq!(
        fields,
        [
            ("accept".into(), "*/*".into()),
            ("access-control-request-method".into(), "PUT".into()),
            (
                "access-control-request-headers".into(),
                "authorization,content-type,x-zebra".into()
            ),
            ("origin".into(), ORIGIN.into()),
        ]
    );
}

#[test]
fn a_preflight_without_unsafe_headers_names_none() {
    let (_, fields) = request("PATCH").header("Accept", "x").preflight();
    assert_eq!(
        value_of(&fields, "access-control-request-method"),
        Some("PATCH")
    );
    assert_eq!(value_of(&fields, "access-control-request-headers"), None);
}

#[test]
fn the_actual_request_carries_the_headers_of_the_page_and_its_origin() {
    let page = opaque_request("delete")
        .header("X-A", "1")
        .header("x-a", "2")
        .header("Accept", "y");
    let (method, fields) = page.actual();
    assert_eq!(method, "DELETE");
    assert_eq!(
        fields,
        [
            ("x-a".into(), "1".into()),
            ("x-a".into(), "2".into()),
            ("accept".into(), "y".into()),
            ("origin".into(), "null".into()),
        ]
    );
}

#[test]
fn the_accept_field_of_the_browser_counts_as_a_safelisted_value() {
    let mut page = request("GET");
    for _ in 0..8 {
        page = page.header("Content-Language", &"a".repeat(127));
    }
    // 8 * 127 + 5 + 3 = 1024
    let at_limit = page.clone().header("Accept-Language", "aaaaa");
    assert_eq!(at_limit.unsafe_header_names(), [""; 0]);
    let above = page.header("Accept-Language", "aaaaaa");
    assert_eq!(
        above.unsafe_header_names(),
        ["accept", "accept-language", "content-language"]
    );
}
