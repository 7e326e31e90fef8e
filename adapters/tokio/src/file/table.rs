//! Finds a table in a larger file.

use std::fmt;

use super::any_value::accept_others;
use omnicors_core::PolicyConfig;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor,
};

/// The path of a table: `server.cors` is `cors` in `server`.
#[derive(Clone, Debug)]
pub(super) struct TablePath(Vec<String>);

impl TablePath {
    pub(super) fn new(dotted: &str) -> Self {
        Self(dotted.split('.').map(str::to_owned).collect())
    }

    /// Returns the path of the whole file.
    pub(super) fn root() -> Self {
        Self(Vec::new())
    }

    pub(super) fn names(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for TablePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

/// Reads the table, or returns `None` if the file does not have it.
pub(super) struct TableSeed<'a> {
    names: &'a [String],
}

impl<'a> TableSeed<'a> {
    pub(super) fn new(path: &'a TablePath) -> Self {
        Self { names: &path.0 }
    }
}

impl<'de> DeserializeSeed<'de> for TableSeed<'_> {
    type Value = Option<PolicyConfig>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if self.names.is_empty() {
            return PolicyConfig::deserialize(deserializer).map(Some);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TableSeed<'_> {
    type Value = Option<PolicyConfig>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        let Some((first, rest)) = self.names.split_first() else {
            return Ok(None);
        };
        let mut is_there = false;
        while let Some(Key(name)) = map.next_key()? {
            if name != *first {
                let _any: IgnoredAny = map.next_value()?;
                continue;
            }
            // serde_json does not reject duplicate keys.
            if is_there {
                return Err(A::Error::custom(format_args!("duplicate key `{name}`")));
            }
            is_there = true;
            found = map.next_value_seed(TableSeed { names: rest })?;
        }
        Ok(found)
    }
}

/// The tables of a file, for a message about one that is missing.
#[derive(Debug, Default)]
pub(super) struct Tables {
    names: Vec<String>,
    /// The number of other tables.
    more: usize,
}

impl Tables {
    /// The maximum number of names in the message.
    const SHOWN: usize = 20;
    /// The maximum depth of a table in the message.
    const DEPTH: usize = 3;
    /// The maximum length of a name in the message, in bytes.
    const LONGEST: usize = 40;

    fn add(&mut self, name: &str) {
        if self.names.len() < Self::SHOWN && name.len() <= Self::LONGEST {
            self.names.push(name.to_owned());
        } else {
            self.more += 1;
        }
    }
}

impl fmt::Display for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.names.is_empty() && self.more == 0 {
            return f.write_str("the file has no tables");
        }
        f.write_str("the file has ")?;
        for (index, name) in self.names.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}`{name}`")?;
        }
        match (self.names.is_empty(), self.more) {
            (_, 0) => Ok(()),
            (true, more) => write!(f, "{more} tables with longer names"),
            (false, more) => write!(f, " and {more} more"),
        }
    }
}

/// Lists the tables of a file.
pub(super) struct TablesSeed<'a> {
    tables: &'a mut Tables,
    /// The name of the table that is read; empty for the file.
    name: String,
    depth: usize,
}

impl<'a> TablesSeed<'a> {
    pub(super) fn new(tables: &'a mut Tables) -> Self {
        Self {
            tables,
            name: String::new(),
            depth: 0,
        }
    }
}

impl<'de> DeserializeSeed<'de> for TablesSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TablesSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut is_table = !self.name.is_empty();
        while let Some(Key(name)) = map.next_key()? {
            // The parser of TOML returns a date as a map with this key.
            if name == "$__toml_private_datetime" {
                is_table = false;
            }
            // A table is listed before the tables in it.
            if is_table {
                self.tables.add(&self.name);
                is_table = false;
            }
            if self.depth == Tables::DEPTH {
                let _any: IgnoredAny = map.next_value()?;
                continue;
            }
            let name = match &*self.name {
                "" => name,
                table => format!("{table}.{name}"),
            };
            map.next_value_seed(TablesSeed {
                tables: self.tables,
                name,
                depth: self.depth + 1,
            })?;
        }
        // An empty table.
        if is_table {
            self.tables.add(&self.name);
        }
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    accept_others!('de, ());
}

/// The text of a key. YAML has keys that are not strings; their text is empty.
pub(super) struct Key(pub(super) String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyKey)
    }
}

struct AnyKey;

impl<'de> Visitor<'de> for AnyKey {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Key, E> {
        Ok(Key(name.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Key, A::Error> {
        while let Some((IgnoredAny, IgnoredAny)) = map.next_entry()? {}
        Ok(Key(String::new()))
    }

    accept_others!('de, Key(String::new()));
}
