//! JSON for programs. The shape is stable: later versions only add fields, or change `version`.

use std::io::{self, Write};

use serde::Serialize;

use super::checked::{Change, Checked, Outcome};
use super::edit::Edit;
use super::finding::{Finding, Level};
use crate::policy_source::shown;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    files: Vec<File<'a>>,
}

#[derive(Serialize)]
struct File<'a> {
    path: String,
    /// Why the file was not checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    faults: usize,
    warnings: usize,
    findings: Vec<JsonFinding<'a>>,
    /// What `--fix` has changed.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    changes: &'a [Change],
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    level: Level,
    rule: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    setting: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<&'a str>,
    /// The policy file, or the list of origins.
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Fix>,
}

/// Lines and columns are counted from 1, columns in characters, and offsets in bytes from 0. The end is exclusive.
#[derive(Serialize)]
struct Range {
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    offset: usize,
    length: usize,
}

/// What `--fix` writes.
#[derive(Serialize)]
struct Fix {
    offset: usize,
    length: usize,
    text: String,
}

pub(super) fn write(files: &[Outcome], out: &mut impl Write) -> io::Result<()> {
    let files = files.iter().map(|outcome| match outcome {
        Outcome::Checked(checked) => file(checked),
        Outcome::NotRun { path, error } => File {
            path: path.clone(),
            error: Some(error),
            faults: 0,
            warnings: 0,
            findings: Vec::new(),
            changes: &[],
        },
    });
    let report = Report {
        version: 1,
        files: files.collect(),
    };
    crate::json::write(out, &report)
}

fn file(checked: &Checked) -> File<'_> {
    File {
        path: shown(checked.check.path()),
        error: None,
        faults: checked.count_faults(),
        warnings: checked.count_warnings(),
        findings: checked
            .findings()
            .zip(checked.edits())
            .map(|(finding, edit)| json_finding(&finding, edit))
            .collect(),
        changes: &checked.changes,
    }
}

fn json_finding<'a>(finding: &Finding<'a>, edit: Option<Edit>) -> JsonFinding<'a> {
    let in_file = finding.in_file;
    let range = in_file.range().zip(in_file.start()).zip(in_file.end()).map(
        |((range, (line, column)), (end_line, end_column))| Range {
            line,
            column,
            end_line,
            end_column,
            offset: range.start,
            length: range.len(),
        },
    );
    let fix = edit.map(|edit| Fix {
        offset: edit.range.start,
        length: edit.range.len(),
        text: edit.text,
    });
    JsonFinding {
        level: finding.level(),
        rule: finding.rule(),
        message: finding.message(),
        help: finding.help(),
        kind: finding.kind(),
        setting: finding.setting().map(omnicors_core::Setting::as_str),
        suggestions: finding.suggestions(),
        path: finding.path(),
        range,
        fix,
    }
}
