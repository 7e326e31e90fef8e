//! Methods, header names, and the other settings.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::time::Duration;

use super::{assert_fault, config, fault, faults, forbidden, invalid};
use crate::policy::{Fault, PolicyConfig};

/// Several items are shown in quotes.
fn is_single(suggestion: &&str) -> bool {
    !suggestion.starts_with('"')
}

#[test]
fn a_method_that_is_not_a_token_is_invalid() {
    let reason = "not a valid method: use letters, digits, `-` and `_`";
    for (text, suggestion) in [
        (" put ", Some("PUT")),
        ("purge ", Some("purge")),
        ("PUT:", None),
        ("\"PUT\"", Some("PUT")),
        ("'PUT'", Some("PUT")),
        ("`put`", Some("PUT")),
        ("PUT,", Some("PUT")),
        ("GET, POST", Some("\"GET\", \"POST\"")),
        ("get,put;PURGE,get", Some("\"GET\", \"PUT\", \"PURGE\"")),
        ("[\"GET\", \"PUT\"]", Some("\"GET\", \"PUT\"")),
        ("GET POST", Some("\"GET\", \"POST\"")),
        ("trace ", None),
        ("ü", None),
    ] {
        let write = suggestion.map_or_else(String::new, |text| format!("; write `{text}`"));
        let prints = format!("allow_methods[0]: `{text}` is invalid: {reason}{write}");
        assert_fault(
            config().allow_methods([text]),
            invalid(&prints).suggesting(suggestion.filter(is_single)),
        );
    }
    assert_fault(
        config().allow_methods([""]),
        invalid(&format!("allow_methods[0]: invalid: {reason}")),
    );
}

#[test]
fn several_names_in_one_text_are_written_separately_if_the_list_is_not_known() {
    let several = "; write each item separately";
    for (setting, text, config) in [
        (
            "allow_methods",
            "GET, TRACE",
            config().allow_methods(["GET, TRACE"]),
        ),
        (
            "allow_methods",
            "GET /x",
            config().allow_methods(["GET /x"]),
        ),
        (
            "allow_methods",
            "GET, ANY",
            config().allow_methods(["GET, ANY"]),
        ),
        (
            "allow_headers",
            "x-a, cookie",
            config().allow_headers(["x-a, cookie"]),
        ),
        (
            "allow_headers",
            "x tenant",
            config().allow_headers(["x tenant"]),
        ),
    ] {
        let kind = if setting == "allow_methods" {
            "method"
        } else {
            "header name"
        };
        let prints = format!(
            "{setting}[0]: `{text}` is invalid: not a valid {kind}: use letters, digits, `-` and `_`{several}"
        );
        assert_fault(config, invalid(&prints));
    }
    // The list is too long for a message of one line.
    let long: Vec<String> = (0..100).map(|number| format!("x-{number}")).collect();
    let long = long.join(",");
    let found = faults(config().allow_headers([long]));
    assert!(
        found
            .iter()
            .all(|fault| fault.suggested_items().next().is_none())
    );
}

#[test]
fn a_suggestion_for_names_has_no_fault() {
    for text in [
        "GET, POST",
        "get;put",
        "\"PUT\"",
        "'x'",
        "x-a, x-b",
        "content type",
        "Content-Type: a/b",
        "any",
        "ALL",
        "x-a,",
        "GET POST",
        "content-type authorization",
        "[\"x-a\"]",
        "patch ",
    ] {
        for build in [
            (|text| config().allow_methods([text])) as fn(&str) -> PolicyConfig,
            |text| config().allow_headers([text]),
            |text| config().expose_headers([text]),
        ] {
            let Err(error) = build(text).build() else {
                continue;
            };
            let [fault] = error.faults() else {
                panic!("{error}");
            };
            for item in fault.suggested_items() {
                assert!(build(item).build().is_ok(), "{fault}");
            }
        }
    }
}

#[test]
fn any_and_all_are_not_wildcards() {
    let reason = "browsers read this as the name of one method or header; only `*` means any";
    for word in ["ANY", "any", "All"] {
        for (setting, with) in [
            (
                "allow_methods",
                (|config, word| PolicyConfig::allow_method(config, word))
                    as fn(PolicyConfig, &str) -> PolicyConfig,
            ),
            ("allow_headers", |config, word| config.allow_header(word)),
            ("expose_headers", |config, word| config.expose_header(word)),
        ] {
            let prints = format!("{setting}[0]: `{word}` is invalid: {reason}; write `*`");
            assert_fault(with(config(), word), invalid(&prints).suggesting("*"));
            let with_credentials = config().allow_credentials(true);
            assert_eq!(
                with(with_credentials.clone(), "*").build().is_ok(),
                setting != "expose_headers"
            );
            let found = faults(with(with_credentials, word));
            let suggestion = (setting != "expose_headers").then_some("*");
            assert!(found.iter().map(Fault::suggestion).eq([suggestion]));
        }
    }
    for name in ["x-any", "allow", "ANYTHING"] {
        assert!(
            config()
                .allow_method(name)
                .allow_header(name)
                .build()
                .is_ok()
        );
    }
}

#[test]
fn a_standard_method_in_lower_case_is_invalid() {
    assert_fault(
        config().allow_methods(["PUT", "patch"]),
        invalid("allow_methods[1]: `patch` is invalid: methods are case-sensitive; write `PATCH`")
            .suggesting("PATCH"),
    );
    // Other methods may be in lower case.
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
        ("Content-Type: application/json", Some("content-type")),
        ("content type", Some("content-type")),
        ("\"X-A\"", Some("x-a")),
        ("'x-a'", Some("x-a")),
        ("content-type,x-a", Some("\"content-type\", \"x-a\"")),
        (
            "Content-Type, 'X-A', x-a",
            Some("\"content-type\", \"x-a\""),
        ),
        (
            "content-type authorization",
            Some("\"content-type\", \"authorization\""),
        ),
        ("[\"x-a\"]", Some("x-a")),
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
            assert_fault(
                config,
                invalid(&prints).suggesting(suggestion.filter(is_single)),
            );
        }
    }
}

#[test]
fn a_request_header_that_no_page_can_set_is_forbidden() {
    // https://fetch.spec.whatwg.org/#forbidden-request-header, and a name for each of its two prefixes.
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
        // From the draft of Private Network Access. Only Chromium forbids pages to set it.
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
                "{field}[0]: `{name}` is forbidden: the headers of CORS itself do not need to be listed; remove it"
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

#[test]
fn a_list_in_one_item_is_suggested_up_to_a_length() {
    let is_suggested = |length: usize| {
        let (first, second) = ("x".repeat(100), "y".repeat(length - 100));
        let fault = fault(config().allow_headers([format!("{first},{second}")]));
        let list = format!("write `\"{first}\", \"{second}\"`");
        fault.to_string().contains(&list)
    };
    assert!(is_suggested(200));
    assert!(!is_suggested(201));
}
