/// A setting in the text of a file: its name, and offsets in bytes.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) key: usize,
    pub(super) value: usize,
    /// The items, if the value is a list.
    pub(super) items: Vec<usize>,
}
