use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use omnicors_core::{
    Decision, EchoedLine, HeaderLine, Origin, RequestParts, ResponseHeaders, evaluate,
};

use crate::forward::ForwardHeaders;
use crate::headers::add;
use crate::prepared::PreparedPolicy;
use crate::request::RequestHead;

/// Everything that a server must do with a request.
///
/// Exhaustive, as [`Decision`] is; but it borrows nothing, so that the request can be handed on.
#[derive(Debug)]
#[must_use]
pub enum HttpDecision {
    /// Run the application, then put these onto its response, whatever the response is.
    Forward(ForwardHeaders),
    /// Do not run the application: this is the response, with an empty body.
    Answer(Response<()>),
}

/// Forwards, and leaves the response as it is: CORS is none of our business for the request.
impl Default for HttpDecision {
    fn default() -> Self {
        Self::Forward(ForwardHeaders::default())
    }
}

impl PreparedPolicy {
    /// Decides about a request: [`evaluate`], in the types of the `http` crate.
    ///
    /// Where the policy [leaves origins to its caller](omnicors_core::PolicyConfig::decide_origins_outside), one that is
    /// not listed is denied: see [`decide_given`](Self::decide_given).
    #[inline]
    pub fn decide<'a>(&self, request: impl Into<RequestHead<'a>>) -> HttpDecision {
        self.decide_given(request, None)
    }

    /// Decides about a request, given what the caller has found out about its origin.
    #[inline]
    pub fn decide_given<'a>(
        &self,
        request: impl Into<RequestHead<'a>>,
        origin_verdict: Option<bool>,
    ) -> HttpDecision {
        let head = request.into();
        let reads_site = self.policy().refuses_disallowed_origins();
        let mut parts = RequestParts::new(head.method.as_str()).origin_verdict(origin_verdict);
        let origin = head.read(&mut parts, reads_site);
        #[cfg(feature = "tracing")]
        crate::trace::denial(
            self.policy(),
            || head.parts(true).origin_verdict(origin_verdict),
            head.uri.path(),
            |name| head.headers.get(name).map(HeaderValue::as_bytes),
        );
        // By reference: what has just been written is not to be moved.
        match &evaluate(self.policy(), &parts) {
            Decision::Forward { headers } => {
                let value = |line: HeaderLine<'_>| self.value(line, head.headers, origin);
                HttpDecision::Forward(ForwardHeaders::new(headers, value))
            }
            Decision::Answer { status, headers } => {
                HttpDecision::Answer(self.answer(*status, headers, &head, origin))
            }
        }
    }

    /// The origin that the caller has to decide about first, if there is one: see
    /// [`Policy::origin_to_decide`](omnicors_core::Policy::origin_to_decide).
    pub fn origin_to_decide<'a>(&self, request: impl Into<RequestHead<'a>>) -> Option<Origin<'a>> {
        self.policy().origin_to_decide(&request.into().parts(false))
    }

    /// A response without a body.
    #[inline(never)]
    fn answer(
        &self,
        status: u16,
        headers: &ResponseHeaders<'_>,
        head: &RequestHead<'_>,
        origin: Option<&HeaderValue>,
    ) -> Response<()> {
        let mut response = Response::new(());
        // 403, or what the policy was validated to have.
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
        let lines = if headers.is_origin_allowed() {
            *response.headers_mut() = self.headers().answer.clone();
            headers.echoed()
        } else {
            headers.iter()
        };
        for line in lines {
            if let Some(value) = self.value(line, head.headers, origin) {
                // There is room: it has few others.
                let _ = add(response.headers_mut(), line.name, line.operation, value);
            }
        }
        response
    }

    /// The value of a line, which borrows nothing and, wherever possible, copies nothing.
    #[inline]
    fn value(
        &self,
        line: HeaderLine<'_>,
        request: &HeaderMap,
        origin: Option<&HeaderValue>,
    ) -> Option<HeaderValue> {
        let values = &self.headers().values;
        values.value_of(line, constant, origin, |line| requested(request, line))
    }
}

/// The line of a preflight that is echoed.
#[cold]
fn requested(request: &HeaderMap, line: EchoedLine) -> Option<&HeaderValue> {
    match line {
        EchoedLine::Origin => request.get(ORIGIN),
        EchoedLine::RequestMethod => request.get(ACCESS_CONTROL_REQUEST_METHOD),
        EchoedLine::RequestHeaders(index) => request
            .get_all(ACCESS_CONTROL_REQUEST_HEADERS)
            .iter()
            .nth(index),
    }
}

/// The value with this text. That it is one has been checked when this was compiled, for those that nearly every response
/// has.
pub(crate) fn constant(text: &'static str) -> HeaderValue {
    const ANY: HeaderValue = HeaderValue::from_static("*");
    const ORIGIN: HeaderValue = HeaderValue::from_static("Origin");
    const TRUE: HeaderValue = HeaderValue::from_static("true");
    match text {
        "*" => ANY,
        "Origin" => ORIGIN,
        "true" => TRUE,
        _ => HeaderValue::from_static(text),
    }
}
