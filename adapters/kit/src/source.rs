use std::fmt;
use std::sync::Arc;

use omnicors_core::Policy;

use crate::handle::PolicyHandle;
use crate::prepared::PreparedPolicy;

/// Where the policy for a request comes from. A clone is cheap.
///
/// Each adapter has an alias, also named `PolicySource`, with its own types: `C` is the type of the function that chooses a
/// policy per request, `dyn Fn(&Request) -> Option<Arc<PreparedPolicy<P>>> + Send + Sync`; `P` is the type of the values that
/// the adapter prepares.
///
/// Non-exhaustive: there may be other sources.
#[non_exhaustive]
pub enum PolicySource<C: ?Sized, P> {
    /// One policy for all requests.
    Fixed(Arc<PreparedPolicy<P>>),
    /// A policy that can be replaced.
    Handle(PolicyHandle<P>),
    /// A policy chosen per request. `None` means that CORS does not apply to the request: neither the request nor its
    /// response is touched.
    PerRequest(Arc<C>),
}

impl<C: ?Sized, P> PolicySource<C, P> {
    /// Returns the policy for a request, to be held during an origin lookup; or `None` if CORS does not apply to the request.
    pub fn choose<R>(&self, request: R) -> Option<Arc<PreparedPolicy<P>>>
    where
        C: Fn(R) -> Option<Arc<PreparedPolicy<P>>>,
    {
        match self {
            Self::Fixed(policy) => Some(Arc::clone(policy)),
            Self::Handle(handle) => Some(handle.load()),
            Self::PerRequest(choose) => choose(request),
        }
    }

    /// Calls a function with the policy for a request, or with `None` if CORS does not apply to the request.
    ///
    /// This is for an adapter without an origin lookup. It is cheaper than [`choose`](Self::choose), which counts a reference
    /// that all threads share.
    #[inline]
    pub fn with_chosen<R, O>(
        &self,
        request: R,
        then: impl FnOnce(Option<&PreparedPolicy<P>>) -> O,
    ) -> O
    where
        C: Fn(R) -> Option<Arc<PreparedPolicy<P>>>,
    {
        // `then` is called in one place, because it is long and is inlined here.
        let (current, chosen);
        let policy: Option<&PreparedPolicy<P>> = match self {
            Self::Fixed(policy) => Some(policy),
            Self::Handle(handle) => {
                current = handle.peek();
                Some(&current)
            }
            Self::PerRequest(choose) => {
                chosen = choose(request);
                chosen.as_deref()
            }
        };
        #[cfg(feature = "tracing")]
        if let Some(policy) = policy {
            policy.warn_of_missing_lookup();
        }
        then(policy)
    }

    /// Warns if no policy of this source needs an origin lookup, when an adapter is given one.
    #[cfg(all(feature = "tokio", feature = "tracing"))]
    pub(crate) fn warn_of_unused_lookup(&self) {
        let is_used = match self {
            Self::Fixed(policy) => policy.policy().decides_origins_outside(),
            Self::Handle(handle) => handle.peek().policy().decides_origins_outside(),
            Self::PerRequest(_) => true,
        };
        if !is_used {
            crate::events::unused_lookup();
        }
    }
}

impl<C: ?Sized, P: for<'a> From<&'a Policy>> From<Policy> for PolicySource<C, P> {
    fn from(policy: Policy) -> Self {
        Self::Fixed(PreparedPolicy::shared(policy))
    }
}

impl<C: ?Sized, P> From<Arc<PreparedPolicy<P>>> for PolicySource<C, P> {
    fn from(policy: Arc<PreparedPolicy<P>>) -> Self {
        Self::Fixed(policy)
    }
}

impl<C: ?Sized, P> From<PolicyHandle<P>> for PolicySource<C, P> {
    fn from(handle: PolicyHandle<P>) -> Self {
        Self::Handle(handle)
    }
}

impl<C: ?Sized, P> Clone for PolicySource<C, P> {
    fn clone(&self) -> Self {
        match self {
            Self::Fixed(policy) => Self::Fixed(Arc::clone(policy)),
            Self::Handle(handle) => Self::Handle(handle.clone()),
            Self::PerRequest(choose) => Self::PerRequest(Arc::clone(choose)),
        }
    }
}

impl<C: ?Sized, P: fmt::Debug> fmt::Debug for PolicySource<C, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(policy) => policy.fmt(f),
            Self::Handle(handle) => handle.fmt(f),
            Self::PerRequest(_) => f.debug_struct("PerRequest").finish_non_exhaustive(),
        }
    }
}
