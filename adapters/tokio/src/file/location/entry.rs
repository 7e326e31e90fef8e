use std::ops::Range;

/// A setting in the text of a file: its name, and ranges in bytes.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) key: Range<usize>,
    pub(super) value: Range<usize>,
    /// The items, if the value is a list.
    pub(super) items: Vec<Range<usize>>,
}

impl Entry {
    /// Returns the entry of a text with this number of bytes more before it.
    pub(super) fn after(mut self, bytes: usize) -> Self {
        let ranges = [&mut self.key, &mut self.value];
        for range in ranges.into_iter().chain(&mut self.items) {
            *range = range.start + bytes..range.end + bytes;
        }
        self
    }
}
