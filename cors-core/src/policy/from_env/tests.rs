use std::string::ToString;
use std::vec::Vec;

use super::*;
use crate::Fault;

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_unicode_is_a_fault() {
    use std::os::unix::ffi::OsStringExt as _;

    let bytes = |text: &[u8]| OsString::from_vec(text.to_vec());
    let variables = [
        (bytes(b"CORS_ALLOW_ORIGINS"), bytes(b"https://\xff.example")),
        (bytes(b"CORS_ALLOW_METHODS"), bytes(b"\xff")),
        (bytes(b"CORS_\xff"), bytes(b"x")),
        (bytes(b"OTHER_\xff"), bytes(b"\xff")),
        (bytes(b"CORS_MAX_AGE"), bytes(b"60")),
    ];
    let error = from_variables("CORS_", variables.into_iter())
        .build()
        .unwrap_err();
    let found: Vec<_> = error.faults().iter().map(ToString::to_string).collect();
    assert!(
        found[0].starts_with("unknown variable `CORS_\\u{fffd}`; "),
        "{found:?}"
    );
    assert_eq!(
        found[1..],
        [
            "CORS_ALLOW_METHODS: invalid: not valid Unicode (UTF-8)",
            "CORS_ALLOW_ORIGINS: invalid: not valid Unicode (UTF-8)"
        ]
    );
    assert_eq!(error.faults()[1].variable(), Some("CORS_ALLOW_METHODS"));
}

/// Cargo sets variables such as `CARGO_PKG_NAME` when it runs tests.
#[test]
fn the_variables_of_the_process_are_read() {
    let error = PolicyConfig::from_env("CARGO_PKG_").build().unwrap_err();
    let mut unknown = error.faults().iter().filter_map(Fault::variable);
    assert!(unknown.any(|name| name == "CARGO_PKG_NAME"), "{error}");
}

#[test]
fn the_order_of_the_variables_does_not_matter() {
    let pairs = [
        ("C_ALLOW_ORIGINS", "x"),
        ("C_B", ""),
        ("C_A", ""),
        ("C_MAX_AGE", "y"),
    ];
    let message = |pairs: &[(&str, &str)]| {
        let variables = pairs
            .iter()
            .map(|&(name, value)| (name.into(), value.into()));
        from_variables("C_", variables)
            .build()
            .unwrap_err()
            .to_string()
    };
    let mut reversed = pairs;
    reversed.reverse();
    assert_eq!(message(&pairs), message(&reversed));
}
