use std::sync::Arc;

use actix_web::dev::ServiceRequest;

use crate::prepared::{PreparedHeaders, PreparedPolicy};

/// A policy that can be replaced while requests are served. A clone is a handle to the same policy.
///
/// ```
/// use omnicors_actix_web::{PolicyConfig, PolicyHandle};
///
/// let handle = PolicyHandle::new(PolicyConfig::new().allow_origins(["https://old.example"]).build()?);
/// let in_the_server = handle.clone();
/// handle.replace(PolicyConfig::new().allow_origins(["https://new.example"]).build()?);
/// assert!(in_the_server.load().policy().origins().unwrap().contains(b"https://new.example"));
/// # Ok::<(), omnicors_actix_web::PolicyError>(())
/// ```
pub type PolicyHandle = omnicors_adapter::PolicyHandle<PreparedHeaders>;

/// The source of the policy for each request: a [`Policy`](crate::Policy), a [`PolicyHandle`], an `Arc<`[`PreparedPolicy`]`>`,
/// or a [`per_request`] function.
///
/// ```
/// use omnicors_actix_web::{PolicyConfig, PolicySource};
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let source = PolicySource::from(policy);
/// # Ok::<(), omnicors_actix_web::PolicyError>(())
/// ```
pub type PolicySource = omnicors_adapter::PolicySource<Choose, PreparedHeaders>;

/// A function that chooses the policy for a request. [`per_request`] has an example.
pub type Choose = dyn Fn(&ServiceRequest) -> Option<Arc<PreparedPolicy>> + Send + Sync;

/// Chooses the policy for each request with a function: by its path, its host, or a value that other middleware put
/// into its extensions.
///
/// The function returns `None` to bypass CORS: the request is forwarded, and the CORS fields of its response are not changed.
/// Then no page of another origin can read the response, unless the application sends CORS fields.
///
/// To give a scope or a resource its own policy, you can also wrap it in its own [`Cors`](crate::Cors).
///
/// ```
/// use omnicors_actix_web::{Cors, PolicyConfig, PreparedPolicy, per_request};
///
/// let public = PreparedPolicy::shared(PolicyConfig::public_read_only().build()?);
/// let admin = PreparedPolicy::shared(PolicyConfig::new().allow_origins(["https://admin.example"]).build()?);
/// let cors = Cors::new(per_request(move |request| {
///     let chosen = if request.path().starts_with("/admin/") { &admin } else { &public };
///     Some(chosen.clone())
/// }));
/// # Ok::<(), omnicors_actix_web::PolicyError>(())
/// ```
///
/// # Choosing by a header field
///
/// Name each field that the function reads with [`vary_on`](PolicySource::vary_on), which says more about such choices.
/// Otherwise a cache may reuse a response that another policy decided.
///
/// ```
/// use omnicors_actix_web::{PolicyConfig, PreparedPolicy, per_request};
///
/// let public = PreparedPolicy::shared(PolicyConfig::public_read_only().build()?);
/// let private = PreparedPolicy::shared(PolicyConfig::new().allow_origins(["https://app.example"]).build()?);
/// // The proxy in front of the server sets `X-Tenant` on every request, preflights included.
/// let source = per_request(move |request| {
///     let is_public = request.headers().get("x-tenant").is_some_and(|tenant| tenant == "public");
///     Some(if is_public { public.clone() } else { private.clone() })
/// });
/// let source = source.vary_on(["x-tenant"]);
/// # Ok::<(), omnicors_actix_web::PolicyError>(())
/// ```
pub fn per_request<F>(choose: F) -> PolicySource
where
    F: Fn(&ServiceRequest) -> Option<Arc<PreparedPolicy>> + Send + Sync + 'static,
{
    PolicySource::per_request(Arc::new(choose))
}
