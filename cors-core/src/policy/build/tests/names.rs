//! Methods, header names, and the other settings.

use alloc::format;
use alloc::string::String;
use core::time::Duration;

use super::{assert_fault, config, faults, forbidden, invalid};
use crate::policy::Fault;

#[test]
fn a_method_that_is_not_a_token_is_invalid() {
    let reason = "not a valid method: use letters, digits, `-` and `_`";
    for (text, suggestion) in [
        (" put ", Some("PUT")),
        ("purge ", Some("purge")),
        ("PUT:", None),
        ("trace ", None),
        ("ü", None),
    ] {
        let write = suggestion.map_or_else(String::new, |text| format!("; write `{text}`"));
        let prints = format!("allow_methods[0]: `{text}` is invalid: {reason}{write}");
        assert_fault(
            config().allow_methods([text]),
            invalid(&prints).suggesting(suggestion),
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
            .suggesting("PATCH"),
    );
    // A method of no standard may be in lower case.
    assert!(config().allow_methods(["purge"]).build().is_ok());
}

#[test]
fn a_method_of_any_length_can_be_listed() {
    // The limit is for methods that are echoed.
    let long = "A".repeat(1000);
    assert!(config().allow_methods([&long]).build().is_ok());
}

#[test]
fn a_method_that_no_page_can_use_is_forbidden() {
    for method in ["CONNECT", "TRACE", "TRACK", "trace"] {
        assert_fault(
            config().allow_methods([method]),
            forbidden(&format!(
                "allow_methods[0]: `{method}` is forbidden: browsers do not let a page use this method (Fetch, \
                 \"forbidden method\"); remove it"
            )),
        );
    }
}

#[test]
fn a_header_name_that_is_not_a_token_is_invalid() {
    let reason = "not a valid header name: use letters, digits, `-` and `_`";
    for (text, suggestion) in [
        ("Content-Type:", Some("content-type")),
        (" X-A", Some("x-a")),
        // Without the colon it is forbidden.
        ("Set-Cookie:", None),
        ("(x)", None),
    ] {
        for (field, config) in [
            ("allow_headers", config().allow_headers([text])),
            ("expose_headers", config().expose_headers([text])),
        ] {
            let write = suggestion.map_or_else(String::new, |text| format!("; write `{text}`"));
            let prints = format!("{field}[0]: `{text}` is invalid: {reason}{write}");
            assert_fault(config, invalid(&prints).suggesting(suggestion));
        }
    }
}

#[test]
fn a_request_header_that_no_page_can_set_is_forbidden() {
    // The list of Fetch, and two names with its prefixes.
    for name in [
        "Accept-Charset",
        "accept-encoding",
        "access-control-request-headers",
        "Access-Control-Request-Method",
        "connection",
        "content-length",
        "Cookie",
        "cookie2",
        "date",
        "dnt",
        "expect",
        "host",
        "keep-alive",
        "ORIGIN",
        "referer",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "Sec-Fetch-Site",
        "proxy-authorization",
    ] {
        assert_fault(
            config().allow_headers([name]),
            forbidden(&format!(
                "allow_headers[0]: `{name}` is forbidden: only the browser sets this header (Fetch, \"forbidden \
                 request-header\"); remove it"
            )),
        );
    }
}

#[test]
fn a_request_header_that_fetch_does_not_forbid_can_be_listed() {
    for name in [
        // Of the Private Network Access draft. Chromium alone does not let a page set it.
        "Access-Control-Request-Private-Network",
        "access-control-request-local-network",
        "user-agent",
        "set-cookie2",
        "proxy",
        "x-http-method-override",
    ] {
        assert!(config().allow_headers([name]).build().is_ok(), "{name}");
    }
}

#[test]
fn a_response_header_that_no_page_can_read_is_forbidden() {
    for name in ["Set-Cookie", "set-cookie2"] {
        assert_fault(
            config().expose_headers([name]),
            forbidden(&format!(
                "expose_headers[0]: `{name}` is forbidden: browsers do not let a page read this header (Fetch, \
                 \"forbidden response-header name\"); remove it"
            )),
        );
    }
}

#[test]
fn a_cors_header_of_the_other_direction_is_forbidden() {
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
                "{field}[0]: `{name}` is forbidden: a header of CORS itself needs no listing; remove it"
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
    let reason = "no browser keeps the response to a preflight for longer than 86400 seconds";
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
            .suggesting("86400"),
        );
    }
    assert_fault(
        config().max_age(Duration::from_millis(1500)),
        invalid("max_age: `1.5s` is invalid: max age is sent in whole seconds; write `1`")
            .suggesting("1"),
    );
    let both = faults(config().max_age(Duration::from_millis(90_000_500)));
    assert!(both.iter().map(Fault::suggestion).eq([Some("86400"); 2]));
}

#[test]
fn a_preflight_status_outside_200_to_299_is_invalid() {
    for status in [0, 199, 300, 403, u16::MAX] {
        assert_fault(
            config().preflight_status(status),
            invalid(&format!(
                    "preflight_status: `{status}` is invalid: a browser accepts a preflight only with a \
                     status from 200 to 299; write `204`"
                )).suggesting("204"),
        );
    }
    for status in [200, 204, 299] {
        assert!(config().preflight_status(status).build().is_ok());
    }
}
