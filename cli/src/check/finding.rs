//! What is wrong, as every format reports it.

use std::fmt::Debug;

use omnicors_core::{Fault, FaultKind, Setting, Warning};
use omnicors_tokio::{FindingInFile, PolicyFileCheck, Problem};

use super::edit::{Edit, edit};
use super::place::byte_order_mark;

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    Error,
    Warning,
}

impl Level {
    pub(super) fn of(problem: &Problem) -> Self {
        match problem {
            Problem::Warning(_) => Self::Warning,
            _ => Self::Error,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A fault, a warning or an error of syntax.
pub(super) struct Finding<'a> {
    check: &'a PolicyFileCheck,
    pub(super) in_file: &'a FindingInFile,
}

impl<'a> Finding<'a> {
    pub(super) fn new(check: &'a PolicyFileCheck, in_file: &'a FindingInFile) -> Self {
        Self { check, in_file }
    }

    pub(super) fn level(&self) -> Level {
        Level::of(self.in_file.problem())
    }

    /// Returns a stable name of the kind of mistake: the variant of the cause, in lower case with hyphens.
    pub(super) fn rule(&self) -> String {
        match self.in_file.problem() {
            Problem::Fault(fault) => variant(fault.cause()),
            Problem::Warning(warning) => variant(warning),
            Problem::Malformed(_) => "malformed".to_owned(),
            _ => "origins-unreadable".to_owned(),
        }
    }

    pub(super) fn path(&self) -> String {
        crate::policy_source::shown(self.in_file.path())
    }

    /// Returns the text of the file.
    pub(super) fn text(&self) -> &'a str {
        self.check.text_of(self.in_file)
    }

    fn is_blank(&self) -> bool {
        let text = self.text();
        text.get(byte_order_mark(text)..)
            .is_none_or(|text| text.trim().is_empty())
    }

    /// Returns the message, without what to write instead.
    pub(super) fn message(&self) -> String {
        match self.in_file.problem() {
            Problem::Fault(fault) => self.fault_message(fault),
            Problem::Warning(warning) => split_warning(warning).0,
            Problem::Malformed(message) if self.in_file.is_in_list() => {
                format!("the list of origins is malformed: {message}")
            }
            Problem::Malformed(_) if self.is_blank() => "the file is empty".to_owned(),
            Problem::Malformed(message) => format!("the file is malformed: {message}"),
            Problem::OriginsUnreadable(message) => message.clone(),
            _ => "the file has a mistake".to_owned(),
        }
    }

    fn fault_message(&self, fault: &Fault) -> String {
        let message = fault.problem();
        // In a list of origins, the line says more than the index.
        match message.split_once("]: ") {
            Some((_, message)) if self.in_file.is_in_list() => message.to_owned(),
            _ => message,
        }
    }

    /// Returns what to write or change instead.
    pub(super) fn help(&self) -> Option<String> {
        match self.in_file.problem() {
            Problem::Fault(fault) => fault.help(),
            Problem::Warning(warning) => split_warning(warning).1,
            Problem::Malformed(_) if self.is_blank() => {
                // An empty file of another format is an empty table.
                Some(r#"write `{ "allow_origins": ["https://example.com"] }`"#.to_owned())
            }
            Problem::OriginsUnreadable(_) => Some(
                "write the path of a list with one origin per line, relative to the policy file"
                    .to_owned(),
            ),
            _ => None,
        }
    }

    pub(super) fn setting(&self) -> Option<Setting> {
        match self.in_file.problem() {
            Problem::Fault(fault) => fault.setting(),
            Problem::Warning(warning) => Some(warning.setting()),
            Problem::OriginsUnreadable(_) => Some(Setting::AllowOriginsFrom),
            _ => None,
        }
    }

    pub(super) fn kind(&self) -> Option<&'static str> {
        match self.in_file.problem() {
            Problem::Fault(fault) => Some(match fault.kind() {
                FaultKind::Invalid => "invalid",
                FaultKind::Forbidden => "forbidden",
                FaultKind::Unsafe => "unsafe",
            }),
            _ => None,
        }
    }

    pub(super) fn suggestions(&self) -> Vec<&'a str> {
        match self.in_file.problem() {
            Problem::Fault(fault) => fault.suggested_items().collect(),
            _ => Vec::new(),
        }
    }

    /// Returns the change that `--fix` makes.
    pub(super) fn edit(&self) -> Option<Edit> {
        edit(self.check, self.in_file)
    }
}

/// Splits the text of a warning from what to do about it, which is its last part.
fn split_warning(warning: &Warning) -> (String, Option<String>) {
    let text = warning.to_string();
    match text.rsplit_once("; ") {
        Some((message, help)) => (message.to_owned(), Some(help.to_owned())),
        None => (text, None),
    }
}

/// Returns the name of the variant of an enum in lower case, with hyphens: `origin-pattern`. The names of public variants are stable.
fn variant(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    let name = text.split(|character: char| !character.is_ascii_alphanumeric());
    let mut kebab = String::new();
    for character in name.take(1).flat_map(str::chars) {
        if character.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(character.to_ascii_lowercase());
    }
    kebab
}
