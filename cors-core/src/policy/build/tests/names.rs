//! Methods, header names, and the other settings.

use alloc::format;
use alloc::string::String;
use core::time::Duration;

use super::{assert_fault, config, faults, forbidden, invalid};
use crate::limits;
use crate::policy::Fault;

#[test]
fn a_method_that_is_no_token_is_invalid() {
    let reason =
        "it is no method: that is one word of letters, digits, `-`, `_` and a few more signs";
    for (text, fix) in [
        (" put ", Some("PUT")),
        ("purge ", Some("purge")),
        ("PUT:", None),
        ("trace ", None),
        ("ü", None),
    ] {
        let write = fix.map_or_else(String::new, |fix| format!("; write `{fix}`"));
        let prints = format!("allow_methods[0]: `{text}` is invalid: {reason}{write}");
        assert_fault(
            config().allow_methods([text]),
            invalid(&prints).fixed_by(fix),
        );
    }
    assert_fault(
        config().allow_methods([""]),
        invalid(&format!("allow_methods[0]: invalid: {reason}")),
    );
}

#[test]
fn a_standard_method_in_lower_case_is_invalid() {
    assert_fault(
        config().allow_methods(["PUT", "patch"]),
        invalid("allow_methods[1]: `patch` is invalid: methods are case-sensitive; write `PATCH`")
            .fixed_by("PATCH"),
    );
    // One of nobody's standard is taken as it is.
    assert!(config().allow_methods(["purge"]).build().is_ok());
}

#[test]
fn a_method_beyond_the_limit_of_requests_is_invalid() {
    let longest = "A".repeat(limits::REQUEST_METHOD);
    assert!(config().allow_methods([&longest]).build().is_ok());
    assert_fault(
        config().allow_methods([format!("{longest}A")]),
        invalid(&format!(
            "allow_methods[0]: `{longest}A` is invalid: it is longer than the 64 bytes that are read of a method"
        )),
    );
}

#[test]
fn a_method_that_no_page_can_use_is_forbidden() {
    for method in ["CONNECT", "TRACE", "TRACK", "trace"] {
        assert_fault(
            config().allow_methods([method]),
            forbidden(&format!(
                "allow_methods[0]: `{method}` is forbidden: no page can use this method (Fetch, \"forbidden \
                 method\"); remove it"
            )),
        );
    }
}

#[test]
fn a_header_name_that_is_no_token_is_invalid() {
    let reason =
        "it is no header name: that is one word of letters, digits, `-`, `_` and a few more signs";
    for (text, fix) in [
        ("Content-Type:", Some("content-type")),
        (" X-A", Some("x-a")),
        // What it would be is forbidden.
        ("Set-Cookie:", None),
        ("(x)", None),
    ] {
        for (field, config) in [
            ("allow_headers", config().allow_headers([text])),
            ("expose_headers", config().expose_headers([text])),
        ] {
            let write = fix.map_or_else(String::new, |fix| format!("; write `{fix}`"));
            let prints = format!("{field}[0]: `{text}` is invalid: {reason}{write}");
            assert_fault(config, invalid(&prints).fixed_by(fix));
        }
    }
}

#[test]
fn a_request_header_that_no_page_can_set_is_forbidden() {
    for name in [
        "Cookie",
        "host",
        "ORIGIN",
        "Sec-Fetch-Site",
        "proxy-authorization",
        "set-cookie",
        "access-control-request-method",
    ] {
        assert_fault(
            config().allow_headers([name]),
            forbidden(&format!(
                "allow_headers[0]: `{name}` is forbidden: the browser sets this header, no page can (Fetch, \
                 \"forbidden request-header\"); remove it"
            )),
        );
    }
}

#[test]
fn a_response_header_that_no_page_can_read_is_forbidden() {
    for name in ["Set-Cookie", "set-cookie2"] {
        assert_fault(
            config().expose_headers([name]),
            forbidden(&format!(
                "expose_headers[0]: `{name}` is forbidden: no page can read this header (Fetch, \"forbidden \
                 response-header name\"); remove it"
            )),
        );
    }
}

#[test]
fn the_headers_of_cors_itself_are_forbidden_on_the_wrong_side() {
    for (field, name, config) in [
        (
            "allow_headers",
            "Access-Control-Allow-Origin",
            config().allow_headers(["Access-Control-Allow-Origin"]),
        ),
        (
            "expose_headers",
            "access-control-request-headers",
            config().expose_headers(["access-control-request-headers"]),
        ),
    ] {
        assert_fault(
            config,
            forbidden(&format!(
                "{field}[0]: `{name}` is forbidden: it is a header of CORS itself, which browser and server exchange \
                 without being told to; remove it"
            )),
        );
    }
}

#[test]
fn the_headers_of_a_cors_response_can_be_exposed() {
    let names = ["Access-Control-Allow-Origin", "access-control-max-age"];
    assert!(config().expose_headers(names).build().is_ok());
}

#[test]
fn a_max_age_beyond_what_browsers_keep_is_invalid() {
    let reason = "no browser keeps the answer to a preflight for longer than 86400 seconds";
    assert!(
        config()
            .max_age(Duration::from_secs(86_400))
            .build()
            .is_ok()
    );
    for seconds in [86_401, u64::MAX] {
        assert_fault(
            config().max_age(Duration::from_secs(seconds)),
            invalid(&format!(
                "max_age: `{seconds}` is invalid: {reason}; write `86400`"
            ))
            .fixed_by("86400"),
        );
    }
    assert_fault(
        config().max_age(Duration::from_millis(1500)),
        invalid("max_age: `1.5s` is invalid: it is sent in whole seconds; write `1`").fixed_by("1"),
    );
    let both = faults(config().max_age(Duration::from_millis(90_000_500)));
    assert!(both.iter().map(Fault::fix).eq([Some("86400"); 2]));
}

#[test]
fn a_status_of_no_success_is_invalid() {
    for status in [0, 199, 300, 403, u16::MAX] {
        assert_fault(
            config().preflight_status(status),
            invalid(&format!(
                    "preflight_status: `{status}` is invalid: a browser takes an answer to a preflight for a success \
                     from 200 to 299 only; write `204`"
                )).fixed_by("204"),
        );
    }
    for status in [200, 204, 299] {
        assert!(config().preflight_status(status).build().is_ok());
    }
}
