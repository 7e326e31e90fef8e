use http::header::ACCESS_CONTROL_ALLOW_ORIGIN;
use http::{HeaderValue, Response};
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
    /// The fields of the response to a preflight from the first exact origin of the policy. For another origin,
    /// `Access-Control-Allow-Origin` is replaced.
    pub(crate) preflight: Response<()>,
}

impl From<&Policy> for PreparedHeaders {
    fn from(policy: &Policy) -> Self {
        let values = PreparedValues::<HeaderValue>::from(policy);
        let mut preflight = Response::new(());
        let map = preflight.headers_mut();
        // The map has an `Access-Control-Allow-Origin`, because adding a field to its clone would make the clone grow, which
        // takes longer than cloning.
        let first = policy
            .origins()
            .and_then(|origins| origins.patterns().next());
        let first = first.filter(|pattern| !pattern.contains('*'));
        if let Some(Ok(first)) = first.map(HeaderValue::from_str) {
            map.insert(ACCESS_CONTROL_ALLOW_ORIGIN, first);
        }
        for field in preflight_fields(policy) {
            if let Some(value) = values.value_of(field, constant, None, |_| None) {
                // The map is not full: it has few fields.
                let _ = add(map, field.name, field.operation, value);
            }
        }
        Self { values, preflight }
    }
}
