//! `--fix`: writes the suggestions that are unambiguous.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use omnicors_core::Setting;
use omnicors_tokio::{PolicyFileCheck, PolicyFileError, Problem};

use super::checked::{Change, Checked, Outcome};
use super::edit::{Edit, EditKind};
use super::finding::Finding;
use super::place::byte_order_mark;
use super::write::replace_file;
use crate::failure::Failure;
use crate::policy_source::shown;

/// A name that is corrected can make faults of its value visible, so a file is fixed in rounds.
const MOST_ROUNDS: usize = 4;

/// The texts of the files that were changed.
type Texts = HashMap<PathBuf, String>;

/// Checks a file, writes what is unambiguous, and checks it again.
pub(super) fn fix(path: &Path, table: Option<&str>) -> Result<Outcome, Failure> {
    let original = PolicyFileCheck::read(path, table)?;
    let seen = original.text().to_owned();
    let seen_list = original.list().map(|(_, text)| text.to_owned());
    let (checked, mut texts) = fixed(original, table)?;
    // The list of origins first: if it cannot be written, the policy file is as it was.
    let new = texts.remove(path);
    for (list, text) in texts {
        replace_file(&list, seen_list.as_deref().unwrap_or_default(), &text)?;
    }
    if let Some(text) = new {
        replace_file(path, &seen, &text)?;
    }
    Ok(Outcome::Checked(Box::new(checked)))
}

/// Returns the check of the fixed texts, and the texts.
fn fixed(original: PolicyFileCheck, table: Option<&str>) -> Result<(Checked, Texts), Failure> {
    let mut checked = Checked::new(original);
    let mut texts = Texts::new();
    let mut renamed = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let all = edits(&checked);
        if all.is_empty() {
            break;
        }
        let attempts: [fn(&Edit) -> bool; 3] = [
            |_| true,
            |edit| edit.kind != EditKind::Removal,
            |edit| edit.kind == EditKind::Value,
        ];
        let mut accepted = false;
        for attempt in attempts {
            let chosen: Vec<_> = all.iter().filter(|(_, edit)| attempt(edit)).collect();
            if chosen.is_empty() {
                continue;
            }
            let (new_texts, changes) = apply(&checked, &texts, &chosen);
            let mut new_renamed = renamed.clone();
            new_renamed.extend(chosen.iter().filter_map(|(_, edit)| match edit.kind {
                EditKind::Rename(setting) => Some(setting),
                _ => None,
            }));
            let check = check_texts(checked.check.path(), table, &new_texts)?;
            if has_new_faults(&checked.check, &check, &new_renamed) {
                continue;
            }
            checked.check = check;
            checked.changes.extend(changes);
            texts = new_texts;
            renamed = new_renamed;
            accepted = true;
            break;
        }
        if !accepted {
            checked.note = Some(
                "`--fix` did not write the other suggestions, because the file would then have new faults; change it in an editor".to_owned(),
            );
            break;
        }
    }
    Ok((checked, texts))
}

/// Returns the changes of a check, those of each file in its order. True means the list of origins.
fn edits(checked: &Checked) -> Vec<(bool, Edit)> {
    let findings = checked.check.findings().iter();
    let mut edits: Vec<_> = findings
        .zip(checked.edits())
        .filter_map(|(finding, edit)| Some((finding.is_in_list(), edit?)))
        .collect();
    edits.sort_by_key(|(is_in_list, edit)| (*is_in_list, edit.range.start));
    edits
}

/// Returns the new texts, and the changes as they are reported.
fn apply(checked: &Checked, texts: &Texts, edits: &[&(bool, Edit)]) -> (Texts, Vec<Change>) {
    let check = &checked.check;
    let mut texts = texts.clone();
    let mut changes = Vec::new();
    let list = check.list();
    let files = [Some((check.path(), check.text())), list];
    for (file, is_list) in files.into_iter().zip([false, true]) {
        let Some((path, text)) = file else { continue };
        let mut new = String::with_capacity(text.len());
        let (mut copied, mut line) = (0, 1);
        let mut line_start = byte_order_mark(text);
        for (_, edit) in edits.iter().filter(|(in_list, _)| *in_list == is_list) {
            let unchanged = text.get(copied..edit.range.start).unwrap_or_default();
            line += unchanged.matches('\n').count();
            if let Some(newline) = unchanged.rfind('\n') {
                line_start = copied + newline + 1;
            }
            let old = text.get(edit.range.clone()).unwrap_or_default();
            let column = text.get(line_start..edit.range.start).unwrap_or_default();
            changes.push(Change {
                path: shown(path),
                line,
                column: column.chars().count() + 1,
                old: shown_part(old, edit.kind).to_owned(),
                new: edit.text.trim().to_owned(),
            });
            new.push_str(unchanged);
            new.push_str(&edit.text);
            copied = edit.range.end;
            line += old.matches('\n').count();
            if let Some(newline) = old.rfind('\n') {
                line_start = edit.range.start + newline + 1;
            }
        }
        if copied > 0 {
            new.push_str(text.get(copied..).unwrap_or_default());
            texts.insert(path.to_owned(), new);
        }
    }
    (texts, changes)
}

/// Returns what was replaced. With an item that is removed, its comma or its dash is removed as well.
fn shown_part(old: &str, kind: EditKind) -> &str {
    match kind {
        EditKind::Removal => {
            let item = old.trim().trim_matches(',').trim();
            item.strip_prefix("- ").unwrap_or(item)
        }
        _ => old,
    }
}

fn check_texts(
    path: &Path,
    table: Option<&str>,
    texts: &Texts,
) -> Result<PolicyFileCheck, PolicyFileError> {
    PolicyFileCheck::read_edited(path, table, |path| {
        texts.get(path).map(|text| text.clone().into_bytes())
    })
}

/// Returns true if the new texts have a fault that the old ones do not have. The value of a setting that was renamed was not checked
/// before, so its faults are not new.
fn has_new_faults(old: &PolicyFileCheck, new: &PolicyFileCheck, renamed: &[Setting]) -> bool {
    let mut known: HashMap<_, usize> = HashMap::new();
    for fault in faults(old) {
        *known.entry(fault).or_default() += 1;
    }
    faults(new).any(|fault| {
        if fault.1.is_some_and(|setting| renamed.contains(&setting)) {
            return false;
        }
        match known.get_mut(&fault) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        }
    })
}

/// Returns the faults without their places, which change.
fn faults(
    check: &PolicyFileCheck,
) -> impl Iterator<Item = (String, Option<Setting>, Option<String>)> {
    let findings = check.findings().iter();
    findings.filter_map(move |in_file| {
        let finding = Finding::new(check, in_file);
        match in_file.problem() {
            Problem::Warning(_) => None,
            Problem::Fault(fault) => Some((
                finding.rule(),
                fault.setting(),
                Some(fault.text().to_owned()),
            )),
            _ => Some((finding.rule(), None, None)),
        }
    })
}

#[cfg(test)]
mod tests;
