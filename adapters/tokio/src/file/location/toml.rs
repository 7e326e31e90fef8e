use toml::de::DeTable;

use super::entry::Entry;
use crate::file::table::TablePath;

pub(super) fn find(text: &str, path: &TablePath) -> Option<Vec<Entry>> {
    let file = DeTable::parse(text).ok()?;
    let mut table = file.get_ref();
    for name in path.names() {
        table = table.get(name.as_str())?.get_ref().as_table()?;
    }
    let entries = table.iter().map(|(key, value)| {
        let items = value.get_ref().as_array().into_iter().flatten();
        Entry {
            name: key.get_ref().to_string(),
            key: key.span(),
            value: value.span(),
            items: items.map(toml::Spanned::span).collect(),
        }
    });
    Some(entries.collect())
}
