//! Shows the result of an audit.

use std::io::{self, Write};

use anstyle::AnsiColor;
use serde::Serialize;

use super::finding::{Finding, Severity};
use crate::probe::human::write_exchange;
use crate::probe::report::Shown;
use crate::terminal::Mark;

/// The result of an audit. Its JSON form is documented in cli/docs/probe.md.
#[derive(Debug, Serialize)]
pub(super) struct Audit {
    pub(super) version: u8,
    pub(super) url: String,
    pub(super) origin: Option<String>,
    /// The number of requests that were sent.
    pub(super) requests: usize,
    pub(super) findings: Vec<Finding>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) notes: Vec<String>,
    pub(super) exchanges: Vec<Shown>,
}

pub(super) fn human(out: &mut dyn Write, audit: &Audit, is_verbose: bool) -> io::Result<()> {
    for finding in &audit.findings {
        let style = style(finding.severity);
        let word = finding.severity.word();
        writeln!(
            out,
            "{style}{word}{style:#}: {} [{}]",
            finding.title, finding.id
        )?;
        writeln!(out, "  {}", finding.text)?;
        writeln!(out, "  {}: {}", finding.section.title, finding.section.url)?;
        for &number in finding.exchanges.iter().take(3) {
            if let Some(exchange) = number
                .checked_sub(1)
                .and_then(|index| audit.exchanges.get(index))
            {
                write_shown(out, number, exchange, is_verbose)?;
            }
        }
        writeln!(out)?;
    }
    for note in &audit.notes {
        writeln!(out, "note: {note}")?;
    }
    let count = |severity| {
        audit
            .findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    writeln!(
        out,
        "{} high, {} medium, {} low, {} info; {} to {}",
        count(Severity::High),
        count(Severity::Medium),
        count(Severity::Low),
        count(Severity::Info),
        if audit.requests == 1 {
            "1 request was sent".to_owned()
        } else {
            format!("{} requests were sent", audit.requests)
        },
        audit.url
    )
}

/// Writes an exchange with the `Origin` that was sent.
fn write_shown(
    out: &mut dyn Write,
    number: usize,
    exchange: &Shown,
    is_verbose: bool,
) -> io::Result<()> {
    write_exchange(out, number, exchange, is_verbose)?;
    if is_verbose {
        return Ok(());
    }
    let origin = exchange
        .request_headers
        .iter()
        .find(|field| field.name == "origin");
    match origin {
        Some(origin) => writeln!(out, "     for the request with Origin: {}", origin.value),
        None => writeln!(out, "     for the request without Origin"),
    }
}

fn style(severity: Severity) -> Mark {
    Mark(match severity {
        Severity::High => AnsiColor::Red.on_default().bold(),
        Severity::Medium => AnsiColor::Yellow.on_default().bold(),
        Severity::Low => AnsiColor::Yellow.on_default(),
        Severity::Info => AnsiColor::Cyan.on_default(),
    })
}
