use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use omnicors_core::{Decision, EchoedLine, HeaderLine, Origin, ResponseHeaders, evaluate};

use crate::headers::{ForwardHeaders, Line};
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

impl PreparedPolicy {
    /// Decides about a request: [`evaluate`], in the types of the `http` crate.
    ///
    /// Where the policy [leaves origins to its caller](omnicors_core::PolicyConfig::decide_origins_outside), one that is
    /// not listed is denied: see [`decide_given`](Self::decide_given).
    pub fn decide<'a>(&self, request: impl Into<RequestHead<'a>>) -> HttpDecision {
        self.decide_given(request, None)
    }

    /// Decides about a request, given what the caller has found out about its origin.
    pub fn decide_given<'a>(
        &self,
        request: impl Into<RequestHead<'a>>,
        origin_verdict: Option<bool>,
    ) -> HttpDecision {
        let head = request.into();
        let reads_site = self.policy().refuses_disallowed_origins();
        let parts = head.parts(reads_site).origin_verdict(origin_verdict);
        #[cfg(feature = "tracing")]
        crate::trace::denial(
            self.policy(),
            || head.parts(true).origin_verdict(origin_verdict),
            head.uri.path(),
            |name| head.headers.get(name).map(HeaderValue::as_bytes),
        );
        match evaluate(self.policy(), &parts) {
            Decision::Forward { headers } => {
                let lines = headers
                    .iter()
                    .filter_map(|line| self.owned(line, head.headers))
                    .collect();
                HttpDecision::Forward(ForwardHeaders::new(headers.removed(), lines))
            }
            Decision::Answer { status, headers } => {
                HttpDecision::Answer(self.answer(status, headers, head.headers))
            }
        }
    }

    /// The origin that the caller has to decide about first, if there is one: see
    /// [`Policy::origin_to_decide`](omnicors_core::Policy::origin_to_decide).
    pub fn origin_to_decide<'a>(&self, request: impl Into<RequestHead<'a>>) -> Option<Origin<'a>> {
        self.policy().origin_to_decide(&request.into().parts(false))
    }

    fn answer(
        &self,
        status: u16,
        headers: ResponseHeaders<'_>,
        request: &HeaderMap,
    ) -> Response<()> {
        let mut response = Response::new(());
        // 403, or what the policy was validated to have.
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
        // As many as the fullest answer has.
        response.headers_mut().reserve(8);
        for line in headers.iter().filter_map(|line| self.owned(line, request)) {
            // There is room: it has no others.
            let _ = line.add_to(response.headers_mut());
        }
        response
    }

    /// The line with a value that borrows nothing and, wherever possible, copies nothing.
    fn owned(&self, line: HeaderLine<'_>, request: &HeaderMap) -> Option<Line> {
        use omnicors_core::LineValue as Value;
        let value = match line.value {
            Value::Constant(text) => HeaderValue::from_static(text),
            Value::Policy(_) => self.value(line.name)?.clone(),
            Value::Echo(EchoedLine::Origin, _) => request.get(ORIGIN)?.clone(),
            Value::Echo(EchoedLine::RequestMethod, _) => {
                request.get(ACCESS_CONTROL_REQUEST_METHOD)?.clone()
            }
            Value::Echo(EchoedLine::RequestHeaders(index), _) => request
                .get_all(ACCESS_CONTROL_REQUEST_HEADERS)
                .iter()
                .nth(index)?
                .clone(),
        };
        Some(Line {
            name: line.name,
            value,
            operation: line.operation,
        })
    }
}
