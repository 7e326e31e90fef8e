use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use omnicors_core::{PolicyConfig, Setting};
use serde_json::json;

use super::*;

fn validator() -> Validator {
    let schema = schema();
    jsonschema::draft202012::meta::validate(&schema).expect("a JSON Schema");
    jsonschema::draft202012::new(&schema).unwrap()
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Parses a policy as the formats do.
fn parse(language: &str, text: &str) -> Value {
    match language {
        "toml" => serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap(),
        "json" => serde_json::from_str(text).unwrap(),
        "yaml" => serde_saphyr::from_str(text).unwrap(),
        other => panic!("{other}"),
    }
}

/// The settings that a file can have.
fn settings() -> impl Iterator<Item = Setting> {
    let only_in_code = [Setting::AllowOriginsIf, Setting::AllowOriginsIn];
    Setting::all().filter(move |setting| !only_in_code.contains(setting))
}

#[test]
fn the_schema_has_each_setting_that_a_file_can_have_with_a_description() {
    let schema = schema();
    let properties = schema["properties"].as_object().unwrap();
    let found: BTreeSet<_> = properties.keys().map(String::as_str).collect();
    let expected: BTreeSet<_> = settings().map(Setting::as_str).chain(["$schema"]).collect();
    assert_eq!(found, expected);
    assert_eq!(schema["additionalProperties"], false);
    for (name, property) in properties {
        let has_description = property["description"]
            .as_str()
            .is_some_and(|text| text.len() > 20);
        assert!(has_description, "{name}: {property}");
    }
}

#[test]
fn each_default_is_that_of_a_config() {
    let schema = schema();
    let mut count = 0;
    for (name, property) in schema["properties"].as_object().unwrap() {
        let Some(default) = property.get("default") else {
            // A path has no default.
            assert!(["allow_origins_from", "$schema"].contains(&name.as_str()));
            continue;
        };
        let config: PolicyConfig = serde_json::from_value(json!({ name: default })).unwrap();
        assert_eq!(config, PolicyConfig::new(), "{name}");
        count += 1;
    }
    assert_eq!(count, settings().count() - 1);
}

#[test]
fn the_policies_of_the_documents_and_of_the_examples_are_valid() {
    let validator = validator();
    let mut count = 0;
    let mut check = |source: &str, policy: &Value| {
        let errors: Vec<_> = validator
            .iter_errors(policy)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{source}: {errors:#?}\n{policy:#}");
        count += 1;
    };
    for document in ["docs/configuration.md", "cli/docs/schema.md"] {
        let document = fs::read_to_string(repository().join(document)).unwrap();
        for (language, block) in blocks(&document) {
            // One block shows mistakes.
            let has_mistakes = block.starts_with("# A file with mistakes");
            if !matches!(language, "toml" | "json" | "yaml") || has_mistakes {
                continue;
            }
            for policy in policies(&parse(language, block)) {
                check(block, policy);
            }
        }
    }
    for path in [
        "examples/quickstart/policy.toml",
        "examples/quickstart/page/policy.toml",
    ] {
        let text = fs::read_to_string(repository().join(path)).unwrap();
        check(path, &parse("toml", &text));
    }
    let cases = fs::read_to_string(repository().join("tests/cases/policies.toml")).unwrap();
    for policy in policies(&parse("toml", &cases)) {
        check("policies.toml", policy);
    }
    assert!(count > 40, "{count}");
}

/// Returns the language and the text of each block of a document.
fn blocks(document: &str) -> impl Iterator<Item = (&str, &str)> {
    let parts = document.split("\n```").skip(1).step_by(2);
    parts.filter_map(|part| part.split_once('\n'))
}

/// Returns the tables that have the settings of a policy.
fn policies(value: &Value) -> Vec<&Value> {
    let Some(object) = value.as_object() else {
        return Vec::new();
    };
    let is_policy = object.keys().any(|key| key.starts_with("allow_"));
    if is_policy {
        return vec![value];
    }
    object.values().flat_map(policies).collect()
}

/// The schema accepts the types that `PolicyConfig` accepts, and no others.
#[test]
fn the_schema_agrees_with_the_config_about_types_and_names() {
    let validator = validator();
    let values = [
        json!(true),
        json!(false),
        json!("true"),
        json!(" False "),
        json!("yes"),
        json!(1),
        json!(0),
        json!(null),
        json!("600"),
        json!(600),
        json!(600.0),
        json!(600.5),
        json!(-1),
        json!("none"),
        json!("NONE"),
        json!("10m"),
        json!(86_400),
        json!(86_401),
        json!(204),
        json!("204"),
        json!(" 299 "),
        json!(199),
        json!(300),
        json!("300"),
        json!("0204"),
        json!(""),
        json!([]),
        json!({}),
        json!([1]),
        json!([["a"]]),
        json!([null]),
        json!(["https://a.example"]),
        json!(["PUT"]),
        json!("PUT, DELETE"),
    ];
    let mut refused = 0;
    for setting in settings() {
        let name = setting.as_str();
        for value in &values {
            let policy = json!({ name: value });
            let config: PolicyConfig = serde_json::from_value(policy.clone()).unwrap();
            // The schema is about types. Whether a text is an origin or a method is beyond it.
            let has_fault = config.build().is_err_and(|error| {
                error.faults().iter().any(|fault| {
                    fault.setting() == Some(setting)
                        && matches!(
                            fault.cause(),
                            omnicors_core::FaultCause::Expected(_)
                                | omnicors_core::FaultCause::PreflightStatus
                                | omnicors_core::FaultCause::MaxAgeTooLong
                        )
                })
            });
            assert_eq!(validator.is_valid(&policy), !has_fault, "{policy}");
            refused += usize::from(has_fault);
        }
    }
    assert!(refused > 300, "{refused}");
    for name in [
        "allowOrigins",
        "origins",
        "allow_origins_if",
        "allow_origins_in",
        "decide_origins_outside",
        "dangerously_allow_null_origin",
        "schema",
    ] {
        assert!(!validator.is_valid(&json!({ name: true })), "{name}");
    }
    assert!(!validator.is_valid(&json!([])));
    let policy = json!({ "$schema": "./cors.schema.json", "allow_origins": ["https://a.example"] });
    assert!(validator.is_valid(&policy));
    let config: PolicyConfig = serde_json::from_value(policy).unwrap();
    config.build().unwrap();
}
