//! A list of origins that was checked, with its text.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::origin_list::origin_of;

/// A list of origins.
#[derive(Debug)]
pub(super) struct CheckedList {
    pub(super) path: Arc<Path>,
    pub(super) text: String,
}

impl CheckedList {
    /// Returns the range of the first origin for each key that `key` returns for the line and the origin.
    pub(super) fn find<K: Eq + Hash>(
        &self,
        key: impl Fn(usize, &str) -> Option<K>,
    ) -> HashMap<K, Range<usize>> {
        let mut found = HashMap::new();
        let mut start = 0;
        for (line, number) in self.text.split_inclusive('\n').zip(1..) {
            if let Some((offset, origin)) = origin_of(line, number) {
                let range = start + offset..start + offset + origin.len();
                if let Some(key) = key(number, origin) {
                    found.entry(key).or_insert(range);
                }
            }
            start += line.len();
        }
        found
    }

    /// Returns the range of a line, without its end. The first line is 1.
    pub(super) fn line(&self, number: usize) -> Option<Range<usize>> {
        let mut lines = self.text.split_inclusive('\n');
        let before = lines.by_ref().take(number.checked_sub(1)?);
        let start = before.map(str::len).sum();
        let line = lines.next()?.trim_end();
        Some(start..start + line.len())
    }
}
