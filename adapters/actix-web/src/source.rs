use std::sync::Arc;

use omnicors_adapter::{HostPolicies, PathPolicies};

use crate::prepared::{PreparedHeaders, PreparedPolicy};
use crate::request::RequestView;

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
/// or a choice per request, which [`per_path`], [`per_host`] and [`per_request`] return.
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
pub type Choose = dyn Fn(&ChoiceRequest<'_>) -> Option<Arc<PreparedPolicy>> + Send + Sync;

/// A request, for a function that chooses its policy: see [`per_request`].
///
/// Its `extensions` are those of the request: `request.extensions().get::<T>()`.
///
/// ```
/// use omnicors_actix_web::{ChoiceRequest, Cors, PolicyConfig, PreparedPolicy, per_request};
///
/// /// A value that other middleware puts into the extensions.
/// struct Tenant(&'static str);
///
/// fn is_public(request: &ChoiceRequest<'_>) -> bool {
///     request.extensions().get::<Tenant>().is_some_and(|tenant| tenant.0 == "public")
/// }
///
/// let public = PreparedPolicy::shared(PolicyConfig::public_read_only().build()?);
/// let choose = per_request(move |request| is_public(request).then(|| public.clone()));
/// // The middleware has read this field.
/// let cors = Cors::new(choose.vary_on(["x-tenant"]));
/// # Ok::<(), omnicors_actix_web::PolicyError>(())
/// ```
pub type ChoiceRequest<'a> = omnicors_adapter::ChoiceRequest<'a, RequestView<'a>>;

/// What applies to a path or a host: a policy, a policy handle, or nothing. [`per_path`] has an example.
pub type PolicyEntry = omnicors_adapter::PolicyEntry<PreparedHeaders>;

/// Chooses the policy for each request by its path.
///
/// An entry applies to its path and to all paths below it, and the longest path decides; `/` is every path. Requests for other
/// paths are denied. [`PathPolicies`] says more, also about paths that routers read differently, such as `//api`.
///
/// ```
/// use omnicors_actix_web::{Cors, PolicyConfig, PolicyEntry, PolicyHandle, per_path};
///
/// let api = PolicyConfig::new().allow_origins(["https://app.example"]).build()?;
/// let public = PolicyConfig::public_read_only().build()?;
/// let cors = Cors::new(per_path([("/api", api.clone()), ("/public", public.clone())]));
///
/// // Entries of different kinds:
/// let cors = Cors::new(per_path([
///     ("/api", PolicyEntry::from(PolicyHandle::new(api))),
///     ("/public", public.into()),
///     ("/legacy", PolicyEntry::left_alone()),
/// ]));
/// # Ok::<(), omnicors_actix_web::PolicyError>(())
/// ```
///
/// # Panics
///
/// Panics with a list of all faults in the paths: see [`PathPolicies::new`].
#[track_caller]
pub fn per_path<N: AsRef<str>, E: Into<PolicyEntry>>(
    entries: impl IntoIterator<Item = (N, E)>,
) -> PolicySource {
    let paths = PathPolicies::new(entries);
    let lookups = paths.lookups();
    let choose = move |request: &ChoiceRequest<'_>| paths.choose(request);
    PolicySource::per_entry(Arc::new(choose), lookups)
}

/// Chooses the policy for each request by its host.
///
/// Hosts are compared without ASCII case and without a dot at the end. An entry without a port applies to every port, and one with the port
/// 80 or 443 also to requests that name no port. Requests for other hosts, and requests without a host or with several, are denied.
///
/// ```
/// use omnicors_actix_web::{Cors, PolicyConfig, per_host};
///
/// let api = PolicyConfig::new().allow_origins(["https://app.example.com"]).build()?;
/// let cdn = PolicyConfig::public_read_only().build()?;
/// let cors = Cors::new(per_host([("api.example.com", api), ("cdn.example.com", cdn)]));
/// # Ok::<(), omnicors_actix_web::PolicyError>(())
/// ```
///
/// # Panics
///
/// Panics with a list of all faults in the hosts: see [`HostPolicies::new`].
#[track_caller]
pub fn per_host<N: AsRef<str>, E: Into<PolicyEntry>>(
    entries: impl IntoIterator<Item = (N, E)>,
) -> PolicySource {
    let hosts = HostPolicies::new(entries);
    let lookups = hosts.lookups();
    let choose = move |request: &ChoiceRequest<'_>| hosts.choose(request);
    PolicySource::per_entry(Arc::new(choose), lookups)
}

/// Chooses the policy for each request with a function. To choose by path or host, use [`per_path`] or [`per_host`].
///
/// The function returns `None` to bypass CORS: the request is forwarded, and the CORS fields of its response are not changed.
/// Then no page of another origin can read the response, unless the application sends CORS fields.
///
/// The names of the header fields that the function reads are added to `Vary` of the response. If it reads a value that other
/// middleware put into the extensions, name the fields that this middleware has read with [`vary_on`](PolicySource::vary_on).
///
/// If the function panics, the panic is caught. Then the request gets 421 and the application does not run, because the function could have
/// chosen a policy that rejects it.
///
/// ```
/// use omnicors_actix_web::{Cors, PolicyConfig, PreparedPolicy, per_request};
///
/// let public = PreparedPolicy::shared(PolicyConfig::public_read_only().build()?);
/// let private = PreparedPolicy::shared(PolicyConfig::new().allow_origins(["https://app.example"]).build()?);
/// // The proxy in front of the server sets `X-Tenant` on every request, preflights included.
/// let cors = Cors::new(per_request(move |request| match request.header("x-tenant") {
///     Some("public") => Some(public.clone()),
///     _ => Some(private.clone()),
/// }));
/// # Ok::<(), omnicors_actix_web::PolicyError>(())
/// ```
pub fn per_request<F>(choose: F) -> PolicySource
where
    F: Fn(&ChoiceRequest<'_>) -> Option<Arc<PreparedPolicy>> + Send + Sync + 'static,
{
    PolicySource::per_request(Arc::new(choose))
}
