//! The report for people.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::report::{Blocked, Field, Other, Report};
use crate::failure::Failure;
use crate::terminal::{Cleaned, Mark, Text};

const BOLD: Mark = Mark(Style::new().bold());
const BAD: Mark = Mark(AnsiColor::Red.on_default().bold());

/// Prints the report.
pub(super) fn print(report: &Report) -> Result<(), Failure> {
    let mut out = Cleaned(anstream::stdout().lock());
    write(&mut out, report)?;
    Ok(())
}

fn write(out: &mut impl Write, report: &Report) -> io::Result<()> {
    writeln!(
        out,
        "{BOLD}{}{BOLD:#}: {}, recorded by {}, judged as {} does",
        report.file,
        counted(report.entries),
        report.browser,
        report.engine_shown
    )?;
    write!(
        out,
        "Cross-origin requests: {} blocked by CORS, {} readable, {} failed for another reason",
        report.blocked.len(),
        report.readable_count,
        report.failed.len()
    )?;
    if !report.unknown.is_empty() {
        write!(out, ", {} not clear", report.unknown.len())?;
    }
    writeln!(out)?;
    for (number, (blocked, others)) in grouped(&report.blocked).into_iter().enumerate() {
        write_blocked(out, number + 1, blocked, others)?;
    }
    for (title, list) in [
        ("Maybe blocked by CORS", &report.unknown),
        ("Failed for a reason other than CORS", &report.failed),
        ("Readable", report.readable.as_ref().unwrap_or(&Vec::new())),
    ] {
        write_list(out, title, list)?;
    }
    if report.skipped > 0 {
        writeln!(
            out,
            "\nNot judged: {} whose URL is not http(s), or whose page is not in the recording.",
            counted(report.skipped)
        )?;
    }
    for note in &report.notes {
        writeln!(out, "\nNote: {note}.")?;
    }
    Ok(())
}

/// Puts requests together that failed alike, as those of a page that asks again and again.
fn grouped(blocked: &[Blocked]) -> Vec<(&Blocked, usize)> {
    let key = |it: &Blocked| {
        let path = it.url.0.split('?').next().unwrap_or_default().to_owned();
        (
            it.method.clone(),
            path,
            it.origin.clone(),
            it.reason.clone(),
            it.suggestion.clone(),
        )
    };
    let mut places = std::collections::HashMap::new();
    let mut groups: Vec<(&Blocked, usize)> = Vec::new();
    for it in blocked {
        let place = *places.entry(key(it)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, others)) => *others += 1,
            None => groups.push((it, 0)),
        }
    }
    groups
}

fn write_blocked(
    out: &mut impl Write,
    number: usize,
    blocked: &Blocked,
    others: usize,
) -> io::Result<()> {
    let Blocked {
        method,
        url,
        origin,
        reason,
        ..
    } = blocked;
    writeln!(out, "\n{BOLD}{number}. {method} {}{BOLD:#}", cut(url))?;
    let entries: Vec<_> = blocked.entries.iter().map(ToString::to_string).collect();
    let noun = if entries.len() == 1 {
        "entry"
    } else {
        "entries"
    };
    write!(out, "   from {origin}; {noun} {}", entries.join(", "))?;
    match others {
        0 => writeln!(out)?,
        _ => writeln!(out, ", and {others} more like it")?,
    }
    for exchange in &blocked.exchanges {
        writeln!(out, "   {}: {}", exchange.kind, exchange.status)?;
        for Field { name, value } in &exchange.headers {
            writeln!(out, "     {name}: {}", cut(value))?;
        }
    }
    writeln!(out, "   {BAD}Blocked{BAD:#}: {reason}.")?;
    if let Some(suggestion) = &blocked.suggestion {
        writeln!(out, "   {suggestion}")?;
    }
    for note in &blocked.notes {
        writeln!(out, "   Note: {note}.")?;
    }
    Ok(())
}

fn write_list(out: &mut impl Write, title: &str, list: &[Other]) -> io::Result<()> {
    if list.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{BOLD}{title}{BOLD:#}")?;
    for other in list {
        write!(out, "   {} {}", other.method, cut(&other.url))?;
        if other.reason.is_empty() {
            writeln!(out)?;
        } else {
            writeln!(out, ": {}", other.reason)?;
        }
    }
    Ok(())
}

/// Returns a number of entries.
fn counted(entries: usize) -> String {
    match entries {
        1 => "1 entry".to_owned(),
        _ => format!("{entries} entries"),
    }
}

/// Cuts a long text, such as a URL with a token.
fn cut(text: &Text) -> String {
    const LONGEST: usize = 160;
    let text = text.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
