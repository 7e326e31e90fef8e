use core::fmt;
use core::iter::FusedIterator;

use super::field::{FieldValue, HeaderField};
use crate::header::ResponseFieldSet;

/// An iterator over the fields whose value is the same for all policies and requests. Created by
/// [`constant_fields`](crate::adapter::constant_fields).
///
/// It borrows nothing and has a size of two bytes, so that an adapter can keep it while the application runs.
///
/// ```
/// use omnicors_core::adapter::{ConstantFields, constant_fields};
/// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
///
/// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
/// let decision = evaluate(&policy, &RequestParts::new("GET"));
/// let kept: ConstantFields = constant_fields(decision.headers());
/// assert!(kept.map(|field| field.to_string()).eq(["vary: Origin"]));
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
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

/// Writes the remaining fields.
impl fmt::Debug for ConstantFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self
            .clone()
            .map(|field| (field.name.as_str(), field.value.as_str()));
        f.debug_map().entries(shown).finish()
    }
}
