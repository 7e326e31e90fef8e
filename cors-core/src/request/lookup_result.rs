/// The result of looking up an origin outside of the policy, in a database for example.
///
/// This enum is exhaustive.
///
/// A `bool` converts to [`Allowed`](Self::Allowed) or [`NotAllowed`](Self::NotAllowed), and an error to [`Failed`](Self::Failed):
///
/// ```
/// use omnicors_core::LookupResult;
/// use std::io;
///
/// fn is_tenant(origin: &str) -> io::Result<bool> {
///     Ok(origin == "https://tenant.example")
/// }
///
/// assert_eq!(LookupResult::from(is_tenant("https://tenant.example")), LookupResult::Allowed);
/// assert_eq!(LookupResult::from(is_tenant("https://other.example")), LookupResult::NotAllowed);
/// assert_eq!(LookupResult::from(Err(io::Error::other("disconnected"))), LookupResult::Failed);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LookupResult {
    /// The origin is allowed.
    Allowed,
    /// The origin is not allowed.
    NotAllowed,
    /// The lookup failed. The origin is denied, and the response is not cached. A response that replaces the application's has the
    /// status 503.
    Failed,
    /// The lookup timed out. The response is the same as for [`Failed`](Self::Failed).
    TimedOut,
    /// The lookup was not begun, because too many other lookups are running or waiting. The origin is denied, and the response is not
    /// cached. A preflight gets a 403 and not a 503, so a client that sends many invented origins cannot make a healthy server look
    /// broken.
    NotBegun,
}

impl LookupResult {
    /// Returns true if the lookup failed or timed out. A lookup that was not begun is not a failure of the server.
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

/// An error converts to [`LookupResult::Failed`].
impl<E> From<Result<bool, E>> for LookupResult {
    fn from(result: Result<bool, E>) -> Self {
        result.map_or(Self::Failed, Self::from)
    }
}
