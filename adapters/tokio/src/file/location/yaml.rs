use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_saphyr::Spanned;

use super::entry::Entry;
use crate::file::any_value::accept_others;
use crate::file::format::PolicyFileFormat;
use crate::file::table::{Key, TablePath};

pub(super) fn find(text: &str, path: &TablePath) -> Option<Vec<Entry>> {
    let mut entries = Vec::new();
    let seed = TableSeed {
        names: path.names(),
        entries: &mut entries,
    };
    PolicyFileFormat::Yaml.parse(text, seed).ok()?;
    Some(entries)
}

/// Finds the settings of a table.
struct TableSeed<'a> {
    names: &'a [String],
    entries: &'a mut Vec<Entry>,
}

impl<'de> DeserializeSeed<'de> for TableSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TableSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Spanned<Key>>()? {
            let at = range(&key);
            let Key(name) = key.value;
            match self.names.split_first() {
                Some((first, names)) if *first == name => map.next_value_seed(TableSeed {
                    names,
                    entries: self.entries,
                })?,
                Some(_) => {
                    let _any: IgnoredAny = map.next_value()?;
                }
                None => {
                    let value: Spanned<Items> = map.next_value()?;
                    if let (Some(key), Some(at)) = (at, range(&value)) {
                        let Items(items) = value.value;
                        // The parser returns only the start of a list.
                        let end = items.last().map_or(at.end, |item| item.end.max(at.end));
                        self.entries.push(Entry {
                            name,
                            key,
                            value: at.start..end,
                            items,
                        });
                    }
                }
            }
        }
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    accept_others!('de, ());
}

/// The ranges of the items of a list. Empty for any other value.
struct Items(Vec<Range<usize>>);

impl<'de> Deserialize<'de> for Items {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// An item of a list that may itself be a list.
        #[derive(Clone, Copy)]
        struct AnyValue;

        impl<'de> Visitor<'de> for AnyValue {
            type Value = Items;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Items, A::Error> {
                while let Some((IgnoredAny, IgnoredAny)) = map.next_entry()? {}
                Ok(Items(Vec::new()))
            }

            fn visit_str<E>(self, _: &str) -> Result<Items, E> {
                Ok(Items(Vec::new()))
            }

            accept_others!('de, Items(Vec::new()), seq => {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element::<Spanned<IgnoredAny>>()? {
                    items.push(range(&item).unwrap_or_default());
                }
                Ok(Items(items))
            });
        }

        deserializer.deserialize_any(AnyValue)
    }
}

/// Returns the range of a value, or only its start if it is a list or a table. For an alias, this is the range of its anchor.
fn range<T>(value: &Spanned<T>) -> Option<Range<usize>> {
    let span = value.defined.span();
    let start = usize::try_from(span.byte_offset()?).ok()?;
    let length = usize::try_from(span.byte_len()?).ok()?;
    Some(start..start + length)
}
