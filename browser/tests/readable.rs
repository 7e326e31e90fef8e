//! The headers and the timing that a page can read.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod shared;

use shared::asking::{ORIGIN, allow, opaque_request, request, with_credentials};
use shared::respond;

#[test]
fn seven_response_headers_are_readable_without_being_exposed() {
    let response = respond(
        200,
        &[
            ("Access-Control-Allow-Origin", "*"),
            ("Pragma", ""),
            ("Last-Modified", ""),
            ("EXPIRES", ""),
            ("content-type", ""),
            ("Content-Length", ""),
            ("Content-Language", ""),
            ("Cache-Control", ""),
            ("ETag", ""),
            ("Location", ""),
            ("Set-Cookie", ""),
        ],
    );
    assert_eq!(
        request("GET").readable_headers(&response),
        [
            "cache-control",
            "content-language",
            "content-length",
            "content-type",
            "expires",
            "last-modified",
            "pragma"
        ]
    );
}

#[test]
fn exposed_headers_are_readable_if_present() {
    let response = allow(&[
        ("X-A", "1"),
        ("x-a", "2"),
        ("X-B", ""),
        ("X-C", ""),
        ("Access-Control-Expose-Headers", "x-b, X-Absent"),
        ("access-control-expose-headers", "X-a"),
    ]);
    for page in [request("GET"), with_credentials("GET")] {
        assert_eq!(page.readable_headers(&response), ["x-a", "x-b"]);
    }
}

#[test]
fn the_expose_wildcard_is_a_literal_with_credentials() {
    let response = allow(&[
        ("X-A", ""),
        ("*", ""),
        ("Access-Control-Expose-Headers", "y,*"),
    ]);
    assert_eq!(
        request("GET").readable_headers(&response),
        [
            "*",
            "access-control-allow-credentials",
            "access-control-allow-origin",
            "access-control-expose-headers",
            "x-a"
        ]
    );
    assert_eq!(with_credentials("GET").readable_headers(&response), ["*"]);
}

#[test]
fn cookies_are_never_readable() {
    for exposed in ["Set-Cookie, Set-Cookie2, x-a", "*, Set-Cookie"] {
        let response = respond(
            200,
            &[
                ("Access-Control-Allow-Origin", "*"),
                ("SET-COOKIE", "a=b"),
                ("set-cookie2", "a=b"),
                ("x-a", ""),
                ("Access-Control-Expose-Headers", exposed),
            ],
        );
        let readable = request("GET").readable_headers(&response);
        assert!(readable.contains(&"x-a".to_owned()));
        assert!(
            !readable.iter().any(|name| name.starts_with("set-cookie")),
            "{readable:?}"
        );
    }
}

#[test]
fn a_malformed_expose_list_exposes_nothing() {
    for exposed in ["x-a, \"x-b\"", "x-a x-b", "*, x y"] {
        let response = allow(&[
            ("X-A", ""),
            ("Pragma", ""),
            ("Access-Control-Expose-Headers", exposed),
        ]);
        assert_eq!(
            request("GET").readable_headers(&response),
            ["pragma"],
            "{exposed}"
        );
    }
}

#[test]
fn no_header_of_a_blocked_response_is_readable() {
    let response = respond(
        200,
        &[("Pragma", ""), ("Access-Control-Expose-Headers", "*")],
    );
    assert_eq!(request("GET").readable_headers(&response), [""; 0]);
}

#[test]
fn a_list_with_the_origin_or_the_wildcard_allows_timing() {
    let timing = |values: &[&str]| {
        let fields: Vec<(&str, &str)> = values
            .iter()
            .map(|value| ("timing-Allow-origin", *value))
            .collect();
        with_credentials("GET").timing_allowed(&allow(&fields))
    };
    for values in [
        &[ORIGIN][..],
        &["*"],
        &["https://other.test, https://example.com"],
        &["https://other.test", "https://example.com"],
        &["https://other.test ,\t* "],
        &["\"a,b\",https://example.com"],
    ] {
        assert!(timing(values), "{values:?}");
    }
    for values in [
        &[][..],
        &[""],
        &["null"],
        &["https://example.com/"],
        &["https://Example.com"],
        &["https://example.com https://other.test"],
        &["\"https://example.com\""],
        &["\"", "https://example.com"],
    ] {
        assert!(!timing(values), "{values:?}");
    }
    assert!(opaque_request("GET").timing_allowed(&respond(
        200,
        &[
            ("Access-Control-Allow-Origin", "*"),
            ("Timing-Allow-Origin", "null")
        ]
    )));
}
