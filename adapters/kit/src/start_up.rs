//! Checks at start-up that the policy and the adapter agree about origin lookups.

use crate::entry::Lookups;
use crate::source::PolicySource;

impl<C: ?Sized, P> PolicySource<C, P> {
    /// Checks that the policy does not need an origin lookup. An adapter without a lookup calls this when its framework builds
    /// the service.
    ///
    /// ```
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PolicySource};
    ///
    /// struct Request;
    /// type Choose = dyn Fn(&Request) -> Option<std::sync::Arc<omnicors_adapter::PreparedPolicy<NoPreparedValues>>>;
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    /// PolicySource::<Choose, NoPreparedValues>::from(policy).assert_no_lookup_is_needed();
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the source is a fixed policy that sets
    /// [`lookup_origins`](omnicors_core::PolicyConfig::lookup_origins), or has an entry with one: every origin that is not listed
    /// would be denied. A policy from a handle, or one that a function chooses, may change later. For these, the feature `tracing`
    /// logs a warning.
    #[track_caller]
    pub fn assert_no_lookup_is_needed(&self) {
        assert!(
            self.lookups() != Lookups::Needed,
            "the CORS policy sets `lookup_origins`, but the adapter has no origin lookup: call \
             `lookup_origins(timeout, function)` on the adapter, or remove `lookup_origins` from the policy"
        );
    }

    /// Checks that the policy needs an origin lookup. Panics if the source is a fixed policy that does not, or has only such
    /// entries.
    #[cfg(feature = "tokio")]
    #[track_caller]
    pub(crate) fn assert_lookup_is_used(&self) {
        assert!(
            self.lookups() != Lookups::NotNeeded,
            "the adapter has an origin lookup, but the CORS policy does not need it, so it would never be called: set \
             `lookup_origins(true)` in the policy, or do not call `lookup_origins` on the adapter"
        );
    }
}
