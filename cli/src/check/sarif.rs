//! SARIF 2.1.0: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};

use super::checked::{Checked, Outcome};
use super::edit::Edit;
use super::finding::Finding;
use super::place::place;

pub(super) fn write(files: &[Outcome], out: &mut impl Write) -> io::Result<()> {
    let mut rules = BTreeSet::new();
    let mut results = Vec::new();
    let mut notifications = Vec::new();
    for outcome in files {
        match outcome {
            Outcome::Checked(checked) => {
                for (finding, edit) in checked.findings().zip(checked.edits()) {
                    rules.insert(finding.rule());
                    results.push(result(checked, &finding, edit));
                }
            }
            Outcome::NotRun { path, error } => notifications.push(json!({
                "level": "error",
                "message": { "text": error },
                "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri(path) } } }],
            })),
        }
    }
    let rules: Vec<_> = rules
        .into_iter()
        .map(|id| {
            let text = id.replace('-', " ");
            json!({ "id": id, "shortDescription": { "text": text } })
        })
        .collect();
    let report = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "omnicors",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": notifications.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    crate::json::write(out, &report)
}

fn result(checked: &Checked, finding: &Finding<'_>, edit: Option<Edit>) -> Value {
    let in_file = finding.in_file;
    let artifact = json!({ "uri": uri(&finding.path()) });
    let mut location = json!({ "artifactLocation": artifact });
    let own_region = in_file
        .start()
        .zip(in_file.end())
        .map(|(start, end)| region(start, end));
    if let Some(region) = own_region.clone() {
        set(&mut location, "region", region);
    }
    let message = match finding.help() {
        Some(help) => format!("{}; {help}", finding.message()),
        None => finding.message(),
    };
    let mut result = json!({
        "ruleId": finding.rule(),
        "level": finding.level().as_str(),
        "message": { "text": message },
        "locations": [{ "physicalLocation": location }],
    });
    if let Some(edit) = edit {
        let text = checked.check.text_of(in_file);
        // Usually, the value itself is replaced. Counting lines again for each finding would be slow in a long file.
        let deleted = own_region
            .filter(|_| in_file.range().as_ref() == Some(&edit.range))
            .unwrap_or_else(|| region(place(text, edit.range.start), place(text, edit.range.end)));
        let fix = json!({
            "description": { "text": finding.help().unwrap_or_else(|| "remove it".to_owned()) },
            "artifactChanges": [{
                "artifactLocation": artifact,
                "replacements": [{
                    "deletedRegion": deleted,
                    "insertedContent": { "text": edit.text },
                }],
            }],
        });
        set(&mut result, "fixes", json!([fix]));
    }
    result
}

fn region((line, column): (usize, usize), (end_line, end_column): (usize, usize)) -> Value {
    json!({
        "startLine": line,
        "startColumn": column,
        "endLine": end_line,
        "endColumn": end_column,
    })
}

fn set(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(map) = object {
        map.insert(name.to_owned(), value);
    }
}

/// Returns a path as a URI reference, which is relative if the path is.
fn uri(path: &str) -> String {
    let path = path.replace(std::path::MAIN_SEPARATOR, "/");
    let mut uri = String::new();
    if Path::new(&path).is_absolute() {
        uri.push_str(if path.starts_with('/') {
            "file://"
        } else {
            "file:///"
        });
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ok = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3986, section 2.1.
    #[test]
    fn a_path_becomes_a_uri_reference() {
        assert_eq!(uri("a b/cörs.toml"), "a%20b/c%C3%B6rs.toml");
        assert_eq!(uri("c:%2f"), "c%3A%252f");
        #[cfg(unix)]
        assert_eq!(uri("/etc/app/cors.toml"), "file:///etc/app/cors.toml");
    }
}
