//! The SARIF output is valid by the schema of the standard, and readable for another implementation.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use serde_sarif::sarif::{ResultLevel, Sarif};

/// Runs `check` for these files in a folder of `tests/cmd/check`.
fn check(folder: &str, files: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_omnicors"))
        .args(["check", "--format", "sarif"])
        .args(files)
        .current_dir(Path::new("tests/cmd/check").join(folder))
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the output for files with faults, with warnings, without a mistake, with places in two files, with syntax errors, and for
/// files that cannot be read.
fn outputs() -> Vec<String> {
    let faults = &["cors.toml", "cors.json", "cors.yaml", "with-list.toml"];
    let mistakes = &[
        "star.yaml",
        "comma.json",
        "empty.json",
        "latin1.toml",
        "bad-list.toml",
        "no-list.toml",
        "long-line.toml",
        "missing file.toml",
        "directory",
        "cors.conf",
    ];
    vec![
        check("faults.in", faults),
        check("faults.in", &["warnings.toml"]),
        check("faults.in", &["right.toml"]),
        check("mistakes.in", mistakes),
    ]
}

/// Returns the schema of the standard, which the package of the other implementation contains.
fn schema() -> Value {
    let output = Command::new(env!("CARGO"))
        // Not `--offline`, because the packages of other platforms may not have been downloaded.
        .args(["metadata", "--locked", "--format-version=1"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("output of cargo");
    let mut packages = metadata["packages"].as_array().unwrap().iter();
    let package = packages.find(|package| package["name"] == "serde-sarif");
    let manifest = PathBuf::from(package.unwrap()["manifest_path"].as_str().unwrap());
    let path = manifest.with_file_name("src").join("schema.json");
    let mut schema: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    // Their pattern has a bracket too many, so it is not a valid expression. The output does not have these properties.
    for object in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][object]["properties"]["language"];
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }
    let id = schema["$id"].as_str().unwrap();
    assert!(id.ends_with("/sarif-schema-2.1.0.json"), "{id}");
    schema
}

#[test]
fn the_output_is_valid_by_the_schema_of_the_standard() {
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema())
        .unwrap();
    for output in outputs() {
        let mut value: Value = serde_json::from_str(&output).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}\n{output}");
        // The schema refuses what it does not know.
        value["runs"][0]["result"] = Value::Null;
        assert!(!validator.is_valid(&value));
    }
}

#[test]
fn another_implementation_reads_each_finding() {
    for output in outputs() {
        let sarif: Sarif = serde_json::from_str(&output).unwrap();
        let run = &sarif.runs[0];
        let rules = run.tool.driver.rules.as_ref().unwrap();
        for result in run.results.as_ref().unwrap() {
            let rule = result.rule_id.as_deref().unwrap();
            assert!(rules.iter().any(|known| known.id == rule), "{rule}");
            assert!(matches!(
                result.level,
                Some(ResultLevel::Error | ResultLevel::Warning)
            ));
            let location = &result.locations.as_ref().unwrap()[0];
            let location = location.physical_location.as_ref().unwrap();
            let file = location.artifact_location.as_ref().unwrap();
            assert!(file.uri.is_some(), "{result:?}");
        }
    }
}
