use std::sync::Arc;

use crate::decision::{HttpDecision, decide};
use crate::prepared::{PreparedHeaders, PreparedPolicy};
use crate::request::RequestHead;

/// A policy that can be replaced while requests are served. A clone is a handle to the same policy.
///
/// ```
/// use omnicors_http::{PolicyConfig, PolicyHandle};
///
/// let handle = PolicyHandle::new(PolicyConfig::new().allow_origins(["https://old.example"]).build()?);
/// // … `handle.clone()` goes into a server …
/// handle.replace(PolicyConfig::new().allow_origins(["https://new.example"]).build()?);
/// # Ok::<(), omnicors_http::PolicyError>(())
/// ```
pub type PolicyHandle = omnicors_adapter::PolicyHandle<PreparedHeaders>;

/// Where the policy for a request comes from: a [`Policy`](crate::Policy) or an `Arc<`[`PreparedPolicy`]`>` for all requests,
/// a [`PolicyHandle`], or a [`per_request`] function.
pub type PolicySource = omnicors_adapter::PolicySource<Choose, PreparedHeaders>;

/// A function that chooses the policy for a request: see [`per_request`].
pub type Choose = dyn Fn(&RequestHead<'_>) -> Option<Arc<PreparedPolicy>> + Send + Sync;

/// Chooses the policy for each request by a function: by its path, its host, or by what other middleware put into its
/// extensions.
///
/// The function returns `None` to bypass CORS: neither the request nor the response is touched, and a browser lets no page of
/// another origin read the response unless the application itself allows it.
///
/// ```
/// use omnicors_http::{PolicyConfig, PreparedPolicy, per_request};
///
/// let public = PreparedPolicy::shared(PolicyConfig::public_read_only().build()?);
/// let admin = PreparedPolicy::shared(PolicyConfig::new().allow_origins(["https://admin.example"]).build()?);
/// let source = per_request(move |request| {
///     let chosen = if request.uri.path().starts_with("/admin/") { &admin } else { &public };
///     Some(chosen.clone())
/// });
/// # Ok::<(), omnicors_http::PolicyError>(())
/// ```
pub fn per_request<F>(choose: F) -> PolicySource
where
    F: Fn(&RequestHead<'_>) -> Option<Arc<PreparedPolicy>> + Send + Sync + 'static,
{
    PolicySource::PerRequest(Arc::new(choose))
}

/// Decides about a request by the policy that the source chooses for it, without an origin lookup: origins that need one are
/// denied.
///
/// If the source chooses no policy, the request is forwarded and its response [left as it
/// is](crate::ForwardHeaders::is_empty).
#[inline]
pub fn decide_by_source<'a>(
    source: &PolicySource,
    request: impl Into<RequestHead<'a>>,
) -> HttpDecision {
    let head = request.into();
    source.with_chosen(&head, |policy| match policy {
        Some(policy) => decide(policy, head),
        None => HttpDecision::default(),
    })
}
