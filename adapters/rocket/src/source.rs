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
/// The function returns `None` to bypass CORS: neither the request nor the response is touched, except for `Vary` (see below), and
/// a browser lets no page of another origin read the response unless the application itself allows it.
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
///
/// # Choosing by a header field
///
/// Name every request field that the function reads with [`vary_on`](PolicySource::vary_on), also those that another fairing has
/// read for it. The names go into `Vary` of every response, whatever was chosen. Without them, a cache gives the response of
/// one policy to a request that another one decides. The method, the path and the host need no name.
///
/// ```
/// use omnicors_rocket::{PolicyConfig, PreparedPolicy, per_request};
///
/// let public = PreparedPolicy::shared(PolicyConfig::public_read_only().build()?);
/// let own = PreparedPolicy::shared(PolicyConfig::new().allow_origins(["https://app.example"]).build()?);
/// // The proxy in front of the server sets this field on every request.
/// let source = per_request(move |request| {
///     let is_public = request.headers().get_one("x-tenant") == Some("public");
///     Some(if is_public { public.clone() } else { own.clone() })
/// });
/// let source = source.vary_on(["x-tenant"]);
/// # Ok::<(), omnicors_rocket::PolicyError>(())
/// ```
///
/// A browser sends preflights without cookies, without `Authorization` and without the custom fields of the page. A choice by one
/// of these chooses another policy for the preflight than for the request after it.
///
/// Do not choose by `Origin`: a policy can do this itself. To send `*` to strangers and allow your own origins with credentials,
/// set [`allow_others_without_credentials`](crate::PolicyConfig::allow_others_without_credentials).
pub fn per_request<F>(choose: F) -> PolicySource
where
    F: Fn(&Request<'_>) -> Option<Arc<PreparedPolicy>> + Send + Sync + 'static,
{
    PolicySource::per_request(Arc::new(choose))
}
