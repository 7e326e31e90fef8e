use actix_web::http::header::{HeaderName, HeaderValue};
use omnicors_http::PreparedValues;
use omnicors_http::omnicors_core::Policy;

use crate::headers::{constant, header_name};

/// The header values that depend on a policy alone, in the types of actix-web.
#[derive(Debug)]
pub struct PreparedHeaders {
    pub(crate) values: PreparedValues<HeaderValue>,
    /// [`Policy::answer_lines`].
    pub(crate) answer: Vec<(HeaderName, HeaderValue)>,
}

impl From<&Policy> for PreparedHeaders {
    fn from(policy: &Policy) -> Self {
        let values = PreparedValues::from(policy);
        let lines = policy.answer_lines().filter_map(|line| {
            let value = values.value_of(line, constant, None, |_| None)?;
            Some((header_name(line.name), value))
        });
        Self {
            answer: lines.collect(),
            values,
        }
    }
}
