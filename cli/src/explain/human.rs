//! The report for people.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use omnicors_browser::Engine;

use super::arguments::RequestMode;
use super::ask::ResultKind;
use super::report::{ExchangeReport, Field, Report};
use super::steps::StepReport;
use crate::failure::Failure;
use crate::terminal::{Cleaned, Mark, one_line};

const BOLD: Mark = Mark(Style::new().bold());
const GOOD: Mark = Mark(AnsiColor::Green.on_default().bold());
const BAD: Mark = Mark(AnsiColor::Red.on_default().bold());

/// Prints the report.
pub(super) fn print(report: &Report) -> Result<(), Failure> {
    let mut out = Cleaned(anstream::stdout().lock());
    write(&mut out, report)?;
    Ok(())
}

fn write(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let Report {
        method, url, file, ..
    } = report;
    match &report.origin {
        Some(origin) => {
            let with = if report.credentials {
                ", with credentials"
            } else {
                ""
            };
            writeln!(
                out,
                "{BOLD}{method} {url} from a page of {origin}{with}{BOLD:#}"
            )?;
        }
        None => writeln!(
            out,
            "{BOLD}{method} {url} without Origin, as from curl{BOLD:#}"
        )?,
    }
    writeln!(
        out,
        "The server has the policy of {}; the steps are those of {}.",
        one_line(file),
        Engine::from(report.engine)
    )?;
    write_preflight_reasons(out, report)?;
    for exchange in &report.exchanges {
        write_exchange(out, exchange)?;
    }
    let is_sent = report
        .exchanges
        .iter()
        .any(|exchange| exchange.kind != "preflight");
    if !is_sent {
        writeln!(out, "\n{BOLD}{method}{BOLD:#}\n  is not sent")?;
    }
    writeln!(out)?;
    write_result(out, report)?;
    for note in &report.notes {
        writeln!(out, "Note: {note}.")?;
    }
    for (browser, line) in [
        ("Chromium", &report.console.chromium),
        ("Firefox", &report.console.firefox),
    ] {
        if let Some(line) = line {
            writeln!(out, "\nThe console of {browser}:\n  {}", line.trim_end())?;
        }
    }
    Ok(())
}

fn write_preflight_reasons(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let Some(first) = report.exchanges.first() else {
        return Ok(());
    };
    if first.kind == "preflight" {
        writeln!(out, "\nA preflight is needed:")?;
        for reason in &report.preflight_reasons {
            writeln!(out, "  {reason}")?;
        }
        return Ok(());
    }
    match report.result {
        ResultKind::Readable | ResultKind::Blocked => {
            writeln!(
                out,
                "\nNo preflight is needed: the method and each header are safelisted."
            )
        }
        ResultKind::Rejected | ResultKind::Opaque | ResultKind::NotChecked => {
            writeln!(out, "\nNo preflight is needed.")
        }
    }
}

fn write_exchange(out: &mut impl Write, exchange: &ExchangeReport) -> io::Result<()> {
    let title = if exchange.kind == "preflight" {
        "preflight: "
    } else {
        ""
    };
    writeln!(out, "\n{BOLD}{title}{}{BOLD:#}", exchange.method)?;
    for Field { name, value } in &exchange.request_headers {
        writeln!(out, "  > {name}: {value}")?;
    }
    for (index, step) in exchange.steps.iter().enumerate() {
        let StepReport {
            subject,
            found,
            standard,
            outcome,
        } = step;
        // The headers of the response follow, one a line.
        let found = match found.split_once(", with ") {
            Some((found, _)) if *subject == "response" => found,
            _ => found,
        };
        write!(out, "  {}. {subject}: ", index + 1)?;
        match *outcome {
            "passed" => write!(out, "{GOOD}passed{GOOD:#}: ")?,
            "failed" => write!(out, "{BAD}failed{BAD:#}: ")?,
            _ => {}
        }
        writeln!(out, "{found} ({standard})")?;
    }
    for Field { name, value } in &exchange.response_headers {
        writeln!(out, "  < {name}: {value}")?;
    }
    Ok(())
}

fn write_result(out: &mut impl Write, report: &Report) -> io::Result<()> {
    match report.result {
        ResultKind::Readable => {
            writeln!(
                out,
                "{GOOD}Readable{GOOD:#}: the page can read the response."
            )?;
        }
        ResultKind::Blocked => {
            let reason = report.reason.as_deref().unwrap_or_default();
            writeln!(out, "{BAD}Blocked{BAD:#}: {reason}.")?;
        }
        ResultKind::Rejected => {
            writeln!(
                out,
                "{BAD}Rejected{BAD:#}: the server responds without running the application."
            )?;
        }
        ResultKind::Opaque => writeln!(
            out,
            "{BOLD}Opaque{BOLD:#}: the server runs the request, but a page can never read the response to a request with the mode `no-cors`."
        )?,
        ResultKind::NotChecked if report.origin.is_none() => writeln!(
            out,
            "{BOLD}Not checked{BOLD:#}: CORS is enforced by browsers. The server runs the request, and the program that sent it reads the response."
        )?,
        ResultKind::NotChecked => {
            let why = match report.mode {
                RequestMode::Websocket if report.has_guard => {
                    "browsers do not apply CORS to WebSockets. The guard lets the handshake pass, and the server opens the socket"
                }
                RequestMode::Websocket => {
                    "browsers do not apply CORS to WebSockets. The server opens the socket for a page of any origin, unless it checks Origin itself, or the policy has a guard"
                }
                RequestMode::Navigate => {
                    "browsers do not apply CORS to links and forms. The server runs the request, and the browser shows the response to the user"
                }
                RequestMode::Cors | RequestMode::NoCors => {
                    "the page has the origin of the server, so browsers do not apply CORS. The page can read the response"
                }
            };
            writeln!(out, "{BOLD}Not checked{BOLD:#}: {why}.")?;
        }
    }
    if let Some(headers) = &report.readable_headers {
        if headers.any {
            writeln!(out, "It can read every response header except Set-Cookie.")?;
        } else {
            writeln!(
                out,
                "It can read these response headers: {}.",
                headers.names.join(", ")
            )?;
        }
    }
    if let Some(suggestion) = &report.suggestion {
        writeln!(out, "To allow it: {suggestion}.")?;
    }
    Ok(())
}
