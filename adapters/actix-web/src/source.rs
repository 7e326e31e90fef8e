use std::fmt;
use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use omnicors_http::{Handle, Policy};

use crate::policy::{PreparedPolicy, SharedPolicy};

/// A policy that can be replaced while requests are served. A clone is a handle on the same, in whatever worker.
///
/// ```
/// use omnicors_actix_web::{Cors, PolicyConfig, PolicyHandle};
///
/// let handle = PolicyHandle::new(PolicyConfig::new().allow_origins(["https://old.example"]).build()?);
/// let cors = Cors::new(handle.clone());
/// // … later, in any thread …
/// handle.replace(PolicyConfig::new().allow_origins(["https://new.example"]).build()?);
/// # Ok::<(), omnicors_actix_web::PolicyError>(())
/// ```
pub type PolicyHandle = Handle<PreparedPolicy>;

/// Where the policy for a request comes from: what [`Cors::new`](crate::Cors::new) makes of what it takes.
#[derive(Clone)]
pub struct PolicySource(Source);

#[derive(Clone)]
enum Source {
    Fixed(SharedPolicy),
    Handle(PolicyHandle),
    PerRequest(Arc<Choose>),
}

/// A function that chooses the policy for a request.
type Choose = dyn Fn(&ServiceRequest) -> Option<SharedPolicy> + Send + Sync;

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
/// Where policies differ by scope or resource, a [`Cors`](crate::Cors) on each does as well.
///
/// ```
/// use omnicors_actix_web::{Cors, PolicyConfig, SharedPolicy, per_request};
///
/// let public = SharedPolicy::new(PolicyConfig::public_read_only().build()?);
/// let admin = SharedPolicy::new(PolicyConfig::new().allow_origins(["https://admin.example"]).build()?);
/// let cors = Cors::new(per_request(move |request| {
///     let chosen = if request.path().starts_with("/admin/") { &admin } else { &public };
///     Some(chosen.clone())
/// }));
/// # Ok::<(), omnicors_actix_web::PolicyError>(())
/// ```
pub fn per_request<F>(choose: F) -> PerRequest<F>
where
    F: Fn(&ServiceRequest) -> Option<SharedPolicy> + Send + Sync + 'static,
{
    PerRequest { choose }
}

impl PolicySource {
    /// The policy for this request; `None` where CORS is none of our business for it, and nothing is done.
    pub(crate) fn choose(&self, request: &ServiceRequest) -> Option<SharedPolicy> {
        match &self.0 {
            Source::Fixed(policy) => Some(policy.clone()),
            Source::Handle(handle) => Some(handle.load().into()),
            Source::PerRequest(choose) => choose(request),
        }
    }

    /// Uses the policy for this request for a moment, which saves the counting of a reference that all workers share.
    pub(crate) fn with_chosen<R>(
        &self,
        request: &ServiceRequest,
        then: impl FnOnce(&PreparedPolicy) -> R,
    ) -> Option<R> {
        match &self.0 {
            Source::Fixed(policy) => Some(then(policy)),
            Source::Handle(handle) => Some(then(&handle.peek())),
            Source::PerRequest(choose) => choose(request).as_deref().map(then),
        }
    }
}

impl From<Policy> for PolicySource {
    fn from(policy: Policy) -> Self {
        Self(Source::Fixed(policy.into()))
    }
}

impl From<SharedPolicy> for PolicySource {
    fn from(policy: SharedPolicy) -> Self {
        Self(Source::Fixed(policy))
    }
}

impl From<PolicyHandle> for PolicySource {
    fn from(handle: PolicyHandle) -> Self {
        Self(Source::Handle(handle))
    }
}

impl<F> From<PerRequest<F>> for PolicySource
where
    F: Fn(&ServiceRequest) -> Option<SharedPolicy> + Send + Sync + 'static,
{
    fn from(source: PerRequest<F>) -> Self {
        Self(Source::PerRequest(Arc::new(source.choose)))
    }
}

impl fmt::Debug for PolicySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Fixed(policy) => policy.fmt(f),
            Source::Handle(handle) => handle.fmt(f),
            Source::PerRequest(_) => f.debug_struct("PerRequest").finish_non_exhaustive(),
        }
    }
}

impl<F> fmt::Debug for PerRequest<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PerRequest").finish_non_exhaustive()
    }
}
