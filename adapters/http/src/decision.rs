use http::{HeaderMap, HeaderValue, Response, StatusCode};
use omnicors_adapter::{VaryNames, rejection_of};
use omnicors_core::adapter::{EchoedField, PreflightOutcome, ResponseOutline};
use omnicors_core::{
    Decision, HeaderField, LookupResult, Operation, Origin, Rejection, RequestParts,
    ResponseHeaderName, ResponseHeaders, evaluate,
};

use crate::names::constant;
use crate::prepared::PreparedPolicy;
use crate::request::{Fields, RequestHead, requested};
use crate::response::{Fields as ResponseFields, ForwardHeaders, add};

/// The decision about a request: a [`Decision`] in the types of the `http` crate.
///
/// It borrows nothing, so the application can consume the request.
///
/// ```
/// use http::{Request, Response};
/// use omnicors_http::{HttpDecision, PreparedPolicy, decide};
///
/// fn serve(
///     policy: &PreparedPolicy,
///     request: Request<String>,
///     application: impl FnOnce(Request<String>) -> Response<String>,
/// ) -> Response<String> {
///     match decide(policy, &request) {
///         HttpDecision::Respond(response) => response.map(|()| String::new()),
///         HttpDecision::Forward(mut headers) => {
///             let mut response = application(request);
///             headers.apply(response.headers_mut());
///             response
///         }
///     }
/// }
/// ```
#[derive(Debug)]
#[must_use]
pub enum HttpDecision {
    /// Run the application, then apply these fields to its response, errors included.
    Forward(ForwardHeaders),
    /// Do not run the application. Send this response, with an empty body. If the guard of the policy rejects the request, the
    /// extensions of the response have the [`Rejection`].
    Respond(Response<()>),
}

/// Bypasses CORS: the request is forwarded, and its response is not changed.
impl Default for HttpDecision {
    fn default() -> Self {
        Self::Forward(ForwardHeaders::default())
    }
}

impl HttpDecision {
    /// Returns why the guard of the policy rejects the request, or `None` if it does not.
    ///
    /// ```
    /// use http::Request;
    /// use omnicors_http::{Guard, PolicyConfig, PreparedPolicy, Rejection, decide};
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://app.example").guard(Guard::UnsafeMethods);
    /// let policy = PreparedPolicy::shared(policy.build()?);
    /// let form = Request::post("/").header("origin", "https://evil.example").header("sec-fetch-site", "cross-site");
    /// let decision = decide(&policy, &form.body(())?);
    /// assert_eq!(decision.rejection(), Some(Rejection::OriginNotListed));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rejection(&self) -> Option<Rejection> {
        match self {
            Self::Forward(_) => None,
            Self::Respond(response) => response.extensions().get().copied(),
        }
    }

    /// Adds the names of the request fields that the choice of the policy read to `Vary` of the response.
    ///
    /// [`decide_by_source`](crate::decide_by_source) does this. If you call [`choose`](crate::PolicySource::choose) yourself,
    /// call this for every request, also if no policy was chosen:
    ///
    /// ```
    /// use http::Request;
    /// use omnicors_http::{HttpDecision, PolicySource, decide};
    ///
    /// fn decide_by_source(source: &PolicySource, request: &Request<()>) -> HttpDecision {
    ///     let choice = source.choose(&request.into());
    ///     let mut decision = match choice.policy {
    ///         Some(policy) => decide(&policy, request),
    ///         None => HttpDecision::default(),
    ///     };
    ///     decision.vary_on(choice.vary_names);
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

/// Decides about a request: [`evaluate`] in the types of the `http` crate.
///
/// An origin that needs an [origin lookup](omnicors_core::PolicyConfig::lookup_origins) is denied. To look it up, use
/// [`start_lookup`] and [`decide_with_result`].
///
/// ```
/// use http::Request;
/// use omnicors_http::{HttpDecision, PolicyConfig, PreparedPolicy, decide};
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let policy = PreparedPolicy::shared(policy);
/// let preflight = Request::options("/")
///     .header("origin", "https://denied.example")
///     .header("access-control-request-method", "PUT")
///     .body(())?;
/// let HttpDecision::Respond(response) = decide(&policy, &preflight) else { panic!() };
/// assert_eq!(response.status(), 403);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[inline]
pub fn decide<'a>(policy: &PreparedPolicy, request: impl Into<RequestHead<'a>>) -> HttpDecision {
    decide_with_result(policy, request, None)
}

/// Decides about a request with the result of its [origin lookup](start_lookup), if there was one.
///
/// ```
/// use http::{HeaderMap, Request};
/// use omnicors_http::{HttpDecision, LookupResult, PolicyConfig, PreparedPolicy, decide_with_result};
///
/// let policy = PreparedPolicy::shared(PolicyConfig::new().lookup_origins(true).build()?);
/// let request = Request::get("/").header("origin", "https://tenant.example").body(())?;
/// let decision = decide_with_result(&policy, &request, Some(LookupResult::Allowed));
/// let HttpDecision::Forward(mut fields) = decision else { panic!() };
/// let mut headers = HeaderMap::new();
/// fields.apply(&mut headers);
/// assert_eq!(headers["access-control-allow-origin"], "https://tenant.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    // Quicker than the evaluation.
    if !policy.is_observed() {
        let fields = Fields::new(head);
        if let Some(outline) = policy.outline(head.method.as_str(), &fields, lookup_result) {
            return forward(policy, &fields, *outline);
        }
    }
    evaluate_head(policy, head, lookup_result)
}

#[inline]
pub(crate) fn forward(
    policy: &PreparedPolicy,
    fields: &Fields<'_>,
    outline: ResponseOutline,
) -> HttpDecision {
    let origin = || fields.origin().cloned();
    let values = &policy.values().values;
    HttpDecision::Forward(ForwardHeaders::with_outline(&outline, values, origin))
}

/// A separate function, because most requests do not need it. So their decision is made in place.
#[inline(never)]
fn evaluate_head(
    policy: &PreparedPolicy,
    head: &RequestHead<'_>,
    lookup_result: Option<LookupResult>,
) -> HttpDecision {
    evaluate_fields(policy, &Fields::new(head), lookup_result)
}

/// Responds with a prepared response, or evaluates the policy. `fields` knows which fields the decision depends on.
#[inline]
pub(crate) fn evaluate_fields(
    policy: &PreparedPolicy,
    fields: &Fields<'_>,
    lookup_result: Option<LookupResult>,
) -> HttpDecision {
    if !policy.is_observed() {
        // Quicker than the evaluation.
        if let Some(response) = prepared_response(policy, fields) {
            return HttpDecision::Respond(response);
        }
    }
    evaluate_always(policy, fields, lookup_result)
}

/// Evaluates the policy, also if the response to the request is prepared.
///
/// A separate function, because most preflights do not need it. So their response is cloned in place.
#[inline(never)]
pub(crate) fn evaluate_always(
    policy: &PreparedPolicy,
    fields: &Fields<'_>,
    lookup_result: Option<LookupResult>,
) -> HttpDecision {
    let head = fields.head();
    let parts = RequestParts::read(policy.policy(), head.method.as_str(), fields)
        .lookup_result(lookup_result);
    // A reference, because the decision is large and a move copies it.
    let decision = &evaluate(policy.policy(), &parts);
    if policy.is_observed() {
        policy.observe(&parts, decision, || head.original_uri().path().into());
    }
    match decision {
        Decision::Forward { headers } => {
            let echo = |echoed| match echoed {
                EchoedField::Origin => fields.origin().cloned(),
                _ => requested(head.headers, echoed).cloned(),
            };
            let values = &policy.values().values;
            HttpDecision::Forward(ForwardHeaders::new(headers, values, echo))
        }
        Decision::Respond { status, headers } => {
            let origin = fields.origin();
            HttpDecision::Respond(respond(policy, decision, *status, headers, head, origin))
        }
    }
}

/// Starts the origin lookup of a request, or returns `None` if the policy needs none for it.
///
/// Calls `start` with the [origin to look up](omnicors_core::Policy::origin_to_look_up) and returns its result, such as the
/// future of a database query. Pass the result of the lookup to [`decide_with_result`].
///
/// ```
/// use http::Request;
/// use omnicors_http::{HttpDecision, PreparedPolicy, decide_with_result, start_lookup};
///
/// /// Asks the database whether a tenant has this origin.
/// async fn is_tenant(origin: String) -> bool {
///     origin == "https://tenant.example"
/// }
///
/// async fn decide(policy: &PreparedPolicy, request: &Request<()>) -> HttpDecision {
///     let lookup = start_lookup(policy, request, |origin| is_tenant(origin.as_str().to_owned()));
///     let result = match lookup {
///         Some(lookup) => Some(lookup.await.into()),
///         None => None,
///     };
///     decide_with_result(policy, request, result)
/// }
/// ```
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

/// Returns the response to a preflight, as a clone of one that was prepared. Returns `None` if the decision must be evaluated.
#[inline]
pub(crate) fn prepared_response(
    policy: &PreparedPolicy,
    fields: &Fields<'_>,
) -> Option<Response<()>> {
    let method = fields.head().method.as_str();
    let outcome = PreflightOutcome::find(policy.policy(), method, fields)?;
    let prepared = policy.values();
    if outcome == PreflightOutcome::Denied {
        return Some(prepared.denied_preflight.clone());
    }
    let mut response = prepared.allowed_preflight.clone();
    let origin = fields.origin();
    if !policy.policy().is_static() && origin != prepared.first_origin.as_ref() {
        if let Some(origin) = origin {
            let name = ResponseHeaderName::AccessControlAllowOrigin;
            // The map is not full: it has few fields.
            let _ = add(response.headers_mut(), name, Operation::Set, origin.clone());
        }
    }
    Some(response)
}

/// Returns a response without a body.
#[inline(never)]
fn respond(
    policy: &PreparedPolicy,
    decision: &Decision<'_>,
    status: u16,
    headers: &ResponseHeaders<'_>,
    head: &RequestHead<'_>,
    origin: Option<&HeaderValue>,
) -> Response<()> {
    let mut response = Response::new(());
    // Every status of a decision is valid: those of the core are constants, and that of the policy was validated.
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
    for field in headers {
        if let Some(value) = value(policy, field, head.headers, origin) {
            // The map is not full: the response has few fields.
            let _ = add(response.headers_mut(), field.name, field.operation, value);
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
