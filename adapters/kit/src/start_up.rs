//! Mistakes that are found when a server starts: a policy looks origins up and its adapter cannot, or the other way round.

use crate::source::PolicySource;

impl<C: ?Sized, P> PolicySource<C, P> {
    /// Checks that an adapter without an origin lookup has a policy that needs none. Adapters call this when their framework
    /// builds the service.
    ///
    /// # Panics
    ///
    /// Panics if the source is one policy that [looks origins up](omnicors_core::PolicyConfig::lookup_origins): every origin
    /// that is not listed would be denied. This is a mistake in the program, found when it starts. A policy from a handle or
    /// a choice per request may change later: for these, feature `tracing` logs a warning.
    #[track_caller]
    pub fn assert_no_lookup_is_needed(&self) {
        if let Self::Fixed(policy) = self {
            assert!(
                !policy.policy().lookup_origins(),
                "the CORS policy looks origins up, but the adapter has no lookup: call `lookup_origins(timeout, function)` on \
                 the adapter, or do not set `lookup_origins` in the policy"
            );
        }
    }

    /// Checks that an adapter with an origin lookup has a policy that needs one.
    #[cfg(feature = "tokio")]
    #[track_caller]
    pub(crate) fn assert_lookup_is_used(&self) {
        if let Self::Fixed(policy) = self {
            assert!(
                policy.policy().lookup_origins(),
                "the CORS policy does not look origins up, so the lookup of the adapter would never be called: set \
                 `lookup_origins(true)` in the policy, or do not call `lookup_origins` on the adapter"
            );
        }
    }
}
