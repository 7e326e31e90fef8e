//! Runs the command.

use std::process::{Command, Output};

use serde_json::Value;

/// Runs `omnicors probe` with arguments.
pub(crate) fn probe(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_omnicors"));
    command
        .arg("probe")
        .args(arguments)
        .output()
        .expect("the command runs")
}

/// Runs `omnicors probe --format json` with arguments, and returns the exit code and the output.
pub(crate) fn json(arguments: &[&str]) -> (i32, Value) {
    let output = probe(&[arguments, &["--format", "json"]].concat());
    let text = String::from_utf8_lossy(&output.stdout);
    let value = serde_json::from_str(&text).unwrap_or_else(|error| {
        panic!(
            "{error}: {text}\n{}",
            String::from_utf8_lossy(&output.stderr)
        )
    });
    (output.status.code().expect("no signal"), value)
}

/// Returns the names and severities of the findings of an audit.
pub(crate) fn findings(audit: &Value) -> Vec<(String, String)> {
    let findings = audit["findings"].as_array().expect("an audit");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    findings
        .iter()
        .map(|finding| (text(&finding["id"]), text(&finding["severity"])))
        .collect()
}
