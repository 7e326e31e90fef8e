//! Values that are almost a boolean, a number or a guard.

use super::*;
use crate::Fault;

#[test]
fn a_boolean_that_was_meant_as_true_counts_for_the_other_faults() {
    for written in [r#""yes""#, "1", r#""on""#] {
        let text = format!(
            r#"{{"allow_origins": "http://a.example", "allow_credentials": {written}, "expose_headers": "*"}}"#
        );
        let error = from_json(&text).unwrap().build().unwrap_err();
        assert_eq!(error.faults().len(), 3, "{error}");
        assert_eq!(error.faults()[0].suggestion(), Some("true"));
    }
}

#[test]
fn a_boolean_that_was_meant_as_false_does_not_count_for_the_other_faults() {
    for written in [r#""no""#, "0", r#""off""#, r#""perhaps""#] {
        let text = format!(r#"{{"allow_origins": "*", "allow_credentials": {written}}}"#);
        let error = from_json(&text).unwrap().build().unwrap_err();
        assert_eq!(error.faults().len(), 1, "{error}");
    }
}

#[test]
fn numbers_and_booleans_can_be_strings() {
    let config = from_json(
        r#"{"max_age": " 3600\n", "preflight_status": "200", "allow_credentials": "true", "lookup_origins": "False"}"#,
    );
    let expected = PolicyConfig::new()
        .max_age(Duration::from_secs(3600))
        .preflight_status(200)
        .allow_credentials(true);
    assert_eq!(config, Ok(expected));
    let config = from_json(r#"{"max_age": "None"}"#);
    assert_eq!(config, Ok(PolicyConfig::new().max_age(None)));
    // A whole number in any notation.
    let config = from_json(r#"{"max_age": 6e2, "preflight_status": 200.0}"#);
    assert_eq!(config, Ok(PolicyConfig::new().preflight_status(200)));
}

#[test]
fn a_string_that_is_almost_a_number_or_a_boolean_is_a_fault_with_a_suggestion() {
    for (setting, text, suggestion) in [
        ("allow_credentials", "yes", Some("true")),
        ("allow_credentials", "1", Some("true")),
        ("allow_credentials", "OFF", Some("false")),
        ("allow_credentials", "tru", None),
        ("allow_credentials", "", None),
        ("max_age", "10m", Some("600")),
        ("max_age", "600s", Some("600")),
        ("max_age", "1 hour", Some("3600")),
        ("max_age", "24h", Some("86400")),
        ("max_age", "1d", Some("86400")),
        // The suggestion would be a fault.
        ("max_age", "2d", None),
        ("max_age", "99999999999999999999h", None),
        ("max_age", "+5", None),
        ("max_age", "-1", None),
        ("max_age", "0x10", None),
        ("max_age", "h", None),
        ("max_age", "", None),
        ("preflight_status", "70000", Some("204")),
        ("preflight_status", "-200", None),
    ] {
        let text = format!(r#"{{"allow_origins": "https://a.example", "{setting}": "{text}"}}"#);
        let error = from_json(&text).unwrap().build().unwrap_err();
        let [fault] = error.faults() else {
            panic!("{text}: {error}");
        };
        assert_eq!(fault.setting().map(Setting::as_str), Some(setting));
        assert_eq!(fault.suggestion(), suggestion, "{text}");
        if let Some(suggestion) = suggestion {
            let text =
                format!(r#"{{"allow_origins": "https://a.example", "{setting}": "{suggestion}"}}"#);
            assert!(from_json(&text).unwrap().build().is_ok(), "{text}");
        }
    }
}

#[test]
fn a_guard_that_is_almost_named_is_a_fault_with_a_suggestion() {
    // With a guard, an origin that any extension can have is a fault.
    for (written, suggestion, is_on) in [
        (r#""ALL""#, Some("all"), true),
        (r#""unsafe""#, Some("unsafe-methods"), true),
        (r#""Unsafe_Methods""#, Some("unsafe-methods"), true),
        (r#""on""#, Some("unsafe-methods"), true),
        ("true", Some("unsafe-methods"), true),
        (r#""OFF""#, Some("off"), false),
        (r#""none""#, Some("off"), false),
        (r#""0""#, Some("off"), false),
        ("false", Some("off"), false),
        (r#""some""#, None, false),
    ] {
        let text = format!(r#"{{"allow_origins": "moz-extension://*", "guard": {written}}}"#);
        let error = from_json(&text).unwrap().build().unwrap_err();
        let of_guard = |fault: &&Fault| fault.setting() == Some(Setting::Guard);
        let fault = error.faults().iter().find(of_guard).unwrap();
        assert_eq!(fault.suggestion(), suggestion, "{written}");
        assert_eq!(error.faults().len(), 1 + usize::from(is_on), "{error}");
    }
}

#[test]
fn any_other_max_age_or_status_is_a_fault() {
    for (setting, value, shown) in [
        ("max_age", "-1", "-1"),
        ("max_age", "1.5", "1.5"),
        ("max_age", "true", "true"),
        ("max_age", "null", "null"),
        ("max_age", "{}", "a table"),
        ("preflight_status", "-1", "-1"),
        ("preflight_status", "70000", "70000"),
        (
            "preflight_status",
            "18446744073709551616",
            "18446744073709552000",
        ),
    ] {
        let text = format!(r#"{{"allow_origins": "https://a.example", "{setting}": {value}}}"#);
        let found = faults(from_json(&text));
        let start = format!("{setting}: `{shown}` is invalid: ");
        assert!(
            found.len() == 1 && found[0].starts_with(&start),
            "{found:?}"
        );
    }
}
