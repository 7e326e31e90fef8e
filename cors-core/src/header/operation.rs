/// What to do with the fields of the same name that a response has already.
///
/// Exhaustive: an adapter must handle each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Replace them.
    Set,
    /// Keep them, and add this field.
    Append,
    /// Keep them, and add the names that are missing: for `Vary`, which is a set.
    /// [`missing_from_vary`](crate::adapter::missing_from_vary) returns those names.
    Merge,
}
