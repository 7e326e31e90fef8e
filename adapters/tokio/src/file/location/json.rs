//! The ranges of JSON values. The parser does not report them, but returns slices of the text. The distance between the address of
//! a slice and that of the text is its offset.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::entry::Entry;
use crate::file::table::TablePath;

pub(super) fn find(text: &str, path: &TablePath) -> Option<Vec<Entry>> {
    let mut table = text;
    for name in path.names() {
        let Pairs(pairs) = serde_json::from_str(table).ok()?;
        let (_, value) = pairs.into_iter().find(|(key, _)| key == name)?;
        table = value.get();
    }
    let Pairs(pairs) = serde_json::from_str(table).ok()?;
    let mut entries = Vec::new();
    for (name, value) in pairs {
        let value = value.get();
        // An error means that the value is not a list.
        let items: Vec<&RawValue> = serde_json::from_str(value).unwrap_or_default();
        let items = items.into_iter().filter_map(|item| range(text, item.get()));
        let value = range(text, value)?;
        entries.push(Entry {
            name,
            key: key_before(text, value.start).unwrap_or(value.clone()),
            value,
            items: items.collect(),
        });
    }
    Some(entries)
}

/// The keys of an object, and the text of each value.
struct Pairs<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

/// Returns the range of a slice of a text.
fn range(text: &str, part: &str) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    let end = start + part.len();
    (end <= text.len()).then_some(start..end)
}

/// Returns the range of the key of a value, with its quotes. The key ends with the quote before the colon, and begins with the last
/// quote before that one that is not escaped.
fn key_before(text: &str, value: usize) -> Option<Range<usize>> {
    let before = text.get(..value)?.trim_end().strip_suffix(':')?;
    let key = before.trim_end();
    let mut before = key.strip_suffix('"')?;
    loop {
        before = before.get(..before.rfind('"')?)?;
        let escapes = before.len() - before.trim_end_matches('\\').len();
        if escapes % 2 == 0 {
            return Some(before.len()..key.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_and_value_has_its_range() {
        let text = "{ \"a\\\"\\\\\" : [1 ,\n \"x\"] , \"b\":{\"c\":null},\"\": \"\\\"\" }";
        let found = find(text, &TablePath::root()).unwrap();
        let expected = [
            ("a\"\\", r#""a\"\\""#, "[1 ,\n \"x\"]", &["1", "\"x\""][..]),
            ("b", "\"b\"", "{\"c\":null}", &[]),
            ("", "\"\"", "\"\\\"\"", &[]),
        ];
        assert_eq!(found.len(), expected.len());
        for (entry, (name, key, value, items)) in found.iter().zip(expected) {
            assert_eq!(entry.name, name);
            assert_eq!(&text[entry.key.clone()], key);
            assert_eq!(&text[entry.value.clone()], value);
            let found: Vec<_> = entry.items.iter().map(|item| &text[item.clone()]).collect();
            assert_eq!(found, items, "{name}");
        }
        let found = find(text, &TablePath::new("b")).unwrap();
        assert_eq!(found[0].value.start, text.find("null").unwrap());
        assert!(find(text, &TablePath::new("b.c")).is_none());
    }
}
