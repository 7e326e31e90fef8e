use std::sync::Arc;

use omnicors_http::{SharedPolicy, Source};
use rocket::Request;

/// Where the policy for a request comes from: a [`Policy`](crate::Policy) or [`SharedPolicy`] for all, a
/// [`PolicyHandle`](crate::PolicyHandle), or a [`per_request`] function.
// The policy is prepared as for the `http` crate, though Rocket has no use for its values: they are made once, and another
// kind of policy would be one more thing to know.
pub type PolicySource = Source<dyn Fn(&Request<'_>) -> Option<SharedPolicy> + Send + Sync>;

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
pub fn per_request<F>(choose: F) -> PolicySource
where
    F: Fn(&Request<'_>) -> Option<SharedPolicy> + Send + Sync + 'static,
{
    Source::PerRequest(Arc::new(choose))
}
