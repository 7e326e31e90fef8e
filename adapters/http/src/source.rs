use std::sync::Arc;

use crate::decision::{HttpDecision, decide_about};
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
/// The function returns `None` to bypass CORS: neither the request nor the response is touched, except for `Vary` (see below), and
/// a browser lets no page of another origin read the response unless the application itself allows it.
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
///
/// # Choosing by a header field
///
/// Name every request field that the function reads with [`vary_on`](PolicySource::vary_on), also those that other middleware has
/// read for it. The names go into `Vary` of every response, whatever was chosen. Without them, a cache gives the response of
/// one policy to a request that another one decides. The method, the path and the host need no name.
///
/// ```
/// use omnicors_http::{PolicyConfig, PreparedPolicy, per_request};
///
/// let public = PreparedPolicy::shared(PolicyConfig::public_read_only().build()?);
/// let own = PreparedPolicy::shared(PolicyConfig::new().allow_origins(["https://app.example"]).build()?);
/// // The proxy in front of the server sets this field on every request.
/// let source = per_request(move |request| {
///     let is_public = request.headers.get("x-tenant").is_some_and(|tenant| tenant == "public");
///     Some(if is_public { public.clone() } else { own.clone() })
/// });
/// let source = source.vary_on(["x-tenant"]);
/// # Ok::<(), omnicors_http::PolicyError>(())
/// ```
///
/// A browser sends preflights without cookies, without `Authorization` and without the custom fields of the page. A choice by one
/// of these chooses another policy for the preflight than for the request after it.
///
/// Do not choose by `Origin`: a policy can do this itself. To send `*` to strangers and allow your own origins with credentials,
/// set [`allow_others_without_credentials`](crate::PolicyConfig::allow_others_without_credentials).
pub fn per_request<F>(choose: F) -> PolicySource
where
    F: Fn(&RequestHead<'_>) -> Option<Arc<PreparedPolicy>> + Send + Sync + 'static,
{
    PolicySource::per_request(Arc::new(choose))
}

/// Decides about a request by the policy that the source chooses for it, without an origin lookup: origins that need one are
/// denied.
///
/// If the source chooses no policy, the request is forwarded and its response [left as it
/// is](crate::ForwardHeaders::is_empty), except for the names that the source [varies on](PolicySource::vary_on).
#[inline]
pub fn decide_by_source<'a>(
    source: &PolicySource,
    request: impl Into<RequestHead<'a>>,
) -> HttpDecision {
    decide_by_head(source, &request.into())
}

#[inline]
fn decide_by_head(source: &PolicySource, head: &RequestHead<'_>) -> HttpDecision {
    if source.has_vary_names() {
        return decide_and_vary(source, head);
    }
    decide_by_chosen(source, head)
}

#[inline]
fn decide_by_chosen(source: &PolicySource, head: &RequestHead<'_>) -> HttpDecision {
    source.with_chosen(head, |policy| match policy {
        Some(policy) => decide_about(policy, head, None),
        None => HttpDecision::default(),
    })
}

/// Apart, so that the decision of the others is made in its place.
#[cold]
fn decide_and_vary(source: &PolicySource, head: &RequestHead<'_>) -> HttpDecision {
    let mut decision = decide_by_chosen(source, head);
    decision.vary_on(source.vary_names());
    decision
}
