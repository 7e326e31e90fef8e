//! The floor for the types of `http` 1.x: the `http` crate itself, tower, warp, poem and salvo.

use std::sync::Arc;

use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue, ORIGIN,
    VARY,
};
use http::{HeaderName, Method, StatusCode};

use super::{Listed, OWN_FIELDS, PREFIX, lists_origin, preflight_fields};
use crate::cases::Origins;

/// A policy. Cloning is cheap.
#[derive(Clone, Debug)]
pub(crate) struct Floor(Arc<Policy>);

#[derive(Debug)]
struct Policy {
    listed: Listed,
    /// The fields of the response to an allowed preflight. `Access-Control-Allow-Origin` is empty if it depends on the request.
    allowed: HeaderMap,
    denied: HeaderMap,
}

/// What to do with a request.
#[derive(Debug)]
pub(crate) enum Decision {
    /// Run the application, and apply the fields to its response.
    Forward(Fields),
    /// Respond with an empty body.
    Respond(StatusCode, HeaderMap),
}

/// The fields for the response of the application.
#[derive(Debug)]
pub(crate) struct Fields {
    allow_origin: Option<HeaderValue>,
    varies: bool,
}

const ANY: HeaderValue = HeaderValue::from_static("*");
const VARIES: HeaderValue = HeaderValue::from_static("Origin");

impl Floor {
    /// Returns `None` for patterns.
    pub(crate) fn new(origins: Origins) -> Option<Self> {
        let listed = Listed::new(origins)?;
        let (mut allowed, mut denied) = (HeaderMap::new(), HeaderMap::new());
        if !listed.is_any() {
            allowed.insert(VARY, VARIES);
            denied.insert(VARY, VARIES);
        }
        for (name, value) in preflight_fields() {
            let value = HeaderValue::try_from(value).expect("a value");
            allowed.insert(HeaderName::from_static(name), value);
        }
        let origin = listed.only_value().unwrap_or_default();
        let origin = HeaderValue::from_bytes(origin).expect("an origin");
        allowed.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        Some(Self(Arc::new(Policy {
            listed,
            allowed,
            denied,
        })))
    }

    #[inline]
    pub(crate) fn decide(&self, method: &Method, request: &HeaderMap) -> Decision {
        let policy = &*self.0;
        if *method == Method::OPTIONS
            && let Some(origin) = request.get(ORIGIN)
            && request.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
        {
            return policy.respond(origin);
        }
        Decision::Forward(if policy.listed.is_any() {
            Fields {
                allow_origin: Some(ANY),
                varies: false,
            }
        } else {
            let origin = request.get(ORIGIN);
            let allowed = origin.filter(|origin| policy.listed.allows(origin.as_bytes()));
            Fields {
                allow_origin: allowed.cloned(),
                varies: true,
            }
        })
    }
}

impl Policy {
    fn respond(&self, origin: &HeaderValue) -> Decision {
        if !self.listed.allows(origin.as_bytes()) {
            return Decision::Respond(StatusCode::FORBIDDEN, self.denied.clone());
        }
        let mut fields = self.allowed.clone();
        if self.listed.only_value().is_none() {
            fields.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        }
        Decision::Respond(StatusCode::NO_CONTENT, fields)
    }
}

impl Fields {
    #[inline]
    pub(crate) fn apply(self, response: &mut HeaderMap) {
        // Few applications set these fields, and reading each name once is cheaper than looking up each field.
        let (mut has_own, mut has_vary) = (false, false);
        for name in response.keys() {
            has_own |= name.as_str().starts_with(PREFIX);
            has_vary |= *name == VARY;
        }
        if has_own {
            for name in OWN_FIELDS {
                response.remove(name);
            }
        }
        if self.varies {
            if !has_vary {
                response.insert(VARY, VARIES);
            } else if !varies_on_origin(response) {
                response.append(VARY, VARIES);
            }
        }
        if let Some(origin) = self.allow_origin {
            response.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
    }
}

#[cold]
fn varies_on_origin(response: &HeaderMap) -> bool {
    let values = response.get_all(VARY).into_iter();
    values.map(HeaderValue::as_bytes).any(lists_origin)
}
