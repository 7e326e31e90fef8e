use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use omnicors_core::{
    Decision, EchoedLine, HeaderLine, Origin, Policy, ResponseHeaderName, ResponseHeaders, evaluate,
};

use crate::headers::{ForwardHeaders, Line};
use crate::request::RequestHead;

/// A policy made ready for the types of the `http` crate, shared: a clone is a pointer to the same.
///
/// Everything else is a method of [`PreparedPolicy`], which this points to.
#[derive(Clone)]
pub struct SharedPolicy {
    shared: Arc<PreparedPolicy>,
}

impl SharedPolicy {
    /// Prepares a policy.
    pub fn new(policy: Policy) -> Self {
        Self {
            shared: Arc::new(policy.into()),
        }
    }
}

impl From<Arc<PreparedPolicy>> for SharedPolicy {
    fn from(shared: Arc<PreparedPolicy>) -> Self {
        Self { shared }
    }
}

impl Deref for SharedPolicy {
    type Target = PreparedPolicy;

    fn deref(&self) -> &PreparedPolicy {
        &self.shared
    }
}

impl From<Policy> for SharedPolicy {
    fn from(policy: Policy) -> Self {
        Self::new(policy)
    }
}

impl fmt::Debug for SharedPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}

/// A policy, and the header values that depend on it alone.
///
/// Made by [`SharedPolicy::new`].
#[derive(Debug)]
pub struct PreparedPolicy {
    policy: Policy,
    values: Vec<(ResponseHeaderName, HeaderValue)>,
}

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

impl From<Policy> for PreparedPolicy {
    fn from(policy: Policy) -> Self {
        #[cfg(feature = "tracing")]
        crate::trace::advice(&policy);
        // The texts of a policy are tokens, digits, commas and spaces: each is a header value.
        let value = |(name, text)| Some((name, HeaderValue::from_str(text).ok()?));
        let values = policy.header_texts().filter_map(value).collect();
        Self { policy, values }
    }
}

impl PreparedPolicy {
    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

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
        let mut parts = head.parts(self.policy.refuses_disallowed_origins());
        if let Some(allowed) = origin_verdict {
            parts = parts.origin_verdict(allowed);
        }
        #[cfg(feature = "tracing")]
        self.trace_denial(&head, origin_verdict);
        match evaluate(&self.policy, &parts) {
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

    /// The origin that the caller has to decide about first, if there is one: see [`Policy::origin_to_decide`].
    pub fn origin_to_decide<'a>(&self, request: impl Into<RequestHead<'a>>) -> Option<Origin<'a>> {
        self.policy.origin_to_decide(&request.into().parts(false))
    }

    /// An event for a denial: the verdict may depend on more of the request than the decision does.
    #[cfg(feature = "tracing")]
    fn trace_denial(&self, head: &RequestHead<'_>, origin_verdict: Option<bool>) {
        if !crate::trace::is_enabled() {
            return;
        }
        let mut parts = head.parts(true);
        if let Some(allowed) = origin_verdict {
            parts = parts.origin_verdict(allowed);
        }
        crate::trace::denial(&self.policy, &parts, head.uri.path(), |name| {
            head.headers.get(name).map(HeaderValue::as_bytes)
        });
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
            Value::Policy(_) => self
                .values
                .iter()
                .find(|(name, _)| *name == line.name)?
                .1
                .clone(),
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
