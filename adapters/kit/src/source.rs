use std::fmt;
use std::sync::Arc;

use omnicors_core::Policy;

use crate::handle::Handle;
use crate::policy::HttpDecision;
use crate::prepared::{PreparedHeaders, PreparedPolicy};
use crate::request::RequestHead;
use crate::shared::{Shared, SharedPolicy};

/// What an adapter for the types of the `http` crate takes as its policy: a [`Policy`] or [`SharedPolicy`] for all requests, a
/// [`PolicyHandle`](crate::PolicyHandle), or a [`per_request`] function.
pub type PolicySource = Source<dyn Fn(&RequestHead<'_>) -> Option<SharedPolicy> + Send + Sync>;

/// Where the policy for a request comes from: an adapter's `PolicySource`. A clone is cheap.
///
/// `C` is the type of a function that chooses one, `dyn Fn(&Request) -> Option<SharedPolicy> + Send + Sync`, with the types of
/// the adapter; `P` is what of the headers it has made ready.
///
/// Non-exhaustive: there may be other sources.
#[non_exhaustive]
pub enum Source<C: ?Sized, P = PreparedHeaders> {
    /// One for all requests.
    Fixed(Shared<PreparedPolicy<P>>),
    /// One that can be replaced.
    Handle(Handle<PreparedPolicy<P>>),
    /// One chosen per request; `None` where CORS is none of our business for it, and nothing is done.
    PerRequest(Arc<C>),
}

/// Lets a function choose the policy for each request, by its path, its host, or what other middleware has found out.
///
/// The function returns `None` where CORS is none of our business: neither the request nor the response is touched then,
/// and a browser lets no page of another origin read it unless the application itself says so.
///
/// ```
/// use omnicors_http::{SharedPolicy, PolicyConfig, per_request};
///
/// let public = SharedPolicy::new(PolicyConfig::public_read_only().build()?);
/// let admin = SharedPolicy::new(PolicyConfig::new().allow_origins(["https://admin.example"]).build()?);
/// let source = per_request(move |request| {
///     let chosen = if request.uri.path().starts_with("/admin/") { &admin } else { &public };
///     Some(chosen.clone())
/// });
/// # Ok::<(), omnicors_http::PolicyError>(())
/// ```
pub fn per_request<F>(choose: F) -> PolicySource
where
    F: Fn(&RequestHead<'_>) -> Option<SharedPolicy> + Send + Sync + 'static,
{
    Source::PerRequest(Arc::new(choose))
}

impl<C: ?Sized, P> Source<C, P> {
    /// The policy for this request, to be held while its origin is decided outside; `None` where CORS is none of our business
    /// for it, and nothing is done.
    pub fn choose<R>(&self, request: R) -> Option<Shared<PreparedPolicy<P>>>
    where
        C: Fn(R) -> Option<Shared<PreparedPolicy<P>>>,
    {
        match self {
            Self::Fixed(policy) => Some(policy.clone()),
            Self::Handle(handle) => Some(handle.load().into()),
            Self::PerRequest(choose) => choose(request),
        }
    }

    /// Uses the policy for this request for a moment, which saves the counting of a reference that all threads share: for an
    /// adapter that nobody has told how to decide origins outside. `None` where CORS is none of our business for it.
    #[inline]
    pub fn with_chosen<R, O>(
        &self,
        request: R,
        then: impl FnOnce(Option<&PreparedPolicy<P>>) -> O,
    ) -> O
    where
        C: Fn(R) -> Option<Shared<PreparedPolicy<P>>>,
    {
        // One call, wherever the policy is from: it is long, and made part of this.
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
            policy.tell_if_undecided();
        }
        then(policy)
    }

    #[cfg(all(feature = "tokio", feature = "tracing"))]
    pub(crate) fn tell_if_never_asked(&self) {
        let is_asked = match self {
            Self::Fixed(policy) => policy.policy().decides_origins_outside(),
            Self::Handle(handle) => handle.peek().policy().decides_origins_outside(),
            Self::PerRequest(_) => true,
        };
        if !is_asked {
            crate::trace::never_asked();
        }
    }
}

impl PolicySource {
    /// Decides about a request by the policy for it, for an adapter that nobody has told how to decide origins outside.
    ///
    /// Where CORS is none of our business for the request, it is forwarded, and its response
    /// [left as it is](crate::ForwardHeaders::is_nothing).
    #[inline]
    pub fn decide_at_once<'a>(&self, request: impl Into<RequestHead<'a>>) -> HttpDecision {
        let head = request.into();
        self.with_chosen(&head, |policy| match policy {
            Some(policy) => policy.decide(head),
            None => HttpDecision::default(),
        })
    }
}

impl<C: ?Sized, P: for<'a> From<&'a Policy>> From<Policy> for Source<C, P> {
    fn from(policy: Policy) -> Self {
        Self::Fixed(policy.into())
    }
}

impl<C: ?Sized, P> From<Shared<PreparedPolicy<P>>> for Source<C, P> {
    fn from(policy: Shared<PreparedPolicy<P>>) -> Self {
        Self::Fixed(policy)
    }
}

impl<C: ?Sized, P> From<Handle<PreparedPolicy<P>>> for Source<C, P> {
    fn from(handle: Handle<PreparedPolicy<P>>) -> Self {
        Self::Handle(handle)
    }
}

impl<C: ?Sized, P> Clone for Source<C, P> {
    fn clone(&self) -> Self {
        match self {
            Self::Fixed(policy) => Self::Fixed(policy.clone()),
            Self::Handle(handle) => Self::Handle(handle.clone()),
            Self::PerRequest(choose) => Self::PerRequest(Arc::clone(choose)),
        }
    }
}

impl<C: ?Sized, P: fmt::Debug> fmt::Debug for Source<C, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(policy) => policy.fmt(f),
            Self::Handle(handle) => handle.fmt(f),
            Self::PerRequest(_) => f.debug_struct("PerRequest").finish_non_exhaustive(),
        }
    }
}
