use http::{HeaderMap, HeaderValue, Response, StatusCode};
use omnicors_adapter::VaryNames;
use omnicors_core::adapter::{echoed_fields, has_preflight_fields};
use omnicors_core::{
    Decision, HeaderField, LookupResult, Origin, RequestParts, ResponseHeaders, evaluate,
};

use crate::names::{constant, header_name};
use crate::prepared::PreparedPolicy;
use crate::request::{Fields, RequestHead, requested};
use crate::response::{Fields as ResponseFields, ForwardHeaders, add};

/// Everything that a server must do with a request.
///
/// Exhaustive, like [`Decision`]; but it borrows nothing, so that the request can be passed on.
#[derive(Debug)]
#[must_use]
pub enum HttpDecision {
    /// Run the application, then apply these fields to its response, whatever the response is.
    Forward(ForwardHeaders),
    /// Do not run the application: this is the response, with an empty body.
    Respond(Response<()>),
}

/// Forwards the request and leaves the response as it is: CORS does not apply to the request.
impl Default for HttpDecision {
    fn default() -> Self {
        Self::Forward(ForwardHeaders::default())
    }
}

impl HttpDecision {
    /// Adds the names of request fields that the choice of the policy read to `Vary` of the response, whether the application is
    /// run or not. [`decide_by_source`](crate::decide_by_source) does this. If you call
    /// [`choose`](crate::PolicySource::choose) yourself, call this on every decision, and on the default one if no policy was
    /// chosen.
    ///
    /// ```
    /// use http::Request;
    /// use omnicors_http::{HttpDecision, PolicySource, decide};
    ///
    /// fn decide_by_source(source: &PolicySource, request: &Request<()>) -> HttpDecision {
    ///     let mut decision = match source.choose(&request.into()) {
    ///         Some(policy) => decide(&policy, request),
    ///         None => HttpDecision::default(),
    ///     };
    ///     decision.vary_on(source.vary_names());
    ///     decision
    /// }
    /// ```
    #[inline]
    pub fn vary_on(&mut self, names: VaryNames) {
        match self {
            Self::Forward(headers) => headers.vary_on(names),
            Self::Respond(response) => {
                names.merge_into(&mut ResponseFields(response.headers_mut()));
            }
        }
    }
}

/// Decides about a request: [`evaluate`], in the types of the `http` crate.
///
/// An origin that needs an [origin lookup](omnicors_core::PolicyConfig::lookup_origins) is denied: see
/// [`decide_with_result`].
#[inline]
pub fn decide<'a>(policy: &PreparedPolicy, request: impl Into<RequestHead<'a>>) -> HttpDecision {
    decide_with_result(policy, request, None)
}

/// Decides about a request, given the result of the lookup of its origin, if there was one.
#[inline]
pub fn decide_with_result<'a>(
    policy: &PreparedPolicy,
    request: impl Into<RequestHead<'a>>,
    lookup_result: Option<LookupResult>,
) -> HttpDecision {
    decide_about(policy, &request.into(), lookup_result)
}

#[inline]
pub(crate) fn decide_about(
    policy: &PreparedPolicy,
    head: &RequestHead<'_>,
    lookup_result: Option<LookupResult>,
) -> HttpDecision {
    let fields = Fields::new(head);
    let parts = RequestParts::read(policy.policy(), head.method.as_str(), &fields)
        .lookup_result(lookup_result);
    #[cfg(feature = "tracing")]
    omnicors_adapter::events::denial(policy.policy(), &parts, head.uri.path());
    // By reference, so that the large decision is not moved.
    match &evaluate(policy.policy(), &parts) {
        Decision::Forward { headers } => {
            let value =
                |field: HeaderField<'_>| value(policy, field, head.headers, fields.origin());
            HttpDecision::Forward(ForwardHeaders::new(headers, value))
        }
        Decision::Respond { status, headers } => {
            HttpDecision::Respond(respond(policy, *status, headers, head, fields.origin()))
        }
    }
}

/// Calls a function with the origin to look up before deciding about a request, if the policy needs a lookup: see
/// [`Policy::origin_to_look_up`](omnicors_core::Policy::origin_to_look_up).
pub fn start_lookup<'a, L>(
    policy: &PreparedPolicy,
    request: impl Into<RequestHead<'a>>,
    start: impl FnOnce(&Origin<'_>) -> L,
) -> Option<L> {
    let head = &request.into();
    let fields = Fields::new(head);
    let parts = RequestParts::read(policy.policy(), head.method.as_str(), &fields);
    policy
        .policy()
        .origin_to_look_up(&parts)
        .map(|origin| start(&origin))
}

/// Returns a response without a body.
#[inline(never)]
fn respond(
    policy: &PreparedPolicy,
    status: u16,
    headers: &ResponseHeaders<'_>,
    head: &RequestHead<'_>,
    origin: Option<&HeaderValue>,
) -> Response<()> {
    let mut response;
    let fields = if has_preflight_fields(headers) {
        response = policy.values().preflight.clone();
        echoed_fields(headers)
    } else {
        response = Response::new(());
        headers.iter()
    };
    // The status is 403, or one of the policy, which was validated.
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
    for field in fields {
        match value(policy, field, head.headers, origin) {
            // There is room: the response has few others.
            Some(value) => {
                let _ = add(response.headers_mut(), field.name, field.operation, value);
            }
            // The prepared response may have a value for another origin.
            None => drop(response.headers_mut().remove(header_name(field.name))),
        }
    }
    response
}

/// Returns the value of a field. It borrows nothing and is a cheap clone, unless it has to be copied.
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
