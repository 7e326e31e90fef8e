use std::sync::Arc;

use omnicors_adapter::NoPreparedValues;
use rocket::Request;

/// A policy, ready for Rocket.
///
/// Prepare a policy once, with [`PreparedPolicy::shared`](omnicors_adapter::PreparedPolicy::shared).
// A field value of Rocket is text that it owns: there is none that could be prepared and cloned cheaply.
pub type PreparedPolicy = omnicors_adapter::PreparedPolicy<NoPreparedValues>;

/// A policy that can be replaced while requests are served. A clone is a handle to the same policy.
pub type PolicyHandle = omnicors_adapter::PolicyHandle<NoPreparedValues>;

/// Where the policy for a request comes from: a [`Policy`](crate::Policy) or an `Arc<`[`PreparedPolicy`]`>` for all requests,
/// a [`PolicyHandle`], or a [`per_request`] function.
pub type PolicySource = omnicors_adapter::PolicySource<Choose, NoPreparedValues>;

/// A function that chooses the policy for a request: see [`per_request`].
pub type Choose = dyn Fn(&Request<'_>) -> Option<Arc<PreparedPolicy>> + Send + Sync;

/// Chooses the policy for each request by a function: by its path, its host, or by what other fairings put into its local
/// cache.
///
/// The function returns `None` to bypass CORS: neither the request nor the response is touched, and a browser lets no page of
/// another origin read the response unless the application itself allows it.
///
/// ```
/// use omnicors_rocket::{Cors, PolicyConfig, PreparedPolicy, per_request};
///
/// let public = PreparedPolicy::shared(PolicyConfig::public_read_only().build()?);
/// let admin = PreparedPolicy::shared(PolicyConfig::new().allow_origins(["https://admin.example"]).build()?);
/// let cors = Cors::new(per_request(move |request| {
///     let chosen = if request.uri().path().starts_with("/admin/") { &admin } else { &public };
///     Some(chosen.clone())
/// }));
/// # Ok::<(), omnicors_rocket::PolicyError>(())
/// ```
pub fn per_request<F>(choose: F) -> PolicySource
where
    F: Fn(&Request<'_>) -> Option<Arc<PreparedPolicy>> + Send + Sync + 'static,
{
    PolicySource::PerRequest(Arc::new(choose))
}
