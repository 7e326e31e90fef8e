//! Differences as [workflow commands](https://docs.github.com/actions/reference/workflow-commands-for-github-actions), which annotate the
//! new file in a pull request.

use std::io::{self, Write};

use super::output::Output;
use super::text;
use crate::compare::{Direction, Region};
use crate::workflow_command::{data, property};

pub(super) fn write(out: &mut impl Write, output: &Output<'_>) -> io::Result<()> {
    let comparison = output.comparison;
    let mut annotate = |level: &str, title: &str, message: &str| {
        let (file, title) = (property(&output.new), property(title));
        writeln!(
            out,
            "::{level} file={file},title={title}::{}",
            data(message)
        )
    };
    for reason in &comparison.incomparable {
        annotate("error", "cannot be compared", &text::incomparable(reason))?;
    }
    for change in &comparison.origins {
        let message = region(&change.region, output.limit);
        let title = text::origins(change.direction, change.access);
        annotate(level(change.direction), title, &message)?;
    }
    for change in &comparison.grants {
        let subjects = text::subjects(change);
        for grant in &change.grants {
            let grants = text::grant(&grant.grant);
            let message = format!(
                "{grants}, for {subjects}, for example {}",
                change.origins.join(", ")
            );
            annotate(level(grant.direction), title(grant.direction), &message)?;
        }
    }
    for change in &comparison.server {
        let direction = change.direction();
        annotate(level(direction), title(direction), &text::server(change))?;
    }
    for change in &comparison.settings {
        annotate("notice", "changed setting", &text::setting(change))?;
    }
    Ok(())
}

fn level(direction: Direction) -> &'static str {
    match direction {
        Direction::Widens => "error",
        Direction::Narrows => "warning",
        Direction::Neither => "notice",
    }
}

fn title(direction: Direction) -> &'static str {
    match direction {
        Direction::Widens => "newly allowed",
        Direction::Narrows => "no longer allowed",
        Direction::Neither => "changed",
    }
}

fn region(region: &Region<'_>, limit: usize) -> String {
    let entries = region.entries.iter();
    let entries =
        entries.map(|part| format!("{}, for example {}", text::entry(&part.entry), part.witness));
    let exact = region.exact.iter().map(|origin| (*origin).to_owned());
    let mut lines: Vec<String> = entries.chain(exact).take(limit).collect();
    let more = region.entries.len() + region.exact.len() - lines.len();
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    if !region.except.is_empty() || !region.except_exact.is_empty() {
        lines.push(
            "except origins that are allowed in another way, or by the other policy".to_owned(),
        );
    }
    lines.join("\n")
}
