//! Every fault of the design's table "Errors of a policy", by what it prints.

mod names;
mod origins;
mod refused;

use alloc::format;
use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::time::Duration;

use crate::policy::{Fault, FaultCause, FaultKind, PolicyConfig};
use crate::{OriginError, OriginPatternError};

/// What a fault is expected to be.
#[derive(Clone, Copy)]
struct Expected<'a> {
    kind: FaultKind,
    prints: &'a str,
    fix: Option<&'a str>,
    opt_out: Option<&'a str>,
}

fn invalid(prints: &str) -> Expected<'_> {
    Expected {
        kind: FaultKind::Invalid,
        prints,
        fix: None,
        opt_out: None,
    }
}

fn forbidden(prints: &str) -> Expected<'_> {
    Expected {
        kind: FaultKind::Forbidden,
        ..invalid(prints)
    }
}

fn refused<'a>(prints: &'a str, opt_out: Option<&'a str>) -> Expected<'a> {
    Expected {
        kind: FaultKind::Refused,
        opt_out,
        ..invalid(prints)
    }
}

impl<'a> Expected<'a> {
    fn fixed_by(self, fix: impl Into<Option<&'a str>>) -> Self {
        let fix = fix.into();
        Self { fix, ..self }
    }
}

fn origins<const N: usize>(patterns: [&str; N]) -> PolicyConfig {
    PolicyConfig::new().allow_origins(patterns)
}

/// A config with nothing to complain about, for faults that are not about origins.
fn config() -> PolicyConfig {
    origins(["https://example.com"])
}

fn faults(config: PolicyConfig) -> Vec<Fault> {
    config.build().unwrap_err().faults().to_vec()
}

/// The fault of a config that has one.
#[track_caller]
fn fault(config: PolicyConfig) -> Fault {
    let mut faults = faults(config);
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.remove(0)
}

#[track_caller]
fn assert_fault(config: PolicyConfig, expected: Expected<'_>) {
    let error = config.build().unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("the CORS policy has a fault:\n  {}", expected.prints)
    );
    assert_is(&error.faults()[0], expected);
}

#[track_caller]
fn assert_is(fault: &Fault, expected: Expected<'_>) {
    assert_eq!(fault.to_string(), expected.prints);
    assert_eq!(
        (fault.kind(), fault.fix(), fault.opt_out()),
        (expected.kind, expected.fix, expected.opt_out)
    );
}

#[test]
fn several_names_in_one_place_are_told_to_be_listed_one_by_one() {
    assert_fault(
        origins(["https://a.test, https://b.test"]),
        invalid(
            "allow_origins[0]: `https://a.test, https://b.test` is invalid: `,` does not belong in a host; if these \
             are several, list each by itself",
        ),
    );
    assert_fault(
        config().allow_methods(["GET, PUT"]),
        invalid(
            "allow_methods[0]: `GET, PUT` is invalid: it is no method: that is one word of letters, digits, `-`, \
             `_` and a few more signs; if these are several, list each by itself",
        ),
    );
    assert_fault(
        config().allow_headers(["content-type,authorization"]),
        invalid(
            "allow_headers[0]: `content-type,authorization` is invalid: it is no header name: that is one word of \
             letters, digits, `-`, `_` and a few more signs; if these are several, list each by itself",
        ),
    );
}

#[test]
fn all_faults_are_reported_at_once_in_the_order_of_the_settings() {
    let config = PolicyConfig::new()
        .preflight_status(404)
        .max_age(Duration::from_secs(100_000))
        .expose_headers(["x-a", "*", "Set-Cookie"])
        .allow_headers(["Cookie", "x-a", "x a"])
        .allow_methods(["patch", "PUT", "TRACE"])
        .allow_credentials(true)
        .allow_origins([
            "https://good.example",
            "https://Example.com/",
            "null",
            "http://a.example",
            "*",
            "https://*.com",
        ]);
    assert_eq!(
        config.build().unwrap_err().to_string(),
        "\
the CORS policy has 14 faults:
  allow_origins[1]: `https://Example.com/` is invalid: it has an upper-case letter; browsers send lower case; write \
`https://example.com`
  allow_origins[2]: `null` is refused: any site can make a page with this origin, in a sandboxed frame; to permit it all \
the same, set `dangerously_allow_null_origin`
  allow_origins[3]: `http://a.example` is refused: with credentials (cookies), an origin without https lets whoever \
controls a visitor's network act in the visitor's name; write `https://a.example`; to permit it all the same, set \
`dangerously_allow_insecure_origins`
  allow_origins[4]: `*` is invalid: it allows any origin, so that nothing beside it has a meaning; remove it or \
everything else
  allow_origins[4]: `*` is refused: with credentials (cookies), any site could read what its visitors can read here; \
list the origins you trust; to permit it all the same, set `dangerously_allow_any_origin_with_credentials`
  allow_origins[5]: `https://*.com` is refused: anyone can register a name under `com` (a public suffix), and would be \
trusted with credentials (cookies); put a domain of your own behind the `*`; to permit it all the same, set \
`dangerously_allow_public_suffix_subdomains`
  allow_methods[0]: `patch` is invalid: methods are case-sensitive; write `PATCH`
  allow_methods[2]: `TRACE` is forbidden: no page can use this method (Fetch, \"forbidden method\"); remove it
  allow_headers[0]: `Cookie` is forbidden: the browser sets this header, no page can (Fetch, \"forbidden \
request-header\"); remove it
  allow_headers[2]: `x a` is invalid: it is no header name: that is one word of letters, digits, `-`, `_` and a few more \
signs; if these are several, list each by itself
  expose_headers[1]: `*` is refused: with credentials, a browser takes `*` for a header of that name; list the names to \
expose
  expose_headers[2]: `Set-Cookie` is forbidden: no page can read this header (Fetch, \"forbidden response-header \
name\"); remove it
  max_age: `100000` is invalid: no browser keeps the answer to a preflight for longer than 86400 seconds; write `86400`
  preflight_status: `404` is invalid: a browser takes an answer to a preflight for a success from 200 to 299 only; write \
`204`"
    );
}

#[test]
fn a_fault_knows_its_place_and_its_text() {
    let fault = fault(config().allow_headers(["x-a", "x a"]));
    assert_eq!(
        (fault.field(), fault.index(), fault.text(), fault.cause()),
        ("allow_headers", Some(1), "x a", &FaultCause::HeaderName)
    );
    let error = OriginPatternError::Origin(OriginError::NoScheme);
    let faults = faults(origins(["example.com"]));
    assert_eq!(faults[0].cause(), &FaultCause::OriginPattern(error));
}

#[test]
fn a_fault_prints_one_line_of_bearable_length_whatever_the_text() {
    for text in [
        "https://a\r\nb",
        "\u{1b}[31m",
        "\0",
        "\u{2028}",
        &"x".repeat(if cfg!(miri) { 600 } else { 100_000 }),
    ] {
        let error = origins([text]).build().unwrap_err().to_string();
        assert_eq!(error.lines().count(), 2, "{error}");
        assert!(!error.contains(['\r', '\0', '\u{1b}']), "{error:?}");
        assert!(error.len() < 400, "{error}");
    }
}

#[test]
fn of_very_many_faults_the_first_are_printed_and_the_rest_are_counted() {
    let error = origins(["x"; 150]).build().unwrap_err();
    assert_eq!(error.faults().len(), 150);
    let text = error.to_string();
    assert_eq!(text.lines().count(), 102);
    assert!(text.ends_with("\n  … and 50 more"), "{text}");
    let text = origins(["x"; 100]).build().unwrap_err().to_string();
    assert_eq!(text.lines().count(), 101);
}

#[test]
fn a_main_that_returns_the_error_prints_what_to_write_instead() {
    let error = config().allow_methods(["patch"]).build().unwrap_err();
    assert_eq!(format!("{error:?}"), error.to_string());
}
