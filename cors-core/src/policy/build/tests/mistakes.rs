//! Texts that are no origin: the reason, and the origin that was meant.

use alloc::format;
use alloc::string::{String, ToString as _};

use super::{assert_fault, fault, invalid, origins};

/// Asserts that a pattern is invalid, with this reason and suggestion.
#[track_caller]
fn assert_invalid_origin(text: &str, reason: &str, suggestion: Option<&str>) {
    let write = suggestion.map_or_else(String::new, |text| format!("; write `{text}`"));
    let prints = format!("allow_origins[0]: `{text}` is invalid: {reason}{write}");
    assert_fault(origins([text]), invalid(&prints).suggesting(suggestion));
}

#[test]
fn an_origin_that_is_nearly_valid_gets_a_suggestion() {
    assert_invalid_origin(
        "https://Example.com/",
        "origin has an upper-case letter; browsers send lower case",
        Some("https://example.com"),
    );
    assert_invalid_origin(
        "example.com",
        "origin does not begin with a scheme, such as `https://`",
        Some("https://example.com"),
    );
    assert_invalid_origin(
        "http://localhost:80",
        "origin contains the default port of its scheme; browsers omit it",
        Some("http://localhost"),
    );
    assert_invalid_origin(
        "http://[0:0::1]",
        "origin has an IPv6 address in a form that browsers do not send; they send it in brackets, compressed and in lower case (`[::1]`)",
        Some("http://[::1]"),
    );
    assert_invalid_origin(
        "https://münchen.example",
        "origin contains characters outside ASCII; browsers send the ASCII form of a name (`xn--…`)",
        Some("https://xn--mnchen-3ya.example"),
    );
}

#[test]
fn each_mistake_in_an_origin_has_its_reason() {
    let path =
        "origin has a path, query, fragment or trailing slash; it must end after the host or port";
    let number = "origin has a host that ends in a number but is not an IPv4 address of four decimal numbers (`127.0.0.1`)";
    let port = "origin has a port that is not a number from 1 to 65535 without leading zeros";
    for (text, reason, suggestion) in [
        ("https://example.com/", path, Some("https://example.com")),
        (
            "https://example.com/app?a#b",
            path,
            Some("https://example.com"),
        ),
        (
            "https://user@example.com",
            "origin has a user name before its host (`user@`); browsers do not send it",
            Some("https://example.com"),
        ),
        (
            " https://example.com",
            "origin contains a space or a control character",
            Some("https://example.com"),
        ),
        (
            "https://.example.com",
            "pattern has an empty label in its host: a dot at the beginning, or two dots in a row",
            Some("https://*.example.com"),
        ),
        ("https://", "origin has no host after its scheme", None),
        (
            "https://a%b.example",
            "origin has a `%` in its host, which a URL cannot contain there",
            None,
        ),
        ("app://", "origin has no host after its scheme", None),
        ("tauri://localhost/", path, Some("tauri://localhost")),
        (
            "htps://example.com",
            "pattern has a scheme that looks like a misspelled `http` or `https`",
            Some("https://example.com"),
        ),
        (
            "https://xn--99999999.example",
            "pattern has a label that begins with `xn--` but is not valid Punycode; no page has this origin",
            None,
        ),
        (
            "wss://example.com",
            "no page has an origin with this scheme; list the origin of the page that sends the request, such as \
             `https://example.com`",
            None,
        ),
        (
            "^https://example.com$",
            "pattern is a regular expression; move it to allow_origin_regexes, or write a pattern such as \
             `https://*.example.com`",
            None,
        ),
        (
            "https://${HOST}",
            "pattern contains a placeholder that was not replaced",
            None,
        ),
        (
            "'https://example.com',",
            "pattern has quotation marks or brackets around it, or a comma or semicolon after it",
            Some("https://example.com"),
        ),
        ("http://127.1", number, Some("http://127.0.0.1")),
        ("http://256.0.0.1", number, None),
        ("https://example.com:", port, Some("https://example.com")),
        ("https://example.com:99999", port, None),
        (
            "ht_tp://example.com",
            "origin has an invalid scheme; a scheme is a lower-case letter, followed by lower-case letters, digits, `+`, `-` and `.`",
            None,
        ),
    ] {
        assert_invalid_origin(text, reason, suggestion);
    }
    let fault = fault(origins([&*format!("https://{}", "a".repeat(600))]));
    assert!(
        fault
            .to_string()
            .ends_with("aaa…` is invalid: origin is longer than 512 bytes")
    );
    assert_fault(
        origins([""]),
        invalid("allow_origins[0]: invalid: origin is empty"),
    );
}

#[test]
fn each_mistake_in_a_wildcard_has_its_reason() {
    for (text, reason, suggestion) in [
        (
            "https://*.*.example.com",
            "pattern has more than one `*` in its host; one leading `*.` matches any number of labels",
            None,
        ),
        (
            "*://example.com",
            "pattern has a `*` in its scheme; list the origin once for each scheme",
            Some("https://example.com"),
        ),
        (
            "https://*",
            "pattern has only a `*` as its host; list each domain (`https://*.example.com`), or allow any origin with `*`",
            None,
        ),
        (
            "https://api.*.example.com",
            "pattern has a `*` outside the first label of its host; write it in the first label, as in `https://*.example.com`",
            None,
        ),
        (
            "https://example.com:80*",
            "pattern has a `*` and other characters in its port; write `:*` for any port",
            None,
        ),
        (
            "http://*.127.0.0.1",
            "pattern has a `*` in an IP address; a `*` works only in domain names, so list each address",
            None,
        ),
        (
            "https://*.a_b.example",
            "pattern has a `*` in a host that contains characters other than letters, digits, dots and inner hyphens, or that \
             ends with a dot; list such origins one by one",
            None,
        ),
        (
            "app://*.example.com",
            "pattern has a `*` in a part of its host or port, which works only for http and https; list such origins one by \
             one, or allow every host of the scheme, as in `moz-extension://*`",
            None,
        ),
        (
            "https://*.Example.com",
            "origin has an upper-case letter; browsers send lower case",
            Some("https://*.example.com"),
        ),
    ] {
        assert_invalid_origin(text, reason, suggestion);
    }
}

#[test]
fn a_host_or_a_path_that_resembles_a_range_of_addresses_is_not_one() {
    // The last label is not a number, so it is not an IPv4 address: https://url.spec.whatwg.org/#ends-in-a-number-checker
    for host in ["https://5.1-a", "https://1.a-2", "https://1-2.example"] {
        assert!(origins([host]).build().is_ok(), "{host}");
    }
    for (text, suggestion) in [
        ("https://0abc/24", "https://0abc"),
        ("https://0.example/24", "https://0.example"),
    ] {
        let fault = fault(origins([text]));
        assert_eq!(fault.suggestion(), Some(suggestion), "{fault}");
    }
}
