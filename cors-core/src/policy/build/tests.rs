//! Every fault, with its message.

mod guard;
mod mistakes;
mod names;
mod origins;
mod unsafe_settings;

use alloc::format;
use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::time::Duration;

use crate::policy::{Fault, FaultCause, FaultKind, PolicyConfig, Setting};
use crate::{OriginError, OriginPatternError};

/// The expected properties of a fault.
#[derive(Clone, Copy)]
struct Expected<'a> {
    kind: FaultKind,
    prints: &'a str,
    suggestion: Option<&'a str>,
    opt_out: Option<Setting>,
}

fn invalid(prints: &str) -> Expected<'_> {
    Expected {
        kind: FaultKind::Invalid,
        prints,
        suggestion: None,
        opt_out: None,
    }
}

fn forbidden(prints: &str) -> Expected<'_> {
    Expected {
        kind: FaultKind::Forbidden,
        ..invalid(prints)
    }
}

fn unsafe_setting(prints: &str, opt_out: Option<Setting>) -> Expected<'_> {
    Expected {
        kind: FaultKind::Unsafe,
        opt_out,
        ..invalid(prints)
    }
}

impl<'a> Expected<'a> {
    fn suggesting(self, suggestion: impl Into<Option<&'a str>>) -> Self {
        let suggestion = suggestion.into();
        Self { suggestion, ..self }
    }
}

fn origins<const N: usize>(patterns: [&str; N]) -> PolicyConfig {
    PolicyConfig::new().allow_origins(patterns)
}

/// Returns a config without a fault, for faults that are not about origins.
fn config() -> PolicyConfig {
    origins(["https://example.com"])
}

fn faults(config: PolicyConfig) -> Vec<Fault> {
    config.build().unwrap_err().faults().to_vec()
}

/// Returns the fault of a config that has exactly one.
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
        (fault.kind(), fault.suggestion(), fault.opt_out()),
        (expected.kind, expected.suggestion, expected.opt_out)
    );
}

#[test]
fn several_names_in_one_item_must_be_written_separately() {
    assert_fault(
        origins(["https://a.test, https://b.test"]),
        invalid(
            "allow_origins[0]: `https://a.test, https://b.test` is invalid: pattern contains more than one origin; write each \
             item separately",
        ),
    );
}

#[test]
fn all_faults_are_reported_together_in_the_order_of_the_settings() {
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
  allow_origins[1]: `https://Example.com/` is invalid: origin has an upper-case letter; browsers send lower case; write \
`https://example.com`
  allow_origins[2]: `null` is unsafe: any site can create a page with this origin, in a sandboxed frame; to allow it \
anyway, set `dangerously_allow_opaque_origins`
  allow_origins[3]: `http://a.example` is unsafe: with credentials (cookies), anyone who controls a visitor's network can impersonate \
an origin without https and act as the visitor; serve its pages over https, and list that origin; to allow it anyway, set \
`dangerously_allow_insecure_origins`
  allow_origins[4]: `*` is invalid: it already allows any origin, so the other origin settings have no effect; remove it, or \
remove the others
  allow_origins[4]: `*` is unsafe: with credentials (cookies), any site could read everything that its visitors can read here; \
list the origins you trust; to allow it anyway, set `dangerously_allow_any_origin_with_credentials`
  allow_origins[5]: `https://*.com` is unsafe: anyone can register a name under `com` (a public suffix), and would be \
trusted with credentials (cookies); put a domain that you own after the `*`; to allow it anyway, set \
`dangerously_allow_public_suffix_subdomains`
  allow_methods[0]: `patch` is invalid: methods are case-sensitive; write `PATCH`
  allow_methods[2]: `TRACE` is forbidden: browsers do not let a page use this method (Fetch, \"forbidden method\"); \
remove it
  allow_headers[0]: `Cookie` is forbidden: only the browser sets this header (Fetch, \"forbidden request-header\"); \
remove it
  allow_headers[2]: `x a` is invalid: not a valid header name: use letters, digits, `-` and `_`; write each \
item separately
  expose_headers[1]: `*` is unsafe: with credentials, browsers read `*` literally, as the name of a header; list the \
names to expose
  expose_headers[2]: `Set-Cookie` is forbidden: browsers do not let a page read this header (Fetch, \"forbidden \
response-header name\"); remove it
  max_age: `100000` is invalid: no browser keeps the response to a preflight for longer than 86400 seconds; write `86400`
  preflight_status: `404` is invalid: a browser accepts a preflight only with a status from 200 to 299; \
write `204`"
    );
}

#[test]
fn a_fault_has_its_setting_index_text_and_cause() {
    let fault = fault(config().allow_headers(["x-a", "x a"]));
    assert_eq!(
        (fault.setting(), fault.index(), fault.text(), fault.cause()),
        (
            Some(Setting::AllowHeaders),
            Some(1),
            "x a",
            &FaultCause::HeaderName
        )
    );
    let error = OriginPatternError::Origin(OriginError::NoScheme);
    let faults = faults(origins(["example.com"]));
    assert_eq!(faults[0].cause(), &FaultCause::OriginPattern(error));
}

#[test]
fn a_fault_prints_one_short_line_for_any_text() {
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
fn at_most_twenty_faults_are_printed_and_the_others_are_counted() {
    let short = origins(["x"; 150]).build().unwrap_err();
    assert_eq!(short.faults().len(), 150);
    let text = short.to_string();
    assert_eq!(text.lines().count(), 22);
    assert!(text.ends_with("\n  … and 130 more"), "{text}");
    assert!(text.len() < 3000, "{}", text.len());
    let text = origins(["x"; 20]).build().unwrap_err().to_string();
    assert_eq!(text.lines().count(), 21);
    // The number of bytes is limited as well.
    let long = "\u{7f}x".repeat(if cfg!(miri) { 100 } else { 1_000 });
    let text = origins([&*long; 150]).build().unwrap_err().to_string();
    assert!(text.len() < 3000, "{}", text.len());
    assert!(text.ends_with(" more"), "{text}");
}

#[test]
#[cfg(feature = "regex")]
fn a_fault_is_short_even_if_the_message_of_another_library_is_long() {
    let long = "\u{1b}\n(".repeat(if cfg!(miri) { 50 } else { 10_000 });
    for text in [format!("https://{long}"), format!(r"\p{{{long}}}")] {
        let config = PolicyConfig::new().allow_origin_regexes([text]);
        let error = config.build().unwrap_err().to_string();
        assert!(error.len() < 1200, "{}", error.len());
        assert_eq!(error.lines().count(), 2, "{error}");
        assert!(!error.contains('\u{1b}'), "{error:?}");
    }
}

#[test]
fn debug_prints_the_same_text_as_display() {
    let error = config().allow_methods(["patch"]).build().unwrap_err();
    assert_eq!(format!("{error:?}"), error.to_string());
}
