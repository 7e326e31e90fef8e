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
