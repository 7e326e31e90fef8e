//! What happens to an origin when its lookup fails.

use std::time::Duration;

use omnicors_core::LookupResult;

use super::failure::LookupFailure;

/// Whether an origin is allowed when its lookup fails.
///
/// Exhaustive: there is no fourth choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenFailed {
    /// Denies the origin.
    Deny,
    /// Allows the origin if the last successful lookup allowed it, until the [`lease`](crate::LookupOptions::lease) is over. Denies
    /// any other origin.
    #[default]
    LastResult,
    /// Allows the origin, which can be any site, while the function returns errors.
    ///
    /// If the lookup times out, is not begun because too many run, panics, or is stopped, this is the same as
    /// [`LastResult`](Self::LastResult): any client may be able to cause that.
    DangerouslyAllow,
}

impl WhenFailed {
    /// Returns for how long an allowed origin may be used without a successful lookup.
    pub(super) fn usable_for(self, keep_allowed: Duration, lease: Duration) -> Duration {
        match self {
            Self::Deny => keep_allowed,
            Self::LastResult | Self::DangerouslyAllow => lease,
        }
    }

    /// Returns the result after a failed lookup of an origin that may not be used any more.
    pub(super) fn result(self, failure: &LookupFailure) -> LookupResult {
        match (self, failure) {
            (Self::DangerouslyAllow, LookupFailure::Failed(_)) => LookupResult::Allowed,
            (_, LookupFailure::TimedOut) => LookupResult::TimedOut,
            _ => LookupResult::Failed,
        }
    }
}
