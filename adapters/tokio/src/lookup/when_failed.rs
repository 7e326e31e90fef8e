use omnicors_core::LookupResult;

use super::failure::LookupFailure;

/// Specifies whether an origin is allowed when its lookup fails.
///
/// Exhaustive: an origin is denied, allowed, or treated as before.
///
/// ```
/// use omnicors_tokio::{LookupOptions, WhenFailed};
///
/// let options = LookupOptions::new().when_failed(WhenFailed::Deny);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenFailed {
    /// Denies the origin.
    Deny,
    /// Allows the origin if the last successful lookup allowed it, until the [`lease`](crate::LookupOptions::lease) is over. Denies
    /// any other origin.
    #[default]
    LastResult,
    /// Allows every origin, also those of attackers, while the function returns errors.
    ///
    /// If the lookup times out, is not begun because too many run, panics, or is stopped, this is the same as
    /// [`LastResult`](Self::LastResult), because any client may be able to cause that.
    DangerouslyAllow,
}

impl WhenFailed {
    /// Returns the result after a failed lookup of an origin that may not be used any more.
    pub(super) fn result(self, failure: &LookupFailure) -> LookupResult {
        match (self, failure) {
            (Self::DangerouslyAllow, LookupFailure::Failed(_)) => LookupResult::Allowed,
            (_, LookupFailure::TimedOut) => LookupResult::TimedOut,
            _ => LookupResult::Failed,
        }
    }
}
