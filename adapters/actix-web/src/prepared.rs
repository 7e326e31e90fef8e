use actix_web::http::header::HeaderValue;
use omnicors_http::omnicors_core::{LineValue, Policy, ResponseHeaderName};

use crate::headers::{Line, constant, header_name};

/// The header values that depend on a policy alone, in the types of actix-web.
#[derive(Debug)]
pub struct PreparedHeaders {
    values: omnicors_http::PreparedValues<HeaderValue>,
    /// [`Policy::answer_lines`].
    pub(crate) answer: Vec<Line>,
}

impl PreparedHeaders {
    /// The value of the line with this name whose value is [`LineValue::Policy`].
    pub(crate) fn value(&self, name: ResponseHeaderName) -> Option<&HeaderValue> {
        self.values.get(name)
    }
}

impl From<&Policy> for PreparedHeaders {
    fn from(policy: &Policy) -> Self {
        let values = omnicors_http::PreparedValues::from(policy);
        let lines = policy.answer_lines().filter_map(|line| {
            let value = match line.value {
                LineValue::Constant(text) => constant(text),
                LineValue::Policy(_) | LineValue::Echo(..) => {
                    HeaderValue::clone(values.get(line.name)?)
                }
            };
            Some((header_name(line.name), value))
        });
        Self {
            answer: lines.collect(),
            values,
        }
    }
}
