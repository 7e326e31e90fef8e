//! For people: each finding in the lines of its file.

use std::io::{self, Write};

use annotate_snippets::{
    AnnotationKind, Element, Group, Level as Severity, Origin, Renderer, Snippet,
};

use omnicors_core::FaultCause;
use omnicors_tokio::{PolicyFileCheck, PolicyFileError, Problem};

use super::checked::{Checked, Outcome};
use super::finding::{Finding, Level};
use super::place::line_start;
use crate::policy_source::shown;
use crate::terminal::{is_directional, one_line};

/// The most findings, and the most changes, that are written of a file.
const SHOWN: usize = 100;

/// The longest line that is shown as a whole, in bytes.
const LONG_LINE: usize = 1000;

/// The number of bytes that are shown before and after a place in a longer line.
const AROUND: usize = 60;

/// The most lines of a value that are shown.
const LINES: usize = 6;

pub(super) fn write(files: &[Outcome], is_fixed: bool, out: &mut impl Write) -> io::Result<()> {
    for outcome in files {
        if let Outcome::Checked(checked) = outcome {
            write_file(checked, is_fixed, out)?;
        }
    }
    Ok(())
}

fn write_file(checked: &Checked, is_fixed: bool, out: &mut impl Write) -> io::Result<()> {
    let mut fixable = 0;
    for (index, finding) in checked.findings().enumerate() {
        if index < SHOWN {
            writeln!(out, "{}\n", rendered(&finding))?;
        } else if is_fixed {
            break;
        }
        fixable += usize::from(!is_fixed && finding.edit().is_some());
    }
    let more = checked.check.findings().len().saturating_sub(SHOWN);
    if more > 0 {
        writeln!(out, "… and {more} more; `--format json` lists all\n")?;
    }
    let path = shown(checked.check.path());
    let name = one_line(&path);
    if is_fixed {
        write_changes(checked, &name, out)?;
    }
    if is_probably_larger(&checked.check) {
        let table = table_of_policy(&checked.check);
        writeln!(
            out,
            "{name}: if the policy is a table of this file, name it, as in `--table {}`",
            one_line(table.as_deref().unwrap_or("cors"))
        )?;
    }
    let (faults, warnings) = (checked.count_faults(), checked.count_warnings());
    write!(out, "{name}: {}", counts(faults, warnings))?;
    match fixable {
        0 => {}
        1 if faults + warnings == 1 => write!(out, "; `--fix` corrects it")?,
        number if number == faults + warnings => write!(out, "; `--fix` corrects all of them")?,
        number => write!(out, "; `--fix` corrects {number} of them")?,
    }
    writeln!(out)
}

/// Returns true if the file seems to be that of an application: it has other names, and no origins.
fn is_probably_larger(check: &PolicyFileCheck) -> bool {
    let mut findings = check.findings().iter();
    let has_other_name = findings.any(|finding| match finding.problem() {
        Problem::Fault(fault) => {
            *fault.cause() == FaultCause::UnknownSetting && fault.setting().is_none()
        }
        _ => false,
    });
    has_other_name && has_no_origin(check)
}

fn has_no_origin(check: &PolicyFileCheck) -> bool {
    check
        .findings()
        .iter()
        .any(|finding| match finding.problem() {
            Problem::Fault(fault) => *fault.cause() == FaultCause::NoOrigin,
            _ => false,
        })
}

/// Returns the first table of a file that has the origins of a policy.
fn table_of_policy(check: &PolicyFileCheck) -> Option<String> {
    const MOST: usize = 20;
    // The text that was checked can be that of the standard input.
    let read = |table: &str| {
        PolicyFileCheck::read_edited(check.path(), Some(table), |path| {
            (path == check.path()).then(|| check.text().into())
        })
    };
    // No table has the empty name of a table in a table, so the error lists those of the file.
    let Err(PolicyFileError::NoTable { tables, .. }) = read(".") else {
        return None;
    };
    let mut names = tables.split('`').skip(1).step_by(2).take(MOST);
    let is_policy = |name: &&str| read(name).is_ok_and(|check| !has_no_origin(&check));
    names.find(is_policy).map(str::to_owned)
}

fn write_changes(checked: &Checked, name: &str, out: &mut impl Write) -> io::Result<()> {
    for change in checked.changes.iter().take(SHOWN) {
        let path = one_line(&change.path);
        write!(out, "{path}:{}:{}: ", change.line, change.column)?;
        let old = one_line(&change.old);
        if change.new.is_empty() {
            writeln!(out, "removed {old}")?;
        } else {
            writeln!(out, "replaced {old} with {}", one_line(&change.new))?;
        }
    }
    match checked.changes.len().saturating_sub(SHOWN) {
        0 => {}
        more => writeln!(out, "… and {more} more changes")?,
    }
    if let Some(note) = &checked.note {
        writeln!(out, "{name}: {}", one_line(note))?;
    }
    if checked.changes.is_empty() && checked.note.is_none() {
        let is_clean = checked.check.findings().is_empty();
        let why = if is_clean {
            "there is nothing to correct"
        } else {
            "no suggestion is unambiguous; change the file in an editor"
        };
        writeln!(out, "{name}: `--fix` changed nothing: {why}")?;
    }
    Ok(())
}

fn counts(faults: usize, warnings: usize) -> String {
    let count = |number: usize, noun: &str| match number {
        0 => format!("no {noun}s"),
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    };
    format!("{}, {}", count(faults, "fault"), count(warnings, "warning"))
}

fn rendered(finding: &Finding<'_>) -> String {
    let severity = match finding.level() {
        Level::Error => Severity::ERROR,
        Level::Warning => Severity::WARNING,
    };
    let rule = finding.rule();
    let mut group = severity
        .primary_title(one_line(&finding.message()).into_owned())
        .id(&*rule)
        .elements(places(finding));
    if let Some(help) = finding.help() {
        group = group.element(Severity::HELP.message(one_line(&help).into_owned()));
    }
    let groups: [Group<'_>; 1] = [group];
    let text = Renderer::styled().render(&groups);
    // Between the place and the part of a long line, the renderer writes the empty name of a second file.
    let is_shown = |line: &&str| anstream::adapter::strip_str(line).to_string().trim() != ":::";
    // The renderer replaces most characters that change the direction of text, but not all of them.
    let text = text.replace(is_directional, "\u{fffd}");
    text.lines().filter(is_shown).collect::<Vec<_>>().join("\n")
}

/// Returns the path and the lines of a finding.
fn places<'a>(finding: &Finding<'a>) -> Vec<Element<'a>> {
    let path = one_line(&finding.path()).into_owned();
    let text = finding.text();
    let Some((range, (line, column))) = finding.in_file.range().zip(finding.in_file.start()) else {
        return vec![Origin::path(path).into()];
    };
    let start = line_start(text, range.start);
    let from_start = text.get(start..).unwrap_or_default();
    let length = range.end - start;
    // The lines up to the end of the value, without the last line break.
    let shown: usize = from_start
        .split_inclusive('\n')
        .scan(0, |reached, line| {
            let is_needed = *reached == 0 || *reached < length;
            *reached += line.len();
            is_needed.then_some(line.len())
        })
        .take(LINES)
        .sum();
    let lines = from_start
        .get(..shown)
        .unwrap_or_default()
        .trim_end_matches(['\n', '\r']);
    let (first, last) = (
        range.start - start,
        length.min(lines.len()).max(range.start - start),
    );
    if lines.len() <= LONG_LINE {
        let annotation = AnnotationKind::Primary.span(first..last);
        let snippet = Snippet::source(lines)
            .line_start(line)
            .path(path)
            .annotation(annotation);
        return vec![snippet.into()];
    }
    let from = boundary(lines, first.saturating_sub(AROUND));
    let to = boundary(lines, (first + AROUND).min(lines.len()));
    let part = lines.get(from..to).unwrap_or_default();
    let annotation = AnnotationKind::Primary.span(first - from..last.min(to) - from);
    vec![
        Origin::path(path).line(line).char_column(column).into(),
        Snippet::source(part)
            .line_start(line)
            .annotation(annotation)
            .into(),
    ]
}

/// Returns the start of the character at an offset.
fn boundary(text: &str, offset: usize) -> usize {
    (0..=offset)
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0)
}
