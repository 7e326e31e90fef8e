use super::compiled::Policy;
use crate::request::{RequestFields, RequestParts};

impl<'a> RequestParts<'a> {
    /// Reads the header fields of a request that the policy needs for a decision. A verdict or an explanation reads more fields
    /// later, if it needs them.
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
    /// let fields = [("Origin", "https://example.com"), ("Accept", "*/*")];
    /// let request = RequestParts::read(&policy, "GET", &fields);
    /// assert!(evaluate(&policy, &request).verdict().is_allowed());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn read<F: RequestFields>(
        policy: &Policy,
        method: &'a (impl AsRef<[u8]> + ?Sized),
        fields: &'a F,
    ) -> Self {
        // With a static policy, the response to an actual request does not depend on `Origin`, so the field is not read.
        Self::with_fields(method.as_ref(), fields, !policy.is_static())
    }
}
