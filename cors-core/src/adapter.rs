//! For authors of adapters: how to read a request of any framework, and how to make header values once per policy.
//!
//! A server that writes responses field by field needs none of this: see [`evaluate`](crate::evaluate).

use alloc::string::String;
use alloc::vec::Vec;

use crate::header::{ResponseField, ResponseHeaderName};
use crate::policy::{Policy, PolicyConfig};
use crate::request::RequestKind;
use crate::response::{HeaderField, HeaderFields, ResponseHeaders};

pub use crate::header::{ExposeHeadersMerge, is_token, missing_from_vary};
pub use crate::policy::PredicateCall;
pub use crate::request::{EachValue, RequestField, RequestFields};
pub use crate::response::{ConstantFields, EchoedField};

/// Returns the values that were joined when the policy was built, so that an adapter can make its own kind of value of each
/// once. These are all that [`FieldValue::Policy`](crate::FieldValue::Policy) can hold.
pub fn prepared_values(policy: &Policy) -> impl Iterator<Item = (ResponseHeaderName, &str)> {
    use ResponseHeaderName as Name;
    let values = [
        (
            Name::AccessControlAllowOrigin,
            policy.origins.static_origin(),
        ),
        (Name::TimingAllowOrigin, policy.origins.static_origin()),
        // A policy with a static origin has none.
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

/// Returns the policy with its [predicate](crate::PolicyConfig::allow_origins_if), if it has one, called by a function of yours. An
/// adapter catches panics in it, which the core cannot, because it is `no_std`.
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

/// Returns how many patterns a config has in [`allow_origins`](PolicyConfig::allow_origins). Code that adds patterns from a place
/// of its own can say where a fault is: its index counts from this number.
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

/// Takes the setting `allow_origins_from` out of a config that was read: the path of a list of origins, which the code that read
/// the file has to read. If it stays in the config, it is a fault.
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

/// Returns the fields that the response to every allowed preflight has, whatever it asks for: all but the
/// [`echoed_fields`]. An adapter can make a header map of them once.
///
/// ```
/// use omnicors_core::adapter::{echoed_fields, preflight_fields};
/// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
///
/// let config = PolicyConfig::new().allow_origins(["https://example.com"]).allow_methods(["PUT"]);
/// let policy = config.max_age(None).build()?;
/// let fixed = preflight_fields(&policy).into_iter().map(|field| field.to_string());
/// assert!(fixed.eq(["access-control-allow-methods: GET, HEAD, POST, PUT", "vary: Origin"]));
///
/// let preflight = RequestParts::new("OPTIONS").origin("https://example.com").request_method("PUT");
/// let decision = evaluate(&policy, &preflight);
/// let echoed = echoed_fields(decision.headers()).map(|field| field.to_string());
/// assert!(echoed.eq(["access-control-allow-origin: https://example.com"]));
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
pub fn preflight_fields(policy: &Policy) -> Vec<HeaderField<'_>> {
    let fields = policy.response_fields.preflight;
    let headers = ResponseHeaders::of_any_preflight(policy);
    headers
        .walk(fields.and_not(policy.response_fields.echoed))
        .collect()
}

/// Returns true if the response has all [`preflight_fields`]. Together with the [`echoed_fields`], these are all that it has.
#[inline]
pub fn has_preflight_fields(headers: &ResponseHeaders<'_>) -> bool {
    headers.is_of_allowed_preflight()
}

/// Returns the fields whose value is taken from the request. The others are the same for each request of the same kind and
/// [`OriginStatus`](crate::OriginStatus); those of an allowed preflight are the [`preflight_fields`].
#[inline]
pub fn echoed_fields<'h, 'a>(headers: &'h ResponseHeaders<'a>) -> HeaderFields<'h, 'a> {
    headers.walk(headers.fields.and(headers.policy.response_fields.echoed))
}

/// Returns the fields whose value is the same for all policies and requests. They borrow nothing, so that an adapter can keep
/// them until there is a response. The others are the [`dependent_fields`].
///
/// ```
/// use omnicors_core::adapter::{constant_fields, dependent_fields};
/// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
///
/// let config = PolicyConfig::new().allow_origins(["https://example.com"]).expose_headers(["etag"]);
/// let policy = config.allow_credentials(true).build()?;
/// let request = RequestParts::new("GET").origin("https://example.com");
/// let decision = evaluate(&policy, &request);
/// let constant = constant_fields(decision.headers()).map(|field| field.to_string());
/// assert!(constant.eq(["access-control-allow-credentials: true", "vary: Origin"]));
/// let dependent = dependent_fields(decision.headers()).map(|field| field.to_string());
/// assert!(dependent.eq(["access-control-allow-origin: https://example.com", "access-control-expose-headers: etag"]));
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[inline]
pub fn constant_fields(headers: &ResponseHeaders<'_>) -> ConstantFields {
    ConstantFields::new(headers.fields.and(headers.policy.response_fields.constant))
}

/// Returns the fields whose value depends on the policy or on the request: all but the [`constant_fields`].
#[inline]
pub fn dependent_fields<'h, 'a>(headers: &'h ResponseHeaders<'a>) -> HeaderFields<'h, 'a> {
    headers.walk(
        headers
            .fields
            .and_not(headers.policy.response_fields.constant),
    )
}

/// Returns true if the response gets the same fields as the response to a non-CORS request: nothing of this request has to be
/// kept until there is a response.
#[inline]
pub fn is_like_non_cors(headers: &ResponseHeaders<'_>) -> bool {
    headers.fields == headers.policy.response_fields.non_cors
}

/// Returns the value of `Access-Control-Expose-Headers` with the application's own names, if the policy
/// [merges them](PolicyConfig::merge_expose_headers) and the application adds any. `application` are the values of the
/// application's fields of that name.
///
/// Call this on a forwarded request before the [removed](ResponseHeaders::removed) names are removed from the application's
/// response. After all fields of the decision are set, replace the field by this value:
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

/// Returns how to merge the application's `Access-Control-Expose-Headers` into the response, or `None` if only the names of the
/// policy are sent: it does not [merge](PolicyConfig::merge_expose_headers), or the response exposes nothing. For an adapter that
/// keeps no [`ResponseHeaders`] until there is a response; see [`merged_expose_headers`] otherwise.
#[inline]
pub fn expose_headers_merge(headers: &ResponseHeaders<'_>) -> Option<ExposeHeadersMerge> {
    let policy = headers.policy;
    // Responses to preflights expose nothing, and neither do those to denied origins.
    let is_read = || {
        headers.kind() != RequestKind::Preflight
            && headers.fields.contains(ResponseField::AllowOrigin)
    };
    // With credentials, a browser takes `*` literally.
    (policy.merge_expose_headers && is_read()).then(|| ExposeHeadersMerge::new(!policy.credentials))
}
