//! Functions for authors of adapters.
//!
//! An adapter implements [`RequestFields`] for the header map of its framework, prepares header values once per policy
//! ([`prepared_values`], [`preflight_fields`]), and splits the fields of a decision into those that it has prepared and those that it
//! must create for each request.
//!
//! A server that writes the fields of responses as text needs only [`evaluate`](crate::evaluate).

use alloc::string::String;
use alloc::vec::Vec;

use crate::header::{ResponseField, ResponseFieldSet, ResponseHeaderName};
use crate::policy::{self, Policy, PolicyConfig, PolicyError, Warning};
use crate::response::{HeaderField, HeaderFields, ResponseHeaders};

pub use crate::header::{
    ExposeHeadersMerge, SAFELISTED_RESPONSE_HEADERS, is_token, missing_from_vary,
};
pub use crate::policy::{DynamicSetCall, PredicateCall, matches_port};
pub use crate::request::{EachValue, RequestField, RequestFields, same_host, split_host};
pub use crate::response::{EchoedField, ForwardOutlines, PreflightOutcome, ResponseOutline};

/// Builds a policy. If the config has faults, this also returns those warnings that do not depend on them, for a tool that shows all
/// that is wrong.
///
/// # Errors
///
/// Returns all faults together, and the warnings about single names and values.
///
/// ```
/// use omnicors_core::adapter::build_with_warnings;
/// use omnicors_core::{PolicyConfig, Warning};
///
/// let config = PolicyConfig::new().allow_origin("https://example.com").allow_methods(["GET", "patch"]);
/// let (error, warnings) = build_with_warnings(config).unwrap_err();
/// assert_eq!(error.faults().len(), 1);
/// assert_eq!(warnings, [Warning::SafelistedMethod("GET".to_string())]);
/// ```
pub fn build_with_warnings(config: PolicyConfig) -> Result<Policy, (PolicyError, Vec<Warning>)> {
    policy::build_with_warnings(config)
}

/// Returns the values that were prepared when the policy was built. An adapter can convert each of them to its own type of header
/// value once per policy. These are all values that [`FieldValue::Policy`](crate::FieldValue::Policy) can have.
///
/// ```
/// use omnicors_core::PolicyConfig;
/// use omnicors_core::adapter::prepared_values;
///
/// let policy = PolicyConfig::new().allow_origin("https://example.com").allow_method("PUT").build()?;
/// let values: Vec<&str> = prepared_values(&policy).map(|(_, value)| value).collect();
/// assert_eq!(values, ["GET, HEAD, POST, PUT", "600"]);
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
pub fn prepared_values(policy: &Policy) -> impl Iterator<Item = (ResponseHeaderName, &str)> {
    use ResponseHeaderName as Name;
    let values = [
        (
            Name::AccessControlAllowOrigin,
            policy.origins.static_origin(),
        ),
        (Name::TimingAllowOrigin, policy.origins.static_origin()),
        // `None` if the policy has a static origin.
        (Name::TimingAllowOrigin, policy.origins.timing_list()),
        (Name::AccessControlAllowMethods, policy.methods.value()),
        (
            Name::AccessControlAllowHeaders,
            policy.request_headers.value(),
        ),
        (Name::AccessControlMaxAge, policy.max_age.as_deref()),
        (
            Name::AccessControlExposeHeaders,
            policy.expose_headers.value(),
        ),
    ];
    values
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
}

/// Returns the policy with its [predicate](crate::PolicyConfig::allow_origins_if), if it has one, called through `call`.
///
/// An adapter uses this to catch panics in the predicate. The core cannot catch them, because it is `no_std`.
///
/// ```
/// use omnicors_core::adapter::with_predicate_call;
/// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
/// use std::panic::{AssertUnwindSafe, catch_unwind};
///
/// let policy = PolicyConfig::new().allow_origins_if(|_| panic!("a mistake in the predicate")).build()?;
/// let policy = with_predicate_call(policy, |predicate, origin| {
///     catch_unwind(AssertUnwindSafe(|| predicate(origin))).unwrap_or(false)
/// });
/// let request = RequestParts::new("GET").origin("https://example.com");
/// assert!(!evaluate(&policy, &request).verdict().is_allowed());
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[must_use]
pub fn with_predicate_call(policy: Policy, call: PredicateCall) -> Policy {
    policy.with_predicate_call(call)
}

/// Returns the policy with its [set of origins](crate::PolicyConfig::allow_origins_in), if it has one, asked through `call`.
///
/// An adapter uses this to catch panics in the set, as with [`with_predicate_call`].
///
/// ```
/// use omnicors_core::adapter::with_dynamic_set_call;
/// use omnicors_core::{DynamicOriginSet, PolicyConfig, RequestParts, evaluate};
/// use std::panic::{AssertUnwindSafe, catch_unwind};
///
/// struct Broken;
///
/// impl DynamicOriginSet for Broken {
///     fn contains(&self, _: &str) -> bool {
///         panic!("a mistake in the set")
///     }
/// }
///
/// let policy = PolicyConfig::new().allow_origins_in(Broken).build()?;
/// let policy = with_dynamic_set_call(policy, |set, origin| {
///     catch_unwind(AssertUnwindSafe(|| set.contains_bytes(origin))).unwrap_or(false)
/// });
/// let request = RequestParts::new("GET").origin("https://example.com");
/// assert!(!evaluate(&policy, &request).verdict().is_allowed());
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[must_use]
pub fn with_dynamic_set_call(policy: Policy, call: DynamicSetCall) -> Policy {
    policy.with_dynamic_set_call(call)
}

/// Returns the number of patterns in [`allow_origins`](PolicyConfig::allow_origins).
///
/// Code that adds patterns from another source can use it to locate a fault: the index of the first added pattern is this number.
///
/// ```
/// use omnicors_core::PolicyConfig;
/// use omnicors_core::adapter::count_origins;
///
/// let config = PolicyConfig::new().allow_origin("https://example.com");
/// let count = count_origins(&config);
/// let error = config.allow_origins(["https://other.example", "https://bad.example/"]).build().unwrap_err();
/// assert_eq!(error.faults()[0].index(), Some(count + 1));
/// ```
pub fn count_origins(config: &PolicyConfig) -> usize {
    config.count_origins()
}

/// Removes the setting `allow_origins_from` from a config and returns its value: the path of a file with origins, which the caller
/// must read. A config with this setting does not build.
#[cfg_attr(feature = "serde", doc = "```")]
#[cfg_attr(not(feature = "serde"), doc = "```ignore")]
/// use omnicors_core::PolicyConfig;
/// use omnicors_core::adapter::take_origins_from;
///
/// let mut config: PolicyConfig = toml::from_str("allow_origins_from = 'origins.txt'")?;
/// assert!(config.clone().build().is_err());
/// assert_eq!(take_origins_from(&mut config).as_deref(), Some("origins.txt"));
/// # Ok::<(), toml::de::Error>(())
/// ```
pub fn take_origins_from(config: &mut PolicyConfig) -> Option<String> {
    config.allow_origins_from.take()
}

/// Returns the fields that the responses to all allowed preflights share: all fields except those whose value is an echo of the request.
/// An adapter can create a header map from them once per policy.
///
/// ```
/// use omnicors_core::PolicyConfig;
/// use omnicors_core::adapter::preflight_fields;
///
/// let config = PolicyConfig::new().allow_origins(["https://example.com"]).allow_methods(["PUT"]);
/// let policy = config.max_age(None).build()?;
/// let fixed = preflight_fields(&policy).into_iter().map(|field| field.to_string());
/// assert!(fixed.eq(["access-control-allow-methods: GET, HEAD, POST, PUT", "vary: Origin"]));
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
pub fn preflight_fields(policy: &Policy) -> Vec<HeaderField<'_>> {
    let fields = policy.response_fields.preflight;
    let headers = ResponseHeaders::of_any_preflight(policy);
    headers
        .walk(fields.and_not(policy.response_fields.echoed))
        .collect()
}

/// Returns the fields whose value is an echo of another field of the request than `Origin`, or `None` if there are none. Only the
/// response to a preflight can have such fields.
///
/// ```
/// use omnicors_core::adapter::other_echoed_fields;
/// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
///
/// let config = PolicyConfig::new().allow_origin("https://example.com").allow_credentials(true);
/// let policy = config.allow_headers(["*"]).build()?;
/// let request = RequestParts::new("GET").origin("https://example.com");
/// assert!(other_echoed_fields(evaluate(&policy, &request).headers()).is_none());
///
/// let preflight = RequestParts::new("OPTIONS").origin("https://example.com").request_method("GET").request_headers("x-tenant");
/// let decision = evaluate(&policy, &preflight);
/// let echoed = other_echoed_fields(decision.headers()).ok_or("no echo")?;
/// assert!(echoed.map(|field| field.to_string()).eq(["access-control-allow-headers: x-tenant"]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[inline]
pub fn other_echoed_fields<'h, 'a>(
    headers: &'h ResponseHeaders<'a>,
) -> Option<HeaderFields<'h, 'a>> {
    let others = headers.other_echoes();
    (others != ResponseFieldSet::EMPTY).then(|| headers.walk(others))
}

/// Returns the value of `Access-Control-Expose-Headers` with the names of the policy and of the application, or `None` if the policy does
/// not [merge them](PolicyConfig::merge_expose_headers) or the application adds no name.
///
/// `application` contains the values of the application's fields of that name. Call this function for a forwarded request, before
/// you remove the [removed](ResponseHeaders::removed) names from the application's response. Set the field to this value after you
/// have applied all fields of the decision.
///
/// ```
/// use omnicors_core::adapter::merged_expose_headers;
/// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
///
/// let config = PolicyConfig::new().allow_origin("https://example.com").expose_header("etag");
/// let policy = config.merge_expose_headers(true).build()?;
/// let request = RequestParts::new("GET").origin("https://example.com");
/// let decision = evaluate(&policy, &request);
///
/// let application = [b"X-Total, ETag".as_slice()];
/// let value = merged_expose_headers(decision.headers(), application);
/// assert_eq!(value.as_deref(), Some("etag, X-Total"));
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
pub fn merged_expose_headers<'v>(
    headers: &ResponseHeaders<'_>,
    application: impl IntoIterator<Item = &'v [u8]>,
) -> Option<String> {
    let ours = headers
        .fields
        .contains(ResponseField::ExposeHeaders)
        .then(|| headers.policy.expose_headers.value())
        .flatten();
    expose_headers_merge(headers)?.merge(ours.map(str::as_bytes), application)
}

/// Returns how to merge the application's `Access-Control-Expose-Headers` into the response, or `None` if the policy does not
/// [merge](PolicyConfig::merge_expose_headers) names or the response does not expose any.
///
/// This is for adapters that do not keep the [`ResponseHeaders`] while the application runs: see [`ResponseOutline`]. Others call
/// [`merged_expose_headers`].
///
/// ```
/// use omnicors_core::adapter::expose_headers_merge;
/// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
///
/// let config = PolicyConfig::new().allow_origin("https://example.com").merge_expose_headers(true);
/// let policy = config.build()?;
/// let request = RequestParts::new("GET").origin("https://example.com");
/// let merge = expose_headers_merge(evaluate(&policy, &request).headers()).ok_or("not merged")?;
/// // Later, when there is a response:
/// let value = merge.merge(Some(b"etag"), [b"X-Total".as_slice()]);
/// assert_eq!(value.as_deref(), Some("etag, X-Total"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[inline]
pub fn expose_headers_merge(headers: &ResponseHeaders<'_>) -> Option<ExposeHeadersMerge> {
    headers.expose_headers_merge()
}
