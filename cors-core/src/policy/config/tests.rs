//! Configs from files.

use alloc::format;
use alloc::string::{String, ToString};
use core::time::Duration;

use crate::policy::PolicyConfig;

/// Each setting at something other than its default.
fn everything() -> PolicyConfig {
    let config = PolicyConfig::new()
        .allow_origins(["https://example.com", "https://*.example.com"])
        .decide_origins_outside(true)
        .allow_credentials(true)
        .allow_methods(["PUT"])
        .allow_headers(["content-type", "authorization"])
        .expose_headers(["x-request-id"])
        .max_age(Duration::from_secs(3600))
        .timing_allow_origin(true)
        .allow_private_network(true)
        .preflight_status(200)
        .forward_preflights(true)
        .refuse_disallowed_origins(true)
        .dangerously_allow_null_origin(true)
        .dangerously_allow_any_origin_with_credentials(true)
        .dangerously_allow_insecure_origins(true)
        .dangerously_allow_public_suffix_subdomains(true);
    #[cfg(feature = "regex")]
    let config = config.allow_origin_regexes(["https://[ab]\\.test"]);
    config
}

fn from_toml(text: &str) -> Result<PolicyConfig, String> {
    toml::from_str(text).map_err(|error| error.to_string())
}

fn from_json(text: &str) -> Result<PolicyConfig, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn from_yaml(text: &str) -> Result<PolicyConfig, String> {
    serde_norway::from_str(text).map_err(|error| error.to_string())
}

fn configs() -> [PolicyConfig; 6] {
    [
        PolicyConfig::new(),
        PolicyConfig::public_read_only(),
        PolicyConfig::local_development(),
        PolicyConfig::new().max_age(None),
        PolicyConfig::new().max_age(Duration::ZERO),
        everything(),
    ]
}

#[test]
fn a_config_goes_to_toml_and_comes_back() {
    for config in configs() {
        let text = toml::to_string(&config).unwrap();
        assert_eq!(from_toml(&text), Ok(config), "{text}");
    }
}

#[test]
fn a_config_goes_to_json_and_comes_back() {
    for config in configs() {
        let text = serde_json::to_string(&config).unwrap();
        assert_eq!(from_json(&text), Ok(config), "{text}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "the parser of YAML is another's unsafe code")]
fn a_config_goes_to_yaml_and_comes_back() {
    for config in configs() {
        let text = serde_norway::to_string(&config).unwrap();
        assert_eq!(from_yaml(&text), Ok(config), "{text}");
    }
}

#[test]
fn the_file_says_what_is_set_and_no_more() {
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
        decide_origins_outside = true
        allow_credentials = true
        allow_methods = ["PUT"]
        allow_headers = ["content-type", "authorization"]
        expose_headers = ["x-request-id"]
        max_age = 3600
        timing_allow_origin = true
        allow_private_network = true
        preflight_status = 200
        forward_preflights = true
        refuse_disallowed_origins = true
        dangerously_allow_null_origin = true
        dangerously_allow_any_origin_with_credentials = true
        dangerously_allow_insecure_origins = true
        dangerously_allow_public_suffix_subdomains = true
        "#
    );
    assert_eq!(from_toml(&text), Ok(everything()));
}

#[test]
fn what_a_file_leaves_out_is_closed() {
    for config in [from_toml(""), from_json("{}")] {
        assert_eq!(config, Ok(PolicyConfig::new()));
    }
    let config = from_json(r#"{"allow_origins": ["https://example.com"]}"#);
    let expected = PolicyConfig::new().allow_origins(["https://example.com"]);
    assert_eq!(config, Ok(expected));
}

#[test]
fn an_unknown_field_is_refused_by_its_name() {
    for error in [
        from_toml("allow_origin = [\"https://example.com\"]"),
        from_json(r#"{"allow_origin": ["https://example.com"]}"#),
    ] {
        let error = error.unwrap_err();
        assert!(
            error.contains("unknown field `allow_origin`, expected one of `allow_origins`"),
            "{error}"
        );
    }
    // A function cannot stand in a file.
    let error = from_json(r#"{"allow_origins_if": true}"#).unwrap_err();
    assert!(
        error.contains("unknown field `allow_origins_if`"),
        "{error}"
    );
}

#[test]
#[cfg_attr(miri, ignore = "the parser of YAML is another's unsafe code")]
fn yaml_says_the_same() {
    let config = from_yaml("allow_origins: [https://example.com]\nmax_age: none\n");
    let expected = PolicyConfig::new()
        .allow_origins(["https://example.com"])
        .max_age(None);
    assert_eq!(config, Ok(expected));
    let error = from_yaml("allow_origin: [https://example.com]").unwrap_err();
    assert!(error.contains("unknown field `allow_origin`"), "{error}");
    // In YAML a `*` alone is no text.
    assert!(from_yaml("allow_origins: [*]").is_err());
    assert!(from_yaml("allow_origins: ['*']").is_ok());
}

#[test]
fn a_field_given_twice_is_refused() {
    assert!(from_toml("max_age = 1\nmax_age = 2").is_err());
    let error = from_json(r#"{"max_age": 1, "max_age": 2}"#).unwrap_err();
    assert!(error.contains("duplicate field `max_age`"), "{error}");
}

#[test]
fn max_age_is_whole_seconds_or_none() {
    for (written, expected) in [
        ("\"none\"", None),
        ("0", Some(Duration::ZERO)),
        ("3600", Some(Duration::from_secs(3600))),
        // Too long, which building finds.
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
fn any_other_max_age_is_refused_with_what_is_expected() {
    let found = |written: &str| {
        let toml = from_toml(&format!("max_age = {written}")).unwrap_err();
        let json = from_json(&format!("{{\"max_age\": {written}}}")).unwrap_err();
        for error in [&toml, &json] {
            assert!(
                error.contains("expected a number of seconds, or \"none\""),
                "{error}"
            );
        }
        json.split(',').next().unwrap_or_default().to_string()
    };
    assert_eq!(found("-1"), "invalid value: integer `-1`");
    assert_eq!(found("\"x\""), "invalid value: string \"x\"");
    assert_eq!(found("\"3600\""), "invalid value: string \"3600\"");
    assert_eq!(found("1.5"), "invalid type: floating point `1.5`");
    assert_eq!(found("true"), "invalid type: boolean `true`");
    assert_eq!(found("[]"), "invalid type: sequence");
    let null = from_json(r#"{"max_age": null}"#).unwrap_err();
    assert!(null.contains("expected a number of seconds, or \"none\""));
}

#[test]
fn a_setting_of_the_wrong_type_is_refused() {
    for (text, says) in [
        (
            "allow_origins = \"https://example.com\"",
            "expected a sequence",
        ),
        ("allow_credentials = \"yes\"", "expected a boolean"),
        ("preflight_status = 70000", "expected u16"),
        ("preflight_status = -1", "expected u16"),
    ] {
        let error = from_toml(text).unwrap_err();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn a_predicate_stays_in_the_program_and_leaves_less_allowed_behind() {
    let config = PolicyConfig::new().allow_origins_if(|_| true);
    let text = serde_json::to_string(&config).unwrap();
    let config = from_json(&text).unwrap();
    assert_eq!(config, PolicyConfig::new());
    assert!(config.build().is_err(), "nothing allows an origin any more");
}

#[test]
fn a_policy_goes_through_a_file_unchanged() {
    let config = everything().build().unwrap().config();
    let text = toml::to_string(&config).unwrap();
    let again = from_toml(&text).unwrap().build().unwrap();
    assert_eq!(again.config(), config);
}
