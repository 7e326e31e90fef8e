use std::collections::hash_map;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use omnicors_core::{Fault, FaultCause, Setting, Warning};

use super::entry::Entry;
use crate::file::byte_order_mark::without_mark;
use crate::file::format::PolicyFileFormat;
use crate::file::table::TablePath;

/// The ranges of the settings of a table, in bytes, by name.
#[derive(Debug, Default)]
pub(in crate::file) struct Locations(HashMap<String, Location>);

#[derive(Debug)]
struct Location {
    entry: Entry,
    /// The range of the last key with the same name, if the setting is repeated.
    repeated: Option<Range<usize>>,
}

impl Locations {
    /// Finds the settings of a table in a file that was parsed before.
    pub(in crate::file) fn find(format: PolicyFileFormat, text: &str, table: &TablePath) -> Self {
        // The file is valid. If it cannot be parsed again, for example because aliases repeat too much, the faults have no line.
        let file = text;
        let text = without_mark(file);
        let entries = match format {
            #[cfg(feature = "toml")]
            PolicyFileFormat::Toml => super::toml::find(text, table),
            #[cfg(feature = "json")]
            PolicyFileFormat::Json => super::json::find(text, table),
            #[cfg(feature = "yaml")]
            PolicyFileFormat::Yaml => super::yaml::find(text, table),
        };
        let mut locations = Self::default();
        for entry in entries.unwrap_or_default() {
            locations.add(entry.after(file.len() - text.len()));
        }
        locations
    }

    fn add(&mut self, entry: Entry) {
        match self.0.entry(entry.name.clone()) {
            hash_map::Entry::Occupied(mut first) => first.get_mut().repeated = Some(entry.key),
            hash_map::Entry::Vacant(vacant) => {
                vacant.insert(Location {
                    entry,
                    repeated: None,
                });
            }
        }
    }

    /// Returns the offset of the name, the value or the list item that is at fault.
    pub(in crate::file) fn offset(&self, fault: &Fault) -> Option<usize> {
        self.range(fault).map(|range| range.start)
    }

    fn range(&self, fault: &Fault) -> Option<Range<usize>> {
        let is_name = names_the_setting(fault);
        let name = if is_name {
            fault.text()
        } else {
            fault.setting()?.as_str()
        };
        let Location { entry, repeated } = self.0.get(name)?;
        if is_name {
            return Some(entry.key.clone());
        }
        if *fault.cause() == FaultCause::Repeated {
            return repeated.clone();
        }
        // A list can also be one text.
        let item = fault.index().and_then(|index| entry.items.get(index));
        Some(item.unwrap_or(&entry.value).clone())
    }

    /// Returns the range of the name, the value or the list item that is at fault. If a list is one text, this is a part of the text.
    pub(in crate::file) fn of_fault(&self, text: &str, fault: &Fault) -> Option<Range<usize>> {
        let range = self.range(fault)?;
        let (Some(setting), Some(index)) = (fault.setting(), fault.index()) else {
            return Some(range);
        };
        let part = self
            .parts(text, setting)
            .nth(index)
            .filter(|part| text.get(part.clone()) == Some(fault.text()));
        Some(part.unwrap_or(range))
    }

    /// Returns the range of the value or the list item of each warning, and true if this is the item that the warning is about. If a
    /// setting can be left out, this is the range of its name.
    pub(in crate::file) fn of_warnings(
        &self,
        text: &str,
        warnings: &[Warning],
    ) -> Vec<(Option<Range<usize>>, bool)> {
        let wanted: HashSet<_> = warnings
            .iter()
            .filter_map(|warning| Some((warning.setting(), warning.item()?.to_ascii_lowercase())))
            .collect();
        let settings: HashSet<_> = wanted.iter().map(|&(setting, _)| setting).collect();
        let mut found = HashMap::new();
        for setting in settings {
            let Some(Location { entry, .. }) = self.0.get(setting.as_str()) else {
                continue;
            };
            let items = entry.items.iter().cloned();
            for range in items.chain(self.parts(text, setting)) {
                let written = text.get(range.clone()).unwrap_or_default();
                let item = unquoted(written).unwrap_or(written).to_ascii_lowercase();
                let item = (setting, item);
                if wanted.contains(&item) {
                    found.entry(item).or_insert(range);
                }
            }
        }
        let range = |warning: &Warning| {
            let setting = warning.setting();
            let item = warning.item().map(str::to_ascii_lowercase);
            match item.and_then(|item| found.get(&(setting, item))) {
                Some(range) => (Some(range.clone()), true),
                None if matches!(warning, Warning::UnusedOptOut(_)) => (self.name(setting), false),
                None => (self.value(setting), false),
            }
        };
        warnings.iter().map(range).collect()
    }

    /// Returns the range of the name of a setting.
    fn name(&self, setting: Setting) -> Option<Range<usize>> {
        let Location { entry, .. } = self.0.get(setting.as_str())?;
        Some(entry.key.clone())
    }

    /// Returns the range of the value of a setting.
    pub(in crate::file) fn value(&self, setting: Setting) -> Option<Range<usize>> {
        let Location { entry, .. } = self.0.get(setting.as_str())?;
        Some(entry.value.clone())
    }

    /// Returns the ranges of the items of a list that is one text. Returns none if the text contains escapes, because its parts then
    /// cannot be found without decoding it.
    fn parts(&self, text: &str, setting: Setting) -> impl Iterator<Item = Range<usize>> {
        let entry = self.0.get(setting.as_str()).map(|found| &found.entry);
        let is_text = |entry: &&Entry| entry.items.is_empty() && is_split(setting);
        let value = entry
            .filter(is_text)
            .map_or(0..0, |entry| entry.value.clone());
        let written = text.get(value.clone()).unwrap_or_default();
        let written = unquoted(written).unwrap_or_default();
        // `unquoted` removes at most one quote at the start.
        let shift = usize::from(
            !text
                .get(value.start..)
                .unwrap_or_default()
                .starts_with(written),
        );
        let separators = |character: char| character == ',' || character.is_whitespace();
        let mut at = value.start + shift;
        written.split_inclusive(separators).filter_map(move |part| {
            let start = at;
            at += part.len();
            let item = part.trim_end_matches(separators);
            (!item.is_empty()).then_some(start..start + item.len())
        })
    }
}

/// Returns true if the fault is in the name of a setting.
fn names_the_setting(fault: &Fault) -> bool {
    matches!(
        fault.cause(),
        FaultCause::UnknownSetting | FaultCause::Renamed | FaultCause::Replaced
    )
}

/// Returns true if the setting is a list that can be one text.
fn is_split(setting: Setting) -> bool {
    matches!(
        setting,
        Setting::AllowOrigins
            | Setting::AllowMethods
            | Setting::AllowHeaders
            | Setting::ExposeHeaders
    )
}

/// Returns a text without its quotes, or `None` if it contains escapes.
fn unquoted(written: &str) -> Option<&str> {
    let quoted = |quote| {
        written
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote))
            .filter(|inner| !inner.contains(quote))
    };
    match written.chars().next()? {
        quote @ '"' => quoted(quote).filter(|inner| !inner.contains('\\')),
        quote @ '\'' => quoted(quote),
        _ => Some(written),
    }
}
