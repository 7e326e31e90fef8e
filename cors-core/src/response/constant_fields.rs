use core::fmt;
use core::iter::FusedIterator;

use super::field::{FieldValue, HeaderField};
use crate::header::ResponseFieldSet;

/// Fields whose value is the same for all policies and requests. They borrow nothing. Made by
/// [`constant_fields`](crate::adapter::constant_fields).
///
/// It takes two bytes: what waits for the response of an application should be small.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ConstantFields(ResponseFieldSet);

impl ConstantFields {
    #[inline]
    pub(crate) fn new(fields: ResponseFieldSet) -> Self {
        Self(fields)
    }
}

impl Iterator for ConstantFields {
    type Item = HeaderField<'static>;

    #[inline]
    fn next(&mut self) -> Option<HeaderField<'static>> {
        let field = self.0.take_first()?;
        Some(HeaderField {
            name: field.name(),
            value: FieldValue::Constant(field.constant()),
            operation: field.operation(),
        })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.len(), Some(self.0.len()))
    }
}

impl ExactSizeIterator for ConstantFields {}

impl FusedIterator for ConstantFields {}

/// Shows the fields that are left.
impl fmt::Debug for ConstantFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self
            .clone()
            .map(|field| (field.name.as_str(), field.value.as_str()));
        f.debug_map().entries(shown).finish()
    }
}
