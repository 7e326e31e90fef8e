/// What a lookup said about an origin.
///
/// Exhaustive: a lookup says yes, or no, or nothing; and then it failed, timed out, or was not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LookupResult {
    /// The origin is allowed.
    Allowed,
    /// The origin is not allowed.
    NotAllowed,
    /// The lookup failed. The origin is denied, and no cache may store the response. A response that is sent instead of the
    /// application's is a 503.
    Failed,
    /// The lookup timed out. Responses are the same as after [`Failed`](Self::Failed).
    TimedOut,
    /// The lookup was not begun, because too many others run or wait. The origin is denied, and no cache may store the response.
    /// A preflight gets a 403 and not a 503: whoever sends many invented origins must not make a healthy server look broken.
    NotBegun,
}

impl LookupResult {
    /// Returns true if the lookup failed or timed out. One that was not begun is not a failure of the server.
    pub(crate) const fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::TimedOut)
    }
}

impl From<bool> for LookupResult {
    fn from(is_allowed: bool) -> Self {
        if is_allowed {
            Self::Allowed
        } else {
            Self::NotAllowed
        }
    }
}

/// An error is a lookup that failed.
impl<E> From<Result<bool, E>> for LookupResult {
    fn from(result: Result<bool, E>) -> Self {
        result.map_or(Self::Failed, Self::from)
    }
}
