use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, VARY};
use http::{HeaderValue, Response, StatusCode};
use omnicors_adapter::PreparedValues;
use omnicors_core::Policy;
use omnicors_core::adapter::preflight_fields;

use crate::names::constant;
use crate::response::add;

/// A policy whose field values are prepared in the types of the `http` crate.
///
/// Prepare a policy once, with [`PreparedPolicy::shared`](omnicors_adapter::PreparedPolicy::shared). Then pass it to
/// [`decide`](crate::decide), or return clones from a [`per_request`](crate::per_request) function.
///
/// ```
/// use omnicors_http::{PolicyConfig, PreparedPolicy};
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let policy = PreparedPolicy::shared(policy);
/// # Ok::<(), omnicors_http::PolicyError>(())
/// ```
pub type PreparedPolicy = omnicors_adapter::PreparedPolicy<PreparedHeaders>;

/// The field values of a policy, prepared in the types of the `http` crate: a part of [`PreparedPolicy`], which has an example.
#[derive(Debug)]
pub struct PreparedHeaders {
    pub(crate) values: PreparedValues<HeaderValue>,
    /// The response to a preflight from [`first_origin`](Self::first_origin). For another origin, `Access-Control-Allow-Origin` is
    /// replaced.
    pub(crate) allowed_preflight: Response<()>,
    pub(crate) denied_preflight: Response<()>,
    /// The first exact origin of the policy.
    pub(crate) first_origin: Option<HeaderValue>,
}

impl From<&Policy> for PreparedHeaders {
    fn from(policy: &Policy) -> Self {
        let values = PreparedValues::<HeaderValue>::from(policy);
        let mut allowed_preflight = Response::new(());
        // Every status was validated when the policy was built.
        if let Ok(status) = StatusCode::from_u16(policy.preflight_status()) {
            *allowed_preflight.status_mut() = status;
        }
        let map = allowed_preflight.headers_mut();
        // The map has an `Access-Control-Allow-Origin`, because adding a field to its clone would make the clone grow, which
        // takes longer than cloning.
        let first = policy
            .origins()
            .and_then(|origins| origins.patterns().next());
        let first = first.filter(|pattern| !pattern.contains('*'));
        let first_origin = first.and_then(|first| HeaderValue::from_str(first).ok());
        if let Some(first) = &first_origin {
            map.insert(ACCESS_CONTROL_ALLOW_ORIGIN, first.clone());
        }
        for field in preflight_fields(policy) {
            if let Some(value) = values.value_of(field, constant, None, |_| None) {
                // The map is not full: it has few fields.
                let _ = add(map, field.name, field.operation, value);
            }
        }
        let mut denied_preflight = Response::new(());
        *denied_preflight.status_mut() = StatusCode::FORBIDDEN;
        denied_preflight
            .headers_mut()
            .insert(VARY, constant("Origin"));
        Self {
            values,
            allowed_preflight,
            denied_preflight,
            first_origin,
        }
    }
}
