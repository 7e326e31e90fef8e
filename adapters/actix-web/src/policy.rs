use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HOST, HeaderMap, HeaderName,
    HeaderValue, ORIGIN,
};
use actix_web::http::{Method, StatusCode};
use omnicors_http::omnicors_core::{
    Decision, EchoedLine, HeaderLine, LineValue, Origin, Policy, RequestParts, ResponseHeaderName,
    evaluate,
};

use crate::headers::{ForwardHeaders, Line};

/// A policy made ready for actix-web, shared: a clone is a pointer to the same.
#[derive(Clone)]
pub struct SharedPolicy {
    shared: Arc<PreparedPolicy>,
}

/// A policy, and the header values that depend on it alone, in the types of actix-web.
///
/// Made by [`SharedPolicy::new`] and [`PolicyHandle::new`](crate::PolicyHandle::new).
#[derive(Debug)]
pub struct PreparedPolicy {
    policy: Policy,
    values: Vec<(ResponseHeaderName, HeaderValue)>,
}

/// Everything that must be done with a request. Borrows nothing, so that the request can be handed on.
pub(crate) enum Decided {
    Forward(ForwardHeaders),
    Answer(HttpResponse),
}

impl SharedPolicy {
    /// Prepares a policy.
    pub fn new(policy: Policy) -> Self {
        Self {
            shared: Arc::new(policy.into()),
        }
    }
}

impl From<Policy> for SharedPolicy {
    fn from(policy: Policy) -> Self {
        Self::new(policy)
    }
}

/// What [`PolicyHandle::load`](crate::PolicyHandle::load) returns.
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

impl fmt::Debug for SharedPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}

impl From<Policy> for PreparedPolicy {
    fn from(policy: Policy) -> Self {
        #[cfg(feature = "tracing")]
        omnicors_http::trace::advice(&policy);
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

    /// Decides about a request, given what has been found out about its origin, if anything.
    pub(crate) fn decide(&self, request: &ServiceRequest, origin_verdict: Option<bool>) -> Decided {
        let mut parts = parts(request, self.policy.refuses_disallowed_origins());
        if let Some(allowed) = origin_verdict {
            parts = parts.origin_verdict(allowed);
        }
        #[cfg(feature = "tracing")]
        crate::trace::denial(&self.policy, request, origin_verdict);
        let decision = evaluate(&self.policy, &parts);
        let lines = decision.headers().iter();
        let lines = lines.filter_map(|line| self.owned(line, request.headers()));
        match decision {
            Decision::Forward { headers } => Decided::Forward(ForwardHeaders {
                removed: headers.removed(),
                lines: lines.collect(),
            }),
            Decision::Answer { status, .. } => {
                // 403, or what the policy was validated to have.
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
                let mut response = HttpResponse::new(status);
                for line in lines {
                    line.add_to(response.headers_mut());
                }
                Decided::Answer(response)
            }
        }
    }

    /// The origin that has to be decided about outside, if there is one.
    pub(crate) fn origin_to_decide<'a>(&self, request: &'a ServiceRequest) -> Option<Origin<'a>> {
        self.policy.origin_to_decide(&parts(request, false))
    }

    /// The line with a value that borrows nothing and, wherever possible, copies nothing.
    fn owned(&self, line: HeaderLine<'_>, request: &HeaderMap) -> Option<Line> {
        let value = match line.value {
            LineValue::Constant(text) => HeaderValue::from_static(text),
            LineValue::Policy(_) => {
                let mut values = self.values.iter();
                values.find(|(name, _)| *name == line.name)?.1.clone()
            }
            LineValue::Echo(EchoedLine::Origin, _) => request.get(ORIGIN)?.clone(),
            LineValue::Echo(EchoedLine::RequestMethod, _) => {
                request.get(ACCESS_CONTROL_REQUEST_METHOD)?.clone()
            }
            LineValue::Echo(EchoedLine::RequestHeaders(index), _) => {
                let mut lines = request.get_all(ACCESS_CONTROL_REQUEST_HEADERS);
                lines.nth(index)?.clone()
            }
        };
        Some(Line {
            name: line.name,
            value,
            operation: line.operation,
        })
    }
}

/// The lines that CORS reads; with those that tell a site's own pages only where they count.
pub(crate) fn parts(request: &ServiceRequest, reads_site: bool) -> RequestParts<'_> {
    const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    let headers = request.headers();
    let mut parts = RequestParts::new(request.method().as_str());
    let origins = headers.get_all(ORIGIN);
    if origins.len() == 0 {
        // No CORS request, whatever else it has.
        return parts;
    }
    for origin in origins {
        parts = parts.origin(origin);
    }
    if request.method() == Method::OPTIONS {
        for method in headers.get_all(ACCESS_CONTROL_REQUEST_METHOD) {
            parts = parts.request_method(method);
        }
        for names in headers.get_all(ACCESS_CONTROL_REQUEST_HEADERS) {
            parts = parts.request_headers(names);
        }
    }
    if reads_site {
        for site in headers.get_all(SEC_FETCH_SITE) {
            parts = parts.sec_fetch_site(site);
        }
        // Not `ConnectionInfo::host`, which believes `X-Forwarded-Host`: any client can send that.
        for host in headers.get_all(HOST) {
            parts = parts.host(host);
        }
        // HTTP/2 has it here.
        if let Some(authority) = request.uri().authority() {
            parts = parts.host(authority.as_str());
        }
    }
    parts
}
