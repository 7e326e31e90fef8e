use std::mem;

use actix_web::HttpResponse;
use actix_web::dev::ServiceRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, HeaderMap, HeaderName, HeaderValue, VARY,
};
use omnicors_adapter::omnicors_core::adapter::{EchoedField, PreflightOutcome};
use omnicors_adapter::omnicors_core::{
    Decision, HeaderField, LookupResult, Rejection, RequestParts, ResponseHeaders, evaluate,
};
use omnicors_adapter::{VaryNames, call_on_reject, rejection_of};

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
#[expect(clippy::inline_always, reason = "measured")]
#[inline(always)]
pub(crate) fn decide(
    policy: &PreparedPolicy,
    request: &ServiceRequest,
    lookup_result: Option<LookupResult>,
) -> OwnedDecision {
    if !policy.is_observed() {
        // Quicker than the evaluation below.
        let fields = RequestMap::new(request);
        if let Some(outline) = policy.outline(request.method().as_str(), &fields, lookup_result) {
            let origin = || fields.origin().cloned();
            let values = &policy.values().values;
            return OwnedDecision::Forward(ForwardHeaders::with_outline(outline, values, origin));
        }
    }
    evaluate_request(policy, request, lookup_result)
}

/// Responds with prepared fields, or evaluates the policy.
///
/// A separate function, because most requests do not need it. So their decision is made in place.
#[inline(never)]
fn evaluate_request(
    policy: &PreparedPolicy,
    request: &ServiceRequest,
    lookup_result: Option<LookupResult>,
) -> OwnedDecision {
    if !policy.is_observed() {
        // Quicker than the evaluation.
        if let Some(response) = prepared_response(policy, request) {
            return OwnedDecision::Respond(response);
        }
    }
    evaluate_always(policy, request, lookup_result)
}

/// Evaluates the policy, also if the fields of the response to the request are prepared.
#[inline]
pub(crate) fn evaluate_always(
    policy: &PreparedPolicy,
    request: &ServiceRequest,
    lookup_result: Option<LookupResult>,
) -> OwnedDecision {
    let fields = RequestMap::new(request);
    let parts = RequestParts::read(policy.policy(), request.method().as_str(), &fields)
        .lookup_result(lookup_result);
    // A reference, because the decision is large and a move copies it.
    let decision = &evaluate(policy.policy(), &parts);
    if policy.is_observed() {
        policy.observe(&parts, decision, || request.path().into());
    }
    match decision {
        Decision::Forward { headers } => {
            let echo = |echoed| match echoed {
                EchoedField::Origin => fields.origin().cloned(),
                _ => requested(request.headers(), echoed).cloned(),
            };
            OwnedDecision::Forward(ForwardHeaders::new(headers, &policy.values().values, echo))
        }
        Decision::Respond { status, headers } => {
            let (request, origin) = (request.headers(), fields.origin());
            OwnedDecision::Respond(respond(policy, decision, *status, headers, request, origin))
        }
    }
}

/// Makes the response whose body a rejected request gets.
pub(crate) type OnReject =
    omnicors_adapter::OnReject<dyn Fn(Rejection) -> HttpResponse + Send + Sync>;

/// Replaces the body of the response to a rejected request.
#[cold]
pub(crate) fn replace_body(on_reject: &OnReject, response: &mut HttpResponse) {
    let rejection = response.extensions().get::<Rejection>().copied();
    let Some(rejection) = rejection else {
        return;
    };
    let copy = |name, made: &HttpResponse| {
        if let Some(value) = made.headers().get(name) {
            let name = HeaderName::from_static(name);
            response.headers_mut().insert(name, value.clone());
        }
    };
    if let Some(made) = call_on_reject(rejection, &*on_reject.0, copy) {
        let status = response.status();
        let rejected = mem::replace(response, HttpResponse::new(status));
        *response = rejected.set_body(made.into_body());
    }
}

/// Returns the response to a preflight, made of prepared fields. Returns `None` if the decision must be evaluated.
pub(crate) fn prepared_response(
    policy: &PreparedPolicy,
    request: &ServiceRequest,
) -> Option<HttpResponse> {
    let fields = RequestMap::new(request);
    let method = request.method().as_str();
    let outcome = PreflightOutcome::find(policy.policy(), method, &fields)?;
    if outcome == PreflightOutcome::Denied {
        let mut response = HttpResponse::new(StatusCode::FORBIDDEN);
        response.headers_mut().append(VARY, constant("Origin"));
        return Some(response);
    }
    let prepared = policy.values();
    let mut response = HttpResponse::new(prepared.preflight_status);
    // Not a clone of a map: the map of a new response has memory from an earlier one.
    let map = response.headers_mut();
    for (name, value) in &prepared.preflight {
        map.append(name.clone(), value.clone());
    }
    if !policy.policy().is_static()
        && let Some(origin) = fields.origin()
    {
        map.append(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
    Some(response)
}

/// Returns a response without a body. `origin` is the value of the request's `Origin`.
#[inline(never)]
fn respond(
    policy: &PreparedPolicy,
    decision: &Decision<'_>,
    status: u16,
    headers: &ResponseHeaders<'_>,
    request: &HeaderMap,
    origin: Option<&HeaderValue>,
) -> HttpResponse {
    // Every status is valid: those of the core are constants, and that of the policy was validated.
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
    let mut response = HttpResponse::new(code);
    let map = response.headers_mut();
    for field in headers {
        if let Some(value) = value(policy, field, request, origin) {
            // The response has no field with this name, so `Set`, `Merge` and `Append` do the same.
            map.append(header_name(field.name), value);
        }
    }
    if let Some(rejection) = rejection_of(decision) {
        response.extensions_mut().insert(rejection);
    }
    response
}

/// Returns the value of a field, as a cheap clone if the value was prepared or is the request's.
#[inline]
fn value(
    policy: &PreparedPolicy,
    field: HeaderField<'_>,
    request: &HeaderMap,
    origin: Option<&HeaderValue>,
) -> Option<HeaderValue> {
    let values = &policy.values().values;
    values.value_of(field, constant, origin, |field| requested(request, field))
}
