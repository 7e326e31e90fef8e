use std::fmt;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::dev::ServiceRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE, HeaderMap, HeaderValue,
};
use omnicors_adapter::omnicors_core::adapter::{EchoedField, echoed_fields, has_preflight_fields};
use omnicors_adapter::omnicors_core::{
    Decision, HeaderField, LookupResult, Rejection, RequestParts, ResponseHeaders, evaluate,
};
use omnicors_adapter::{VaryNames, caught};

use crate::names::{constant, header_name};
use crate::prepared::PreparedPolicy;
use crate::request::{RequestMap, requested};
use crate::response::{Fields, ForwardHeaders};

/// A decision that borrows nothing, so the application can consume the request.
pub(crate) enum OwnedDecision {
    Forward(ForwardHeaders),
    Respond(HttpResponse),
}

/// Bypasses CORS: the request is forwarded, and its response is not changed.
impl Default for OwnedDecision {
    fn default() -> Self {
        Self::Forward(ForwardHeaders::default())
    }
}

impl OwnedDecision {
    /// Adds the names of the request fields that the choice of the policy read to `Vary` of the response.
    #[inline]
    pub(crate) fn vary_on(&mut self, names: VaryNames) {
        match self {
            Self::Forward(headers) => headers.vary_on(names),
            Self::Respond(response) => names.merge_into(&mut Fields(response.headers_mut())),
        }
    }
}

/// Decides about a request with the result of its origin lookup, if there was one.
#[inline]
pub(crate) fn decide(
    policy: &PreparedPolicy,
    request: &ServiceRequest,
    lookup_result: Option<LookupResult>,
) -> OwnedDecision {
    if policy.is_observed() {
        return decide_and_observe(policy, request, lookup_result);
    }
    evaluate_request::<false>(policy, request, lookup_result)
}

/// A separate function, so that a decision that nobody observes is made in place. `cold` is about the layout of the code.
#[cold]
#[inline(never)]
fn decide_and_observe(
    policy: &PreparedPolicy,
    request: &ServiceRequest,
    lookup_result: Option<LookupResult>,
) -> OwnedDecision {
    evaluate_request::<true>(policy, request, lookup_result)
}

#[inline]
fn evaluate_request<const IS_OBSERVED: bool>(
    policy: &PreparedPolicy,
    request: &ServiceRequest,
    lookup_result: Option<LookupResult>,
) -> OwnedDecision {
    let fields = RequestMap::new(request);
    let parts = RequestParts::read(policy.policy(), request.method().as_str(), &fields)
        .lookup_result(lookup_result);
    let values = &policy.values().values;
    if !IS_OBSERVED {
        let early = ForwardHeaders::without_origin(policy, &parts, values);
        if let Some(headers) = early {
            return OwnedDecision::Forward(headers);
        }
    }
    // A reference, because the decision is large and a move copies it.
    let decision = &evaluate(policy.policy(), &parts);
    if IS_OBSERVED {
        policy.observe(&parts, decision, || request.path().into());
    }
    match decision {
        Decision::Forward { headers } => {
            let echo = |echoed| match echoed {
                EchoedField::Origin => fields.origin().cloned(),
                _ => requested(request.headers(), echoed).cloned(),
            };
            OwnedDecision::Forward(ForwardHeaders::new(headers, values, echo))
        }
        Decision::Respond { status, headers } => {
            let value =
                |field: HeaderField<'_>| value(field, policy, request.headers(), fields.origin());
            let mut response = respond(*status, headers, policy, value);
            if matches!(status, 403 | 421) {
                let rejection = decision.rejection();
                rejection.map(|rejection| response.extensions_mut().insert(rejection));
            }
            OwnedDecision::Respond(response)
        }
    }
}

/// Makes the response whose body a rejected request gets.
#[derive(Clone)]
pub(crate) struct OnReject(pub(crate) Arc<dyn Fn(Rejection) -> HttpResponse + Send + Sync>);

impl OnReject {
    /// Replaces the body of the response to a rejected request.
    pub(crate) fn replace_body(&self, response: HttpResponse) -> HttpResponse {
        let rejection = response.extensions().get::<Rejection>().copied();
        // After a panic, the body stays empty.
        let made = rejection.and_then(|rejection| caught(|| (self.0)(rejection)));
        let Some(made) = made else {
            return response;
        };
        let mut response = response;
        for name in [CONTENT_TYPE, CONTENT_LANGUAGE, CONTENT_ENCODING] {
            if let Some(value) = made.headers().get(&name) {
                response.headers_mut().insert(name, value.clone());
            }
        }
        response.set_body(made.into_body())
    }
}

impl fmt::Debug for OnReject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnReject")
    }
}

/// Returns a response without a body.
#[inline(never)]
fn respond(
    status: u16,
    headers: &ResponseHeaders<'_>,
    policy: &PreparedPolicy,
    value: impl Fn(HeaderField<'_>) -> Option<HeaderValue>,
) -> HttpResponse {
    // Every status is valid: those of the core are constants, and that of the policy was validated.
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
    let mut response = HttpResponse::new(status);
    let map = response.headers_mut();
    let fields = if has_preflight_fields(headers) {
        for (name, value) in &policy.values().preflight {
            map.append(name.clone(), value.clone());
        }
        echoed_fields(headers)
    } else {
        headers.iter()
    };
    for field in fields {
        if let Some(value) = value(field) {
            // The response has no field with this name, so `Set`, `Merge` and `Append` do the same.
            map.append(header_name(field.name), value);
        }
    }
    response
}

/// Returns the value of a field, as a cheap clone if the value was prepared or is the request's.
#[inline]
fn value(
    field: HeaderField<'_>,
    policy: &PreparedPolicy,
    request: &HeaderMap,
    origin: Option<&HeaderValue>,
) -> Option<HeaderValue> {
    let values = &policy.values().values;
    values.value_of(field, constant, origin, |field| requested(request, field))
}
