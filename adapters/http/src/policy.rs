use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use omnicors_core::{Decision, EchoedLine, HeaderLine, Origin, evaluate};

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
        let (parts, origin) = head.parts_and_origin(reads_site);
        let parts = parts.origin_verdict(origin_verdict);
        #[cfg(feature = "tracing")]
        crate::trace::denial(
            self.policy(),
            || head.parts(true).origin_verdict(origin_verdict),
            head.uri.path(),
            |name| head.headers.get(name).map(HeaderValue::as_bytes),
        );
        match evaluate(self.policy(), &parts) {
            Decision::Forward { headers } => {
                let lines = headers.iter();
                let lines = lines.filter_map(|line| self.owned(line, head.headers, origin));
                HttpDecision::Forward(ForwardHeaders::new(headers.removed(), lines))
            }
            Decision::Answer { status, headers } => {
                let lines = headers.iter();
                let lines = lines.filter_map(|line| self.owned(line, head.headers, origin));
                HttpDecision::Answer(answer(status, lines))
            }
        }
    }

    /// The origin that the caller has to decide about first, if there is one: see
    /// [`Policy::origin_to_decide`](omnicors_core::Policy::origin_to_decide).
    pub fn origin_to_decide<'a>(&self, request: impl Into<RequestHead<'a>>) -> Option<Origin<'a>> {
        self.policy().origin_to_decide(&request.into().parts(false))
    }

    /// The line with a value that borrows nothing and, wherever possible, copies nothing.
    fn owned(
        &self,
        line: HeaderLine<'_>,
        request: &HeaderMap,
        origin: Option<&HeaderValue>,
    ) -> Option<Line> {
        use omnicors_core::LineValue as Value;
        let value = match line.value {
            Value::Constant(text) => constant(text),
            Value::Policy(_) => self.value(line.name)?.clone(),
            Value::Echo(EchoedLine::Origin, _) => origin?.clone(),
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

fn answer(status: u16, lines: impl Iterator<Item = Line>) -> Response<()> {
    let mut response = Response::new(());
    // 403, or what the policy was validated to have.
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
    for line in lines {
        // There is room: it has no others.
        let _ = line.add_to(response.headers_mut());
    }
    response
}

/// The value with this text. That it is one has been checked when this was compiled, for those that nearly every response
/// has.
fn constant(text: &'static str) -> HeaderValue {
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
