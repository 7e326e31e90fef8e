use std::collections::HashMap;
use std::collections::hash_map;

use omnicors_core::{Fault, FaultCause};

use super::entry::Entry;
use crate::file::format::Format;
use crate::file::table::TablePath;

/// The offsets of the settings of a table, in bytes, by name.
#[derive(Debug, Default)]
pub(in crate::file) struct Locations(HashMap<String, Location>);

#[derive(Debug)]
struct Location {
    entry: Entry,
    /// The offset of the last key with the same name, if the setting is repeated.
    repeated: Option<usize>,
}

impl Locations {
    /// Finds the settings of a table in a file that was parsed before.
    pub(in crate::file) fn find(format: Format, text: &str, table: &TablePath) -> Self {
        // The file is valid. If it cannot be parsed again, for example because aliases repeat too much, the faults have no line.
        let entries = match format {
            #[cfg(feature = "toml")]
            Format::Toml => super::toml::find(text, table),
            #[cfg(feature = "json")]
            Format::Json => super::json::find(text, table),
            #[cfg(feature = "yaml")]
            Format::Yaml => super::yaml::find(text, table),
        };
        let mut locations = Self::default();
        for entry in entries.unwrap_or_default() {
            locations.add(entry);
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
        let is_name = matches!(
            fault.cause(),
            FaultCause::UnknownSetting | FaultCause::Renamed
        );
        let name = if is_name {
            fault.text()
        } else {
            fault.setting()?.as_str()
        };
        let Location { entry, repeated } = self.0.get(name)?;
        if is_name {
            return Some(entry.key);
        }
        if *fault.cause() == FaultCause::Repeated {
            return *repeated;
        }
        // A list can also be one text.
        let item = fault.index().and_then(|index| entry.items.get(index));
        Some(item.copied().unwrap_or(entry.value))
    }
}
