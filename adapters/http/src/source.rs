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
/// let in_the_server = handle.clone();
/// handle.replace(PolicyConfig::new().allow_origins(["https://new.example"]).build()?);
/// assert!(in_the_server.load().policy().origins().unwrap().contains(b"https://new.example"));
/// # Ok::<(), omnicors_http::PolicyError>(())
/// ```
pub type PolicyHandle = omnicors_adapter::PolicyHandle<PreparedHeaders>;

/// The source of the policy for each request: a [`Policy`](crate::Policy), a [`PolicyHandle`], an `Arc<`[`PreparedPolicy`]`>`,
/// or a [`per_request`] function.
///
/// ```
/// use omnicors_http::{PolicyConfig, PolicySource};
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let source = PolicySource::from(policy);
/// # Ok::<(), omnicors_http::PolicyError>(())
/// ```
pub type PolicySource = omnicors_adapter::PolicySource<Choose, PreparedHeaders>;

/// A function that chooses the policy for a request. [`per_request`] has an example.
pub type Choose = dyn Fn(&RequestHead<'_>) -> Option<Arc<PreparedPolicy>> + Send + Sync;

/// Chooses the policy for each request with a function: by its path, its host, or a value that other middleware put
/// into its extensions.
///
/// The function returns `None` to bypass CORS: the request is forwarded, and the CORS fields of its response are not changed.
/// Then no page of another origin can read the response, unless the application sends CORS fields.
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
/// Name each field that the function reads with [`vary_on`](PolicySource::vary_on), which says more about such choices.
/// Otherwise a cache may reuse a response that another policy decided.
///
/// ```
/// use omnicors_http::{PolicyConfig, PreparedPolicy, per_request};
///
/// let public = PreparedPolicy::shared(PolicyConfig::public_read_only().build()?);
/// let private = PreparedPolicy::shared(PolicyConfig::new().allow_origins(["https://app.example"]).build()?);
/// // The proxy in front of the server sets `X-Tenant` on every request, preflights included.
/// let source = per_request(move |request| {
///     let is_public = request.headers.get("x-tenant").is_some_and(|tenant| tenant == "public");
///     Some(if is_public { public.clone() } else { private.clone() })
/// });
/// let source = source.vary_on(["x-tenant"]);
/// # Ok::<(), omnicors_http::PolicyError>(())
/// ```
pub fn per_request<F>(choose: F) -> PolicySource
where
    F: Fn(&RequestHead<'_>) -> Option<Arc<PreparedPolicy>> + Send + Sync + 'static,
{
    PolicySource::per_request(Arc::new(choose))
}

/// Decides about a request with the policy that the source chooses for it. Origins that need an origin lookup are denied.
///
/// If the source chooses no policy, the request bypasses CORS: it is forwarded, and its response gets only the names that the
/// source [varies on](PolicySource::vary_on).
///
/// ```
/// use http::Request;
/// use omnicors_http::{HttpDecision, PolicyConfig, PolicySource, decide_by_source};
///
/// let source = PolicySource::from(PolicyConfig::public_read_only().build()?);
/// let request = Request::get("/").header("origin", "https://example.com").body(())?;
/// assert!(matches!(decide_by_source(&source, &request), HttpDecision::Forward(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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

/// A separate function, so that without vary names the decision is made in place and not moved.
#[cold]
fn decide_and_vary(source: &PolicySource, head: &RequestHead<'_>) -> HttpDecision {
    let mut decision = decide_by_chosen(source, head);
    decision.vary_on(source.vary_names());
    decision
}
