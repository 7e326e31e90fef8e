//! What is printed.

use crate::compare::Comparison;

/// What is printed.
pub(super) struct Output<'a> {
    /// The files, as they were given on the command line.
    pub(super) old: String,
    pub(super) new: String,
    pub(super) comparison: &'a Comparison<'a>,
    pub(super) limit: usize,
}
