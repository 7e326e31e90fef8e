//! What happens to an origin when its lookup fails.

use std::time::Duration;

use omnicors_core::LookupResult;
use tokio::time::Instant;

use super::failure::LookupFailure;
use super::result_cache::CachedResult;

/// Whether an origin is allowed when its lookup fails.
///
/// Exhaustive: there is no fourth choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenFailed {
    /// Denies the origin.
    #[default]
    Deny,
    /// Uses the last result for the origin, for `keep` longer than it is fresh. Denies the origin if there is none.
    LastResult {
        /// How long a result is kept after [`keep_allowed`](crate::LookupOptions::keep_allowed) or
        /// [`keep_denied`](crate::LookupOptions::keep_denied) has passed. At most 365 days together.
        keep: Duration,
    },
    /// Allows the origin, which can be any site, while the function returns errors.
    ///
    /// Denies the origin if the lookup times out, cannot start because too many run, panics, or is stopped: any client may be able
    /// to cause that.
    DangerouslyAllow,
}

/// The result after a failed lookup, and until when it is used.
pub(super) struct AfterFailure {
    pub(super) result: LookupResult,
    pub(super) fresh_until: Instant,
    pub(super) stale_until: Option<Instant>,
}

impl WhenFailed {
    /// Returns the result after a failed lookup, to be used until `retry_at`: the one in the cache, or else what this says.
    pub(super) fn after(
        self,
        failure: &LookupFailure,
        cached: Option<CachedResult>,
        retry_at: Instant,
    ) -> AfterFailure {
        if let Some(CachedResult::Stale { result, until }) = cached {
            return AfterFailure {
                result,
                fresh_until: retry_at.min(until),
                stale_until: Some(until),
            };
        }
        let is_allowed =
            matches!(failure, LookupFailure::Failed(_)) && matches!(self, Self::DangerouslyAllow);
        AfterFailure {
            result: if is_allowed {
                LookupResult::Allowed
            } else {
                LookupResult::Failed
            },
            fresh_until: retry_at,
            stale_until: None,
        }
    }

    /// Returns until when a result that is fresh for `keep` may be used after a failed lookup.
    pub(super) fn stale_until(self, keep: Duration, now: Instant) -> Option<Instant> {
        match self {
            Self::LastResult { keep: last } => Some(now + bounded(keep.saturating_add(last))),
            Self::Deny | Self::DangerouslyAllow => None,
        }
    }
}

/// The longest time of any option, so that no sum of times overflows.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

pub(super) fn bounded(time: Duration) -> Duration {
    time.min(LONGEST)
}
