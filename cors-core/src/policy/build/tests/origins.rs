//! Origins that are invalid.

use alloc::format;
use alloc::string::{String, ToString as _};

use super::{assert_fault, assert_is, fault, invalid, origins};
use crate::limits;
use crate::policy::{Fault, FaultCause, PolicyConfig};

/// An invalid origin, the first of the list: the reason, and what to write instead.
#[track_caller]
fn assert_invalid_origin(text: &str, reason: &str, fix: Option<&str>) {
    let write = fix.map_or_else(String::new, |fix| format!("; write `{fix}`"));
    let prints = format!("allow_origins[0]: `{text}` is invalid: {reason}{write}");
    assert_fault(origins([text]), invalid(&prints).fixed_by(fix));
}

#[test]
fn a_policy_without_any_origin_is_invalid() {
    assert_fault(
        PolicyConfig::new(),
        invalid(
            "allow_origins: invalid: no origin is allowed; list at least one, such as `https://example.com`, \
             or `*` for any origin",
        ),
    );
}

#[test]
fn origins_need_no_listing_where_something_else_allows_them() {
    let config = PolicyConfig::new;
    assert!(config().allow_origins_if(|_| true).build().is_ok());
    assert!(config().decide_origins_outside(true).build().is_ok());
    #[cfg(feature = "regex")]
    assert!(
        config()
            .allow_origin_regexes(["https://[ab]\\.test"])
            .build()
            .is_ok()
    );
}

#[test]
fn an_origin_that_is_nearly_right_gets_the_form_to_write() {
    assert_invalid_origin(
        "https://Example.com/",
        "it has an upper-case letter; browsers send lower case",
        Some("https://example.com"),
    );
    assert_invalid_origin(
        "example.com",
        "it has no scheme, such as `https://`",
        Some("https://example.com"),
    );
    assert_invalid_origin(
        "http://localhost:80",
        "it spells out the default port of its scheme; browsers leave it out",
        Some("http://localhost"),
    );
    assert_invalid_origin(
        "http://[0:0::1]",
        "its host is no IPv6 address as browsers write it: shortened, in lower case, in brackets (`[::1]`)",
        Some("http://[::1]"),
    );
    assert_invalid_origin(
        "https://münchen.example",
        "it is not ASCII; browsers send the ASCII form of a name (`xn--…`)",
        None,
    );
}

#[test]
fn each_way_to_get_an_origin_wrong_has_its_reason() {
    let path =
        "something follows the host; an origin has no path, query, fragment or trailing slash";
    let number = "its host ends in a number but is no IPv4 address in dotted decimals";
    let port = "its port is not a number from 1 to 65535 without leading zeros";
    for (text, reason, fix) in [
        ("https://example.com/", path, Some("https://example.com")),
        (
            "https://example.com/app?a#b",
            path,
            Some("https://example.com"),
        ),
        (
            "https://user@example.com",
            "it contains user information (`user@`)",
            Some("https://example.com"),
        ),
        (
            " https://example.com",
            "it contains a space or a control character",
            Some("https://example.com"),
        ),
        (
            "https://example.com.",
            "its host ends with a dot",
            Some("https://example.com"),
        ),
        (
            "https://.example.com",
            "its host has an empty label",
            Some("https://*.example.com"),
        ),
        ("https://", "it has no host", None),
        ("https://a`b.example", "``` does not belong in a host", None),
        ("http://127.1", number, Some("http://127.0.0.1")),
        ("http://256.0.0.1", number, None),
        ("https://example.com:", port, Some("https://example.com")),
        ("https://example.com:99999", port, None),
        (
            "ht_tp://example.com",
            "its scheme is not a lower-case letter followed by lower-case letters, digits, `+`, `-` or `.`",
            None,
        ),
    ] {
        assert_invalid_origin(text, reason, fix);
    }
    let long = "a".repeat(64);
    assert_invalid_origin(
        &format!("https://{long}.example"),
        "its host is longer than 253 bytes, or one of its labels longer than 63",
        None,
    );
    let fault = fault(origins([&*format!("https://{}", "a".repeat(600))]));
    assert!(
        fault
            .to_string()
            .ends_with("aaa…` is invalid: it is longer than 512 bytes")
    );
    assert_fault(
        origins([""]),
        invalid("allow_origins[0]: invalid: it is empty"),
    );
}

#[test]
fn each_way_to_get_a_wildcard_wrong_has_its_reason() {
    for (text, reason, fix) in [
        (
            "https://*.*.example.com",
            "a host can have one `*` only; `*.` covers any number of labels",
            Some("https://*.example.com"),
        ),
        (
            "*://example.com",
            "the scheme cannot be a wild card; list the origin once per scheme",
            Some("https://example.com"),
        ),
        (
            "https://*",
            "the host cannot be a wild card alone; any origin at all is written `*`",
            Some("*"),
        ),
        (
            "https://api.*.example.com",
            "a `*` can stand in the first label of the host only",
            None,
        ),
        (
            "https://example.com:80*",
            "a wild card for the port is `:*`, without digits",
            None,
        ),
        (
            "http://*.127.0.0.1",
            "an IP address has no labels for a `*` to stand for",
            None,
        ),
        (
            "https://*.a_b.example",
            "a `*` covers host names of letters, digits and inner hyphens only; \
             list an origin with `_`, or with `-` at the edge of a label, by itself",
            None,
        ),
        (
            "https://*.Example.com",
            "it has an upper-case letter; browsers send lower case",
            Some("https://*.example.com"),
        ),
    ] {
        assert_invalid_origin(text, reason, fix);
    }
}

#[test]
fn any_origin_stands_alone() {
    let expected = |index| {
        invalid(match index {
            0 => {
                "allow_origins[0]: `*` is invalid: it allows any origin, so that nothing beside it has a meaning; \
                 remove it or everything else"
            }
            _ => {
                "allow_origins[1]: `*` is invalid: it allows any origin, so that nothing beside it has a meaning; \
                 remove it or everything else"
            }
        })
    };
    assert_fault(origins(["*", "https://example.com"]), expected(0));
    assert_fault(origins(["https://example.com", "*"]), expected(1));
    assert_fault(origins(["*"]).allow_origins_if(|_| true), expected(0));
    assert_fault(origins(["*"]).decide_origins_outside(true), expected(0));
    #[cfg(feature = "regex")]
    assert_fault(
        origins(["*"]).allow_origin_regexes(["https://a\\.test"]),
        expected(0),
    );
    assert!(origins(["*", "*"]).build().is_ok());
}

#[test]
fn part_labels_of_very_many_lengths_are_invalid() {
    let patterns = |domain: &'static str| {
        (1..=limits::LABEL_SHAPES + 1)
            .map(move |length| format!("https://{}*{domain}", "a".repeat(length)))
    };
    let reason = "there are patterns with more than 16 different lengths before and behind the `*`, each of which costs \
                  a look-up";
    let text = format!("https://{}*", "a".repeat(limits::LABEL_SHAPES + 1));
    let under = format!(
        "allow_origins[16]: `{text}.example.com` is invalid: {reason}; allow `*.example.com`, or list origins one by one"
    );
    let alone =
        format!("allow_origins[16]: `{text}` is invalid: {reason}; list origins one by one");
    for (domain, prints) in [(".example.com", &under), ("", &alone)] {
        assert_fault(
            PolicyConfig::new().allow_origins(patterns(domain)),
            invalid(prints),
        );
    }
    let just_enough = patterns(".example.com").take(limits::LABEL_SHAPES);
    assert!(
        PolicyConfig::new()
            .allow_origins(just_enough)
            .build()
            .is_ok()
    );
}

#[test]
fn more_text_than_an_index_can_hold_would_be_invalid() {
    // Four gigabytes are too much for a test, but not what it would print.
    let fault = Fault {
        field: "allow_origins",
        index: Some(100_000_000),
        text: "https://example.com".to_string(),
        cause: FaultCause::TooManyOrigins,
        fix: None,
    };
    assert_is(
        &fault,
        invalid(
            "allow_origins[100000000]: `https://example.com` is invalid: the exact origins are longer than 4 GiB \
             together; use `decide_origins_outside`",
        ),
    );
}

#[test]
#[cfg(feature = "regex")]
fn a_regular_expression_that_does_not_parse_is_invalid() {
    assert_fault(
        PolicyConfig::new().allow_origin_regexes(["https://a\\.test", "https://("]),
        invalid(
            "allow_origin_regexes[1]: `https://(` is invalid: it is no regular expression: unclosed group",
        ),
    );
    // Commas and spaces are nothing special in one.
    assert_fault(
        PolicyConfig::new().allow_origin_regexes(["(a, b"]),
        invalid(
            "allow_origin_regexes[0]: `(a, b` is invalid: it is no regular expression: unclosed group",
        ),
    );
}

#[test]
#[cfg(feature = "regex")]
#[cfg_attr(miri, ignore = "compiles to the limit, which takes Miri too long")]
fn regular_expressions_that_grow_too_large_are_invalid() {
    assert_fault(
        PolicyConfig::new().allow_origin_regexes(["https://(.{1,100}){1,100}"]),
        invalid(
            "allow_origin_regexes: invalid: the regular expressions together would take more than 1 MiB when \
             compiled; use smaller repetitions",
        ),
    );
}

#[test]
#[cfg(feature = "regex")]
fn a_fault_beside_any_origin_is_not_passed_over() {
    let config = origins(["*"]).allow_origin_regexes(["("]);
    let error = config.build().unwrap_err();
    let fields = error.faults().iter().map(Fault::field);
    assert!(fields.eq(["allow_origins", "allow_origin_regexes"]));
}
