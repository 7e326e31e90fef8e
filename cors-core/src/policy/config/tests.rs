//! Reads and writes configs as TOML, JSON and YAML.

mod misfits;
mod single_values;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use crate::policy::{FaultCause, FaultKind, Guard, PolicyConfig, PolicyError, Setting};
use crate::tests::Only;

/// Returns a config in which no setting has its default value.
fn everything() -> PolicyConfig {
    let config = PolicyConfig::new()
        .allow_origins(["https://example.com", "https://*.example.com"])
        .lookup_origins(true)
        .allow_credentials(true)
        .allow_methods(["PUT"])
        .allow_headers(["content-type", "authorization"])
        .expose_headers(["x-request-id"])
        .merge_expose_headers(true)
        .max_age(Duration::from_secs(3600))
        .timing_allow_origin(true)
        .allow_private_network(true)
        .preflight_status(200)
        .forward_preflights(true)
        .guard(Guard::All)
        .guard_report_only(true)
        .allow_navigations_from(["https://login.example"])
        .allow_hosts(["api.example"])
        .dangerously_allow_opaque_origins(true)
        .dangerously_allow_any_origin_with_credentials(true)
        .dangerously_allow_insecure_origins(true)
        .dangerously_allow_public_suffix_subdomains(true);
    #[cfg(feature = "regex")]
    let config = config.allow_origin_regexes(["https://[ab]\\.test"]);
    config
}

/// Returns the faults of a config, as they are printed.
#[track_caller]
fn faults(config: Result<PolicyConfig, String>) -> Vec<String> {
    let error = config.unwrap().build().unwrap_err();
    error.faults().iter().map(ToString::to_string).collect()
}

fn from_toml(text: &str) -> Result<PolicyConfig, String> {
    toml::from_str(text).map_err(|error| error.to_string())
}

fn from_json(text: &str) -> Result<PolicyConfig, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn from_yaml(text: &str) -> Result<PolicyConfig, String> {
    serde_saphyr::from_str(text).map_err(|error| error.to_string())
}

fn configs() -> [PolicyConfig; 8] {
    [
        PolicyConfig::new(),
        PolicyConfig::public_read_only(),
        PolicyConfig::local_development(),
        PolicyConfig::grpc_web().allow_origin("https://example.com"),
        PolicyConfig::with_cookies(["https://app.example.com"]),
        PolicyConfig::new().max_age(None),
        PolicyConfig::new().max_age(Duration::ZERO),
        everything(),
    ]
}

#[test]
fn a_config_survives_a_round_trip_through_toml() {
    for config in configs() {
        let text = toml::to_string(&config).unwrap();
        assert_eq!(from_toml(&text), Ok(config), "{text}");
    }
}

#[test]
fn a_config_survives_a_round_trip_through_json() {
    for config in configs() {
        let text = serde_json::to_string(&config).unwrap();
        assert_eq!(from_json(&text), Ok(config), "{text}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "the parser of YAML takes Miri too long")]
fn a_config_survives_a_round_trip_through_yaml() {
    for config in configs() {
        let text = serde_saphyr::to_string(&config).unwrap();
        assert_eq!(from_yaml(&text), Ok(config), "{text}");
    }
}

#[test]
fn a_file_contains_only_settings_that_differ_from_the_defaults() {
    let config = PolicyConfig::new()
        .allow_origins(["https://example.com"])
        .allow_methods(["PUT"]);
    assert_eq!(
        toml::to_string(&config).unwrap(),
        "\
allow_origins = [\"https://example.com\"]
allow_methods = [\"PUT\"]
"
    );
}

#[test]
fn all_settings_are_returned_in_their_order() {
    assert!(Setting::all().eq(Setting::ALL));
}

#[test]
fn each_setting_has_the_name_of_its_setter() {
    let regexes = if cfg!(feature = "regex") {
        "allow_origin_regexes = ['https://[ab]\\.test']"
    } else {
        ""
    };
    let text = format!(
        r#"
        allow_origins = ["https://example.com", "https://*.example.com"]
        {regexes}
        lookup_origins = true
        allow_credentials = true
        allow_methods = ["PUT"]
        allow_headers = ["content-type", "authorization"]
        expose_headers = ["x-request-id"]
        merge_expose_headers = true
        max_age = 3600
        timing_allow_origin = true
        allow_private_network = true
        preflight_status = 200
        forward_preflights = true
        guard = "all"
        guard_report_only = true
        allow_navigations_from = ["https://login.example"]
        allow_hosts = ["api.example"]
        dangerously_allow_opaque_origins = true
        dangerously_allow_any_origin_with_credentials = true
        dangerously_allow_insecure_origins = true
        dangerously_allow_public_suffix_subdomains = true
        "#
    );
    assert_eq!(from_toml(&text), Ok(everything()));
}

#[test]
fn a_setting_that_is_missing_in_a_file_has_its_default() {
    for config in [from_toml(""), from_json("{}")] {
        assert_eq!(config, Ok(PolicyConfig::new()));
    }
    let config = from_json(r#"{"allow_origins": ["https://example.com"]}"#);
    let expected = PolicyConfig::new().allow_origins(["https://example.com"]);
    assert_eq!(config, Ok(expected));
}

#[test]
#[cfg_attr(miri, ignore = "the parser of YAML takes Miri too long")]
fn a_config_can_be_read_from_yaml() {
    let config = from_yaml("allow_origins: [https://example.com]\nmax_age: none\n");
    let expected = PolicyConfig::new()
        .allow_origins(["https://example.com"])
        .max_age(None);
    assert_eq!(config, Ok(expected));
    // In YAML an unquoted `*` is not a string.
    assert!(from_yaml("allow_origins: [*]").is_err());
    assert!(from_yaml("allow_origins: ['*']").is_ok());
}

#[test]
fn a_config_is_read_only_from_a_map() {
    let expected = "expected a map of the settings of a CORS policy";
    for error in [
        from_json("[]"),
        from_json(r#"[["https://example.com"]]"#),
        from_json("null"),
        from_json("true"),
    ] {
        let error = error.unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
    // The parser of YAML has a different message.
    let error = from_yaml("- [https://example.com]").unwrap_err();
    assert!(error.contains("expected mapping"), "{error}");
}

#[test]
fn max_age_is_whole_seconds_or_none() {
    for (written, expected) in [
        ("\"none\"", None),
        ("0", Some(Duration::ZERO)),
        ("3600", Some(Duration::from_secs(3600))),
        // `build` reports that it is too long.
        ("100000", Some(Duration::from_secs(100_000))),
    ] {
        let expected = Ok(PolicyConfig::new().max_age(expected));
        assert_eq!(from_toml(&format!("max_age = {written}")), expected);
        assert_eq!(from_json(&format!("{{\"max_age\": {written}}}")), expected);
    }
    assert_eq!(
        from_json(r#"{"max_age": 18446744073709551615}"#),
        Ok(PolicyConfig::new().max_age(Duration::from_secs(u64::MAX)))
    );
}

#[test]
fn a_predicate_and_a_set_are_not_written_to_a_file() {
    let config = PolicyConfig::new()
        .allow_origins_if(|_| true)
        .allow_origins_in(Only("https://a.test"));
    let text = serde_json::to_string(&config).unwrap();
    let config = from_json(&text).unwrap();
    assert_eq!(config, PolicyConfig::new());
    assert!(config.build().is_err(), "nothing allows an origin");
}

#[test]
fn a_policy_that_is_written_and_read_is_unchanged() {
    let config = everything().build().unwrap().config();
    let text = toml::to_string(&config).unwrap();
    let again = from_toml(&text).unwrap().build().unwrap();
    assert_eq!(again.config(), config);
}

/// Asserts that a config has one fault for an old name of a setting, with the new one.
#[track_caller]
fn assert_renamed(config: Result<PolicyConfig, String>, old_name: &str, new: Setting) {
    let found = config.map(|config| {
        let error = config.build().err();
        let faults = error.iter().flat_map(PolicyError::faults);
        let renamed = faults.filter(|fault| *fault.cause() == FaultCause::Renamed);
        renamed
            .map(|fault| {
                assert_eq!((fault.index(), fault.text()), (None, old_name));
                assert_eq!((fault.kind(), fault.opt_out()), (FaultKind::Invalid, None));
                assert_eq!(fault.suggestion(), Some(new.as_str()));
                (fault.setting().unwrap(), fault.to_string())
            })
            .collect::<Vec<_>>()
    });
    let prints = format!("{new}: `{old_name}` is invalid: the setting was renamed; write `{new}`");
    assert_eq!(found, Ok([(new, prints)].into()));
}

const RENAMED: [(&str, Setting); 2] = [
    ("decide_origins_outside", Setting::LookupOrigins),
    (
        "dangerously_allow_null_origin",
        Setting::DangerouslyAllowOpaqueOrigins,
    ),
];

#[test]
fn an_old_name_in_toml_is_a_fault_that_shows_the_new_one() {
    for (old_name, new) in RENAMED {
        // The value does not matter.
        for value in ["true", "false", "1", "\"yes\"", "[1, {a = 2}]"] {
            let text = format!("allow_origins = [\"https://a.test\"]\n{old_name} = {value}");
            assert_renamed(from_toml(&text), old_name, new);
        }
    }
}

#[test]
fn an_old_name_in_json_is_a_fault_that_shows_the_new_one() {
    for (old_name, new) in RENAMED {
        for value in ["true", "false", "1", "\"yes\"", "[1, {\"a\": 2}]"] {
            let text = format!(r#"{{"{old_name}": {value}, "allow_origins": ["https://a.test"]}}"#);
            assert_renamed(from_json(&text), old_name, new);
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "the parser of YAML takes Miri too long")]
fn an_old_name_in_yaml_is_a_fault_that_shows_the_new_one() {
    for (old_name, new) in RENAMED {
        for value in ["true", "false", "1", "yes", "[1, {a: 2}]"] {
            let text = format!("{old_name}: {value}\nallow_origins: [https://a.test]\n");
            assert_renamed(from_yaml(&text), old_name, new);
        }
    }
}

#[test]
fn old_names_and_other_faults_are_reported_together() {
    let config = from_toml(
        "dangerously_allow_null_origin = true\ndecide_origins_outside = true\nallow_origins = [\"null\"]\nmax_age = 100000",
    );
    let error = config.unwrap().build().unwrap_err();
    let causes: Vec<_> = error
        .faults()
        .iter()
        .map(|fault| fault.cause().clone())
        .collect();
    assert_eq!(
        causes,
        [
            FaultCause::Renamed,
            FaultCause::Renamed,
            FaultCause::MaxAgeTooLong,
        ]
    );
}

#[test]
fn an_old_name_is_not_written_to_a_file() {
    let config = from_toml("decide_origins_outside = true").unwrap();
    assert!(!toml::to_string(&config).unwrap().contains("outside"));
}
