//! The report for people.

use std::io::{self, Write};

use anstyle::AnsiColor;

use super::change::Change;
use super::report::{Blocked, Conclusion, Judged, Readable, Report, Shown};
use super::text;
use super::transport::BodyRead;
use crate::terminal::{Mark, one_line};

const GOOD: Mark = Mark(AnsiColor::Green.on_default().bold());
const BAD: Mark = Mark(AnsiColor::Red.on_default().bold());
const UNSURE: Mark = Mark(AnsiColor::Yellow.on_default().bold());

/// Writes a report.
pub(super) fn write(out: &mut dyn Write, report: &Report, is_verbose: bool) -> io::Result<()> {
    write_head(out, report)?;
    if !report.exchanges.is_empty() {
        writeln!(out)?;
    }
    for (index, exchange) in report.exchanges.iter().enumerate() {
        write_exchange(out, index + 1, exchange, is_verbose)?;
    }
    let is_unknown = report.conclusion == Conclusion::Unknown;
    if let Some(reason) = report.stopped.as_ref().filter(|_| is_unknown) {
        writeln!(out, "\nStopped: {reason}.")?;
    }
    if let Some(readable) = &report.readable {
        write_readable(out, readable)?;
    }
    if let Some(blocked) = &report.blocked {
        write_blocked(out, blocked)?;
    }
    write_credentials(out, report)?;
    write_engines(out, &report.other_engines)?;
    Ok(())
}

fn write_head(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let Report {
        origin,
        method,
        url,
        ..
    } = report;
    let page = if origin == "null" {
        "a page whose origin is `null`".to_owned()
    } else {
        format!("a page of {origin}")
    };
    let of = format!("{method} {url}");
    match report.conclusion {
        Conclusion::Readable => writeln!(
            out,
            "{GOOD}Readable{GOOD:#}: {page} can read the response to {of}"
        ),
        Conclusion::Opaque => writeln!(
            out,
            "{UNSURE}Opaque{UNSURE:#}: {page} gets a response to {of} without status, headers and body"
        ),
        Conclusion::PreflightAccepted => {
            writeln!(
                out,
                "{GOOD}Accepted{GOOD:#}: after this preflight, {page} can send {of}"
            )
        }
        Conclusion::NoPreflight => {
            writeln!(
                out,
                "{UNSURE}No preflight{UNSURE:#}: a browser sends {of} of {page} without a preflight"
            )
        }
        Conclusion::Unknown => writeln!(
            out,
            "{UNSURE}Unknown{UNSURE:#}: whether {page} can read the response to {of}"
        ),
        Conclusion::Blocked => {
            let is_run = report
                .exchanges
                .iter()
                .any(|exchange| exchange.kind != "preflight");
            let is_sent = if is_run {
                "cannot read the response to"
            } else {
                "cannot send"
            };
            writeln!(out, "{BAD}Blocked{BAD:#}: {page} {is_sent} {of}")
        }
    }
}

/// Writes an exchange: with the CORS headers, or with all of them.
pub(super) fn write_exchange(
    out: &mut dyn Write,
    number: usize,
    exchange: &Shown,
    is_verbose: bool,
) -> io::Result<()> {
    let kind = match exchange.kind {
        "preflight" => " (preflight)",
        "redirected" => " (after a redirect)",
        _ => "",
    };
    let cache = if exchange.from_cache {
        " (from the browser's cache)"
    } else {
        ""
    };
    let (method, url) = (&exchange.method, &exchange.url);
    let Some(response) = &exchange.response else {
        return writeln!(out, "  {number}. {method} {url}{kind}: no response");
    };
    let time = match (response.milliseconds, response.protocol) {
        (Some(milliseconds), Some(protocol)) if is_verbose => {
            format!(", {protocol}, {milliseconds} ms")
        }
        _ => String::new(),
    };
    writeln!(
        out,
        "  {number}. {method} {url}{kind}: status {}{cache}{time}",
        response.status
    )?;
    if is_verbose {
        for field in &exchange.request_headers {
            writeln!(out, "     > {}: {}", text::name(&field.name), field.value)?;
        }
    }
    let sign = if is_verbose { "< " } else { "" };
    let is_shown = |name: &str| {
        is_verbose || name.starts_with("access-control-") || matches!(name, "location" | "vary")
    };
    for field in response
        .headers
        .iter()
        .filter(|field| is_shown(&field.name))
    {
        writeln!(
            out,
            "     {sign}{}: {}",
            text::name(&field.name),
            field.value
        )?;
    }
    Ok(())
}

fn write_readable(out: &mut dyn Write, readable: &Readable) -> io::Result<()> {
    let names: Vec<_> = readable
        .headers
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    let body = match (readable.body.bytes, readable.body.read) {
        (0, BodyRead::Whole) => "an empty body".to_owned(),
        (1, BodyRead::Whole) => "the body, 1 byte".to_owned(),
        (bytes, BodyRead::Whole) => format!("the body, {bytes} bytes"),
        (_, BodyRead::Beginning) => {
            "the body, of which only the beginning was read here".to_owned()
        }
        (bytes, BodyRead::Interrupted) => {
            format!("{bytes} bytes of a body that ends before its length")
        }
    };
    writeln!(out, "\nThe page reads: status {}, {body}", readable.status)?;
    writeln!(out, "  headers: {}", list(&names))?;
    if readable.is_same_origin {
        writeln!(
            out,
            "  The URL has the page's own origin, so CORS does not apply."
        )?;
    } else if !readable.hidden_headers.is_empty() {
        let hidden: Vec<_> = readable.hidden_headers.iter().map(String::as_str).collect();
        writeln!(
            out,
            "  not readable: {} (name those that pages need in `Access-Control-Expose-Headers`)",
            list(&hidden)
        )?;
    }
    Ok(())
}

fn list(names: &[&str]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

fn write_blocked(out: &mut dyn Write, blocked: &Blocked) -> io::Result<()> {
    writeln!(out, "\nWhy: {}.", blocked.reason)?;
    writeln!(out, "  {}: {}", blocked.section.title, blocked.section.url)?;
    let lines = [
        ("Chromium", &blocked.console.chromium),
        ("Firefox", &blocked.console.firefox),
    ];
    if lines.iter().any(|(_, line)| line.is_some()) {
        writeln!(out, "\nWhat consoles print:")?;
    }
    for (engine, line) in lines {
        if let Some(line) = line {
            writeln!(out, "  {engine}: {}", one_line(line.0.trim_end()))?;
        }
    }
    match &blocked.change {
        Some(change) => write_change(out, change),
        None => Ok(()),
    }
}

fn write_change(out: &mut dyn Write, change: &Change) -> io::Result<()> {
    writeln!(out, "\nWhat to change:")?;
    if let Some(response) = &change.response {
        writeln!(out, "  Respond to {response} with")?;
        if let Some(status) = change.status {
            writeln!(out, "    status {status}, or another from 200 to 299")?;
        }
        for field in &change.headers {
            writeln!(out, "    {}: {}", text::name(&field.name), field.value)?;
        }
    }
    for note in &change.notes {
        writeln!(out, "  {note}")?;
    }
    Ok(())
}

fn write_credentials(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    if report.conclusion == Conclusion::NoPreflight {
        return Ok(());
    }
    let mode = if report.credentials {
        "with"
    } else {
        "without"
    };
    let Some(other) = &report.other_credentials else {
        return writeln!(out, "\nCredentials: this is the result {mode} credentials.");
    };
    let other_mode = if report.credentials {
        "Without"
    } else {
        "With"
    };
    let same = match other.conclusion {
        Conclusion::Readable => "the page can read the response".to_owned(),
        Conclusion::Opaque => "the page gets an opaque response".to_owned(),
        Conclusion::Blocked
            if report
                .blocked
                .as_ref()
                .is_some_and(|blocked| blocked.reason == other.detail) =>
        {
            "the page is blocked for the same reason".to_owned()
        }
        Conclusion::Blocked => format!("the page is blocked: {}", other.detail),
        _ => format!("the browser {}", other.detail),
    };
    writeln!(
        out,
        "\nCredentials: this is the result {mode} credentials. {other_mode} them, {same}."
    )
}

/// Writes the engines that differ, those with the same difference together.
fn write_engines(out: &mut dyn Write, engines: &[Judged]) -> io::Result<()> {
    let mut rest: Vec<_> = engines.iter().collect();
    while let Some(first) = rest.first().copied() {
        let is_alike = |judged: &&Judged| {
            judged.conclusion == first.conclusion && judged.detail == first.detail
        };
        let (alike, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(is_alike);
        rest = others;
        let names: Vec<_> = alike.iter().map(|judged| judged.name.as_str()).collect();
        let names = match names.split_last() {
            Some((last, before)) if !before.is_empty() => {
                format!("{} and {last}", before.join(", "))
            }
            _ => names.join(""),
        };
        let difference = match first.conclusion {
            Conclusion::Readable => "the page can read the response".to_owned(),
            Conclusion::Opaque => "the page gets an opaque response".to_owned(),
            Conclusion::Blocked => format!("the page is blocked: {}", first.detail),
            _ => format!(
                "the browser {}; see what happens then with `--engine {}`",
                first.detail,
                first.name.to_lowercase()
            ),
        };
        writeln!(out, "\nIn {names}, {difference}.")?;
    }
    Ok(())
}
