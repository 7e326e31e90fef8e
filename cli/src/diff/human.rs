//! Differences for people.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::output::Output;
use super::text;
use crate::compare::{Direction, Region};
use crate::terminal::{Mark, one_line};

pub(super) fn write(out: &mut impl Write, output: &Output<'_>) -> io::Result<()> {
    let comparison = output.comparison;
    for reason in &comparison.incomparable {
        let style = Mark(AnsiColor::Yellow.on_default().bold());
        writeln!(
            out,
            "{style}cannot be compared{style:#}: {}",
            text::incomparable(reason)
        )?;
    }
    if !comparison.incomparable.is_empty() {
        writeln!(out)?;
    }
    for change in &comparison.origins {
        writeln!(out, "{}:", text::origins(change.direction, change.access))?;
        write_region(out, &change.region, change.direction, output.limit)?;
        writeln!(out)?;
    }
    for change in &comparison.grants {
        let origins = change.origins.join(", ");
        writeln!(
            out,
            "for {}, for example {origins}:",
            text::subjects(change)
        )?;
        for grant in &change.grants {
            write_line(out, grant.direction, &text::grant(&grant.grant))?;
        }
        writeln!(out)?;
    }
    if !comparison.server.is_empty() || !comparison.settings.is_empty() {
        writeln!(out, "settings:")?;
        for change in &comparison.server {
            write_line(out, change.direction(), &text::server(change))?;
        }
        for change in &comparison.settings {
            write_line(out, Direction::Neither, &text::setting(change))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "{}", result(output))
}

/// Returns the last line.
fn result(output: &Output<'_>) -> String {
    let comparison = output.comparison;
    let count = |direction| {
        comparison
            .directions()
            .filter(|it| *it == direction)
            .count()
    };
    let (widens, narrows) = (count(Direction::Widens), count(Direction::Narrows));
    let (old, new) = (one_line(&output.old), one_line(&output.new));
    let what = match (widens, narrows) {
        (0, 0) if !comparison.incomparable.is_empty() => {
            "no other differences were found".to_owned()
        }
        (0, 0) => "the policies allow the same".to_owned(),
        (widens, 0) => format!("{new} allows more than {old}: {}", differences(widens)),
        (0, narrows) => format!("{new} allows less than {old}: {}", differences(narrows)),
        (widens, narrows) => format!(
            "{new} allows more than {old} in {}, and less in {}",
            differences(widens),
            differences(narrows)
        ),
    };
    if comparison.incomparable.is_empty() {
        return what;
    }
    format!("{what}; it is not known whether {new} allows more than {old}")
}

fn differences(count: usize) -> String {
    if count == 1 {
        "1 difference".to_owned()
    } else {
        format!("{count} differences")
    }
}

fn write_region(
    out: &mut impl Write,
    region: &Region<'_>,
    direction: Direction,
    limit: usize,
) -> io::Result<()> {
    for part in region.entries.iter().take(limit) {
        let entry = text::entry(&part.entry);
        write_line(
            out,
            direction,
            &format!("{entry}, for example {}", part.witness),
        )?;
    }
    write_more(out, "entry", "entries", region.entries.len(), limit)?;
    if !region.within.is_empty() {
        let within = region.within.iter().map(text::entry);
        write_list(
            out,
            "only if allowed by",
            within,
            region.within.len(),
            limit,
        )?;
    }
    let excepted = region.except.len() + region.except_exact.len();
    if excepted > 0 {
        let exact = region.except_exact.iter().map(|it| (*it).to_owned());
        let except = region.except.iter().map(text::entry).chain(exact);
        write_list(out, "except", except, excepted, limit)?;
    }
    for origin in region.exact.iter().take(limit) {
        write_line(out, direction, origin)?;
    }
    write_more(out, "origin", "origins", region.exact.len(), limit)
}

/// Writes how many items were left out.
fn write_more(
    out: &mut impl Write,
    one: &str,
    several: &str,
    count: usize,
    limit: usize,
) -> io::Result<()> {
    match count.saturating_sub(limit) {
        0 => Ok(()),
        1 => writeln!(out, "    and 1 more {one}, {count} in all"),
        more => writeln!(out, "    and {more} more {several}, {count} in all"),
    }
}

fn write_list(
    out: &mut impl Write,
    heading: &str,
    items: impl Iterator<Item = String>,
    count: usize,
    limit: usize,
) -> io::Result<()> {
    let items: Vec<String> = items.take(limit).collect();
    write!(out, "    {heading} {}", items.join(", "))?;
    match count.saturating_sub(limit) {
        0 => writeln!(out),
        more => writeln!(out, ", and {more} more"),
    }
}

fn write_line(out: &mut impl Write, direction: Direction, line: &str) -> io::Result<()> {
    let (sign, style) = match direction {
        Direction::Widens => ('+', AnsiColor::Red.on_default()),
        Direction::Narrows => ('-', AnsiColor::Green.on_default()),
        Direction::Neither => ('=', Style::new()),
    };
    let style = Mark(style);
    writeln!(out, "  {style}{sign} {line}{style:#}")
}
