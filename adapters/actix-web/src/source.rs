use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use omnicors_http::{Handle, Shared, Source};

use crate::prepared::PreparedHeaders;

/// A policy, and the header values that depend on it alone, in the types of actix-web.
///
/// Made by [`SharedPolicy::new`] and [`PolicyHandle::new`].
pub type PreparedPolicy = omnicors_http::PreparedPolicy<PreparedHeaders>;

/// A policy made ready for actix-web, shared: a clone is a pointer to the same.
pub type SharedPolicy = Shared<PreparedPolicy>;

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
pub type PolicySource =
    Source<dyn Fn(&ServiceRequest) -> Option<SharedPolicy> + Send + Sync, PreparedHeaders>;

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
pub fn per_request<F>(choose: F) -> PolicySource
where
    F: Fn(&ServiceRequest) -> Option<SharedPolicy> + Send + Sync + 'static,
{
    Source::PerRequest(Arc::new(choose))
}
