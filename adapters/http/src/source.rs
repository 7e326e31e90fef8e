use std::fmt;
use std::sync::Arc;

use omnicors_core::Policy;

use crate::handle::PolicyHandle;
use crate::policy::{PreparedPolicy, SharedPolicy};
use crate::request::RequestHead;

/// Where the policy for a request comes from: one for all ([`SharedPolicy`]), one that can be replaced ([`PolicyHandle`]), or one
/// chosen per request ([`per_request`]). What an adapter is generic over.
pub trait PolicySource {
    /// The policy for this request; `None` where CORS is none of our business for it, and nothing is done.
    fn choose(&self, request: &RequestHead<'_>) -> Option<SharedPolicy>;

    /// Uses the policy for this request for a moment, which saves the counting of a reference.
    fn with_chosen<R>(
        &self,
        request: &RequestHead<'_>,
        then: impl FnOnce(Option<&PreparedPolicy>) -> R,
    ) -> R {
        then(self.choose(request).as_deref())
    }
}

impl PolicySource for SharedPolicy {
    fn choose(&self, _: &RequestHead<'_>) -> Option<SharedPolicy> {
        Some(self.clone())
    }

    fn with_chosen<R>(
        &self,
        _: &RequestHead<'_>,
        then: impl FnOnce(Option<&PreparedPolicy>) -> R,
    ) -> R {
        then(Some(self))
    }
}

impl PolicySource for PolicyHandle {
    fn choose(&self, _: &RequestHead<'_>) -> Option<SharedPolicy> {
        Some(self.load().into())
    }

    fn with_chosen<R>(
        &self,
        _: &RequestHead<'_>,
        then: impl FnOnce(Option<&PreparedPolicy>) -> R,
    ) -> R {
        then(Some(&self.peek()))
    }
}

/// A function that chooses the policy for a request: see [`per_request`].
#[derive(Clone, Copy)]
pub struct PerRequest<F> {
    choose: F,
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
pub fn per_request<F>(choose: F) -> PerRequest<F>
where
    F: Fn(&RequestHead<'_>) -> Option<SharedPolicy>,
{
    PerRequest { choose }
}

impl<F> PolicySource for PerRequest<F>
where
    F: Fn(&RequestHead<'_>) -> Option<SharedPolicy>,
{
    fn choose(&self, request: &RequestHead<'_>) -> Option<SharedPolicy> {
        (self.choose)(request)
    }
}

impl<F> fmt::Debug for PerRequest<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PerRequest").finish_non_exhaustive()
    }
}

/// Any source of policies, under one type: for adapters whose users expect a type without parameters.
#[derive(Clone)]
pub struct AnyPolicySource(Any);

/// A function that chooses the policy for a request.
type Choose = dyn Fn(&RequestHead<'_>) -> Option<SharedPolicy> + Send + Sync;

#[derive(Clone)]
enum Any {
    Fixed(SharedPolicy),
    Handle(PolicyHandle),
    PerRequest(Arc<Choose>),
}

impl PolicySource for AnyPolicySource {
    fn choose(&self, request: &RequestHead<'_>) -> Option<SharedPolicy> {
        match &self.0 {
            Any::Fixed(policy) => policy.choose(request),
            Any::Handle(handle) => handle.choose(request),
            Any::PerRequest(choose) => choose(request),
        }
    }

    fn with_chosen<R>(
        &self,
        request: &RequestHead<'_>,
        then: impl FnOnce(Option<&PreparedPolicy>) -> R,
    ) -> R {
        match &self.0 {
            Any::Fixed(policy) => policy.with_chosen(request, then),
            Any::Handle(handle) => handle.with_chosen(request, then),
            Any::PerRequest(choose) => then(choose(request).as_deref()),
        }
    }
}

impl From<Policy> for AnyPolicySource {
    fn from(policy: Policy) -> Self {
        Self(Any::Fixed(policy.into()))
    }
}

impl From<SharedPolicy> for AnyPolicySource {
    fn from(policy: SharedPolicy) -> Self {
        Self(Any::Fixed(policy))
    }
}

impl From<PolicyHandle> for AnyPolicySource {
    fn from(handle: PolicyHandle) -> Self {
        Self(Any::Handle(handle))
    }
}

impl<F> From<PerRequest<F>> for AnyPolicySource
where
    F: Fn(&RequestHead<'_>) -> Option<SharedPolicy> + Send + Sync + 'static,
{
    fn from(source: PerRequest<F>) -> Self {
        Self(Any::PerRequest(Arc::new(source.choose)))
    }
}

impl fmt::Debug for AnyPolicySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Any::Fixed(policy) => policy.fmt(f),
            Any::Handle(handle) => handle.fmt(f),
            Any::PerRequest(_) => f.debug_struct("PerRequest").finish_non_exhaustive(),
        }
    }
}

/// What an adapter can be made from: a [`Policy`], or any [`PolicySource`].
pub trait IntoPolicySource {
    /// The source that it becomes.
    type Source: PolicySource;

    /// Makes it a source.
    fn into_policy_source(self) -> Self::Source;
}

impl IntoPolicySource for Policy {
    type Source = SharedPolicy;

    fn into_policy_source(self) -> SharedPolicy {
        SharedPolicy::new(self)
    }
}

impl<P: PolicySource> IntoPolicySource for P {
    type Source = P;

    fn into_policy_source(self) -> P {
        self
    }
}
