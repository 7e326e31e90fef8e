use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use omnicors_http::{Handle, Policy};
use rocket::Request;

/// A policy that can be replaced while requests are served. A clone is a handle on the same.
///
/// ```
/// use omnicors_rocket::{Cors, PolicyConfig, PolicyHandle};
///
/// let handle = PolicyHandle::new(PolicyConfig::new().allow_origins(["https://old.example"]).build()?);
/// let rocket = rocket::build().attach(Cors::new(handle.clone()));
/// // … later, in another task …
/// handle.replace(PolicyConfig::new().allow_origins(["https://new.example"]).build()?);
/// # Ok::<(), omnicors_rocket::PolicyError>(())
/// ```
pub type PolicyHandle = Handle<PreparedPolicy>;

/// A policy that is ready to serve.
///
/// It holds nothing else: a header value of Rocket's is text that it owns, and cannot be made once for all responses.
#[derive(Debug)]
pub struct PreparedPolicy {
    policy: Policy,
}

impl PreparedPolicy {
    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }
}

impl From<Policy> for PreparedPolicy {
    fn from(policy: Policy) -> Self {
        #[cfg(feature = "tracing")]
        omnicors_http::trace::advice(&policy);
        Self { policy }
    }
}

/// A policy, shared: a clone is a pointer to the same.
#[derive(Clone)]
pub struct SharedPolicy {
    shared: Arc<PreparedPolicy>,
}

impl SharedPolicy {
    /// Shares a policy.
    pub fn new(policy: Policy) -> Self {
        Self {
            shared: Arc::new(policy.into()),
        }
    }
}

impl Deref for SharedPolicy {
    type Target = PreparedPolicy;

    fn deref(&self) -> &PreparedPolicy {
        &self.shared
    }
}

impl From<Policy> for SharedPolicy {
    fn from(policy: Policy) -> Self {
        Self::new(policy)
    }
}

impl From<Arc<PreparedPolicy>> for SharedPolicy {
    fn from(shared: Arc<PreparedPolicy>) -> Self {
        Self { shared }
    }
}

impl fmt::Debug for SharedPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}

/// A function that chooses the policy for a request: see [`per_request`].
#[derive(Clone, Copy)]
pub struct PerRequest<F> {
    choose: F,
}

/// Lets a function choose the policy for each request, by its path, its host, or what other fairings have found out.
///
/// The function returns `None` where CORS is none of our business: neither the request nor the response is touched then,
/// and a browser lets no page of another origin read it unless the application itself says so.
///
/// ```
/// use omnicors_rocket::{Cors, PolicyConfig, SharedPolicy, per_request};
///
/// let public = SharedPolicy::new(PolicyConfig::public_read_only().build()?);
/// let admin = SharedPolicy::new(PolicyConfig::new().allow_origins(["https://admin.example"]).build()?);
/// let cors = Cors::new(per_request(move |request| {
///     let chosen = if request.uri().path().starts_with("/admin/") { &admin } else { &public };
///     Some(chosen.clone())
/// }));
/// # Ok::<(), omnicors_rocket::PolicyError>(())
/// ```
pub fn per_request<F>(choose: F) -> PerRequest<F>
where
    F: Fn(&Request<'_>) -> Option<SharedPolicy>,
{
    PerRequest { choose }
}

impl<F> fmt::Debug for PerRequest<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PerRequest").finish_non_exhaustive()
    }
}

/// Where the policy for a request comes from: a [`Policy`] or [`SharedPolicy`] for all, a [`PolicyHandle`], or a
/// [`per_request`] function.
#[derive(Clone)]
pub struct AnyPolicySource(Any);

/// A function that chooses the policy for a request.
type Choose = dyn Fn(&Request<'_>) -> Option<SharedPolicy> + Send + Sync;

#[derive(Clone)]
enum Any {
    Fixed(SharedPolicy),
    Handle(PolicyHandle),
    PerRequest(Arc<Choose>),
}

impl AnyPolicySource {
    /// The policy for this request; `None` where CORS is none of our business for it.
    pub(crate) fn choose(&self, request: &Request<'_>) -> Option<SharedPolicy> {
        match &self.0 {
            Any::Fixed(policy) => Some(policy.clone()),
            Any::Handle(handle) => Some(handle.load().into()),
            Any::PerRequest(choose) => choose(request),
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
    F: Fn(&Request<'_>) -> Option<SharedPolicy> + Send + Sync + 'static,
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
