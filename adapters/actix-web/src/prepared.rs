use actix_web::http::header::{HeaderName, HeaderValue};
use omnicors_adapter::PreparedValues;
use omnicors_adapter::omnicors_core::Policy;
use omnicors_adapter::omnicors_core::adapter::preflight_fields;

use crate::names::{constant, header_name};

/// A policy, with the field values that depend on it alone, in the types of actix-web.
///
/// Prepare a policy once, with [`PreparedPolicy::shared`](omnicors_adapter::PreparedPolicy::shared).
pub type PreparedPolicy = omnicors_adapter::PreparedPolicy<PreparedHeaders>;

/// The header fields that depend on a policy alone, in the types of actix-web.
#[derive(Debug)]
pub struct PreparedHeaders {
    pub(crate) values: PreparedValues<HeaderValue>,
    /// The [`preflight_fields`].
    pub(crate) preflight: Vec<(HeaderName, HeaderValue)>,
}

impl From<&Policy> for PreparedHeaders {
    fn from(policy: &Policy) -> Self {
        let values = PreparedValues::from(policy);
        let fields = preflight_fields(policy).into_iter().filter_map(|field| {
            let value = values.value_of(field, constant, None, |_| None)?;
            Some((header_name(field.name), value))
        });
        Self {
            preflight: fields.collect(),
            values,
        }
    }
}
