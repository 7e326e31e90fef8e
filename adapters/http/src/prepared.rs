use http::header::ACCESS_CONTROL_ALLOW_ORIGIN;
use http::{HeaderValue, Response};
use omnicors_adapter::PreparedValues;
use omnicors_core::Policy;
use omnicors_core::adapter::preflight_fields;

use crate::names::constant;
use crate::response::add;

/// A policy, with the field values that depend on it alone, in the types of the `http` crate.
///
/// Prepare a policy once, with [`PreparedPolicy::shared`](omnicors_adapter::PreparedPolicy::shared), and pass it to
/// [`decide`](crate::decide).
pub type PreparedPolicy = omnicors_adapter::PreparedPolicy<PreparedHeaders>;

/// The header fields that depend on a policy alone, in the types of the `http` crate.
#[derive(Debug)]
pub struct PreparedHeaders {
    pub(crate) values: PreparedValues<HeaderValue>,
    /// The response to a preflight from the first exact origin of the policy. For another one, its
    /// `Access-Control-Allow-Origin` is replaced.
    pub(crate) preflight: Response<()>,
}

impl From<&Policy> for PreparedHeaders {
    fn from(policy: &Policy) -> Self {
        let values = PreparedValues::<HeaderValue>::from(policy);
        let mut preflight = Response::new(());
        let map = preflight.headers_mut();
        // A copy of a map has no room for another field, and to grow takes longer than to be copied.
        let first = policy
            .origins()
            .and_then(|origins| origins.patterns().next());
        let first = first.filter(|pattern| !pattern.contains('*'));
        if let Some(Ok(first)) = first.map(HeaderValue::from_str) {
            map.insert(ACCESS_CONTROL_ALLOW_ORIGIN, first);
        }
        for field in preflight_fields(policy) {
            if let Some(value) = values.value_of(field, constant, None, |_| None) {
                // There is room: the map has no others.
                let _ = add(map, field.name, field.operation, value);
            }
        }
        Self { values, preflight }
    }
}
