use http::header::ACCESS_CONTROL_ALLOW_ORIGIN;
use http::{HeaderMap, HeaderValue};
use omnicors_adapter::PreparedValues;
use omnicors_core::Policy;

use crate::response::{add, constant};

/// A policy, with the field values that depend on it alone, in the types of the `http` crate.
///
/// Prepare a policy once, with [`PreparedPolicy::shared`](omnicors_adapter::PreparedPolicy::shared), and pass it to
/// [`decide`](crate::decide).
pub type PreparedPolicy = omnicors_adapter::PreparedPolicy<PreparedHeaders>;

/// The header fields that depend on a policy alone, in the types of the `http` crate.
#[derive(Debug)]
pub struct PreparedHeaders {
    pub(crate) values: PreparedValues<HeaderValue>,
    /// [`Policy::answer_lines`], with an empty `Access-Control-Allow-Origin` if that is an echo.
    pub(crate) preflight: HeaderMap,
}

impl From<&Policy> for PreparedHeaders {
    fn from(policy: &Policy) -> Self {
        let values = PreparedValues::<HeaderValue>::from(policy);
        let mut preflight = HeaderMap::new();
        // Every response to an allowed preflight names an origin. With a place for it, a copy of the map need not grow.
        preflight.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static(""));
        for field in policy.answer_lines() {
            if let Some(value) = values.value_of(field, constant, None, |_| None) {
                // There is room: the map has no others.
                let _ = add(&mut preflight, field.name, field.operation, value);
            }
        }
        Self { values, preflight }
    }
}
