use super::compiled::Policy;
use crate::request::{RequestFields, RequestParts};

impl<'a> RequestParts<'a> {
    /// Reads from the header fields of a request what this policy needs for a decision. A verdict or an explanation may need
    /// more, and reads it then.
    #[inline]
    pub fn read<F: RequestFields>(
        policy: &Policy,
        method: &'a (impl AsRef<[u8]> + ?Sized),
        fields: &'a F,
    ) -> Self {
        // The response to an actual request of a static policy is the same, with and without `Origin`.
        Self::with_fields(method.as_ref(), fields, !policy.is_static())
    }
}
