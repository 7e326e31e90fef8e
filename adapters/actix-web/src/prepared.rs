use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use omnicors_adapter::PreparedValues;
use omnicors_adapter::omnicors_core::Policy;
use omnicors_adapter::omnicors_core::adapter::preflight_fields;

use crate::names::{constant, header_name};

/// A policy whose field values are prepared in the types of actix-web.
///
/// Prepare a policy once, with [`PreparedPolicy::shared`](omnicors_adapter::PreparedPolicy::shared), and return clones from a
/// [`per_request`](crate::per_request) function.
///
/// ```
/// use omnicors_actix_web::{Cors, PolicyConfig, PreparedPolicy, per_request};
///
/// let public = PreparedPolicy::shared(PolicyConfig::public_read_only().build()?);
/// let cors = Cors::new(per_request(move |_| Some(public.clone())));
/// # Ok::<(), omnicors_actix_web::PolicyError>(())
/// ```
pub type PreparedPolicy = omnicors_adapter::PreparedPolicy<PreparedHeaders>;

/// The field values of a policy, prepared in the types of actix-web: a part of [`PreparedPolicy`], which has an example.
#[derive(Debug)]
pub struct PreparedHeaders {
    pub(crate) values: PreparedValues<HeaderValue>,
    pub(crate) preflight_status: StatusCode,
    /// The fields of the response to an allowed preflight that do not depend on the request.
    pub(crate) preflight: Vec<(HeaderName, HeaderValue)>,
}

impl From<&Policy> for PreparedHeaders {
    fn from(policy: &Policy) -> Self {
        let values = PreparedValues::from(policy);
        let fields = preflight_fields(policy).into_iter().filter_map(|field| {
            let value = values.value_of(field, constant, None, |_| None)?;
            Some((header_name(field.name), value))
        });
        // Every status was validated when the policy was built.
        let status = StatusCode::from_u16(policy.preflight_status());
        Self {
            preflight: fields.collect(),
            preflight_status: status.unwrap_or(StatusCode::NO_CONTENT),
            values,
        }
    }
}
