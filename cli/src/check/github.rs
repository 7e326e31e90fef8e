//! Annotations of a workflow of GitHub Actions: one line for each finding.

use std::io::{self, Write};

use super::checked::Outcome;
use super::finding::Finding;
use crate::workflow_command::{data, property};

pub(super) fn write(files: &[Outcome], out: &mut impl Write) -> io::Result<()> {
    for outcome in files {
        match outcome {
            Outcome::Checked(checked) => {
                for finding in checked.findings() {
                    write_finding(&finding, out)?;
                }
            }
            Outcome::NotRun { path, error } => {
                let (path, error) = (property(path), data(error));
                writeln!(out, "::error file={path},title=omnicors::{error}")?;
            }
        }
    }
    Ok(())
}

fn write_finding(finding: &Finding<'_>, out: &mut impl Write) -> io::Result<()> {
    let path = property(&finding.path());
    write!(out, "::{} file={path}", finding.level().as_str())?;
    if let Some(((line, column), (end_line, end_column))) =
        finding.in_file.start().zip(finding.in_file.end())
    {
        write!(out, ",line={line},endLine={end_line},col={column}")?;
        // The end is inclusive, and an annotation of several lines has no columns.
        if line == end_line {
            write!(out, ",endColumn={}", (end_column - 1).max(column))?;
        }
    }
    let title = property(&format!("omnicors: {}", finding.rule()));
    let message = match finding.help() {
        Some(help) => format!("{}; {help}", finding.message()),
        None => finding.message(),
    };
    writeln!(out, ",title={title}::{}", data(&message))
}
