use actix_web::HttpResponse;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HOST, HeaderMap, HeaderName,
    HeaderValue, ORIGIN,
};
use actix_web::http::{Method, StatusCode};
use omnicors_http::omnicors_core::{
    Decision, EchoedLine, HeaderLine, LineValue, RequestParts, evaluate,
};

use crate::headers::{ForwardHeaders, Line};
use crate::source::PreparedPolicy;

/// Everything that must be done with a request. Borrows nothing, so that the request can be handed on.
pub(crate) enum Decided {
    Forward(ForwardHeaders),
    Answer(HttpResponse),
}

impl Decided {
    /// Decides about a request, given what has been found out about its origin, if anything.
    pub(crate) fn new(
        policy: &PreparedPolicy,
        request: &ServiceRequest,
        origin_verdict: Option<bool>,
    ) -> Self {
        let reads_site = policy.policy().refuses_disallowed_origins();
        let parts = parts(request, reads_site).origin_verdict(origin_verdict);
        #[cfg(feature = "tracing")]
        omnicors_http::trace::denial(
            policy.policy(),
            || self::parts(request, true).origin_verdict(origin_verdict),
            request.path(),
            |name| Some(request.headers().get(name)?.as_bytes()),
        );
        let decision = evaluate(policy.policy(), &parts);
        let lines = decision.headers().iter();
        let lines = lines.filter_map(|line| owned(line, policy, request.headers()));
        match decision {
            Decision::Forward { headers } => Self::Forward(ForwardHeaders {
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
                Self::Answer(response)
            }
        }
    }
}

/// The line with a value that borrows nothing and, wherever possible, copies nothing.
fn owned(line: HeaderLine<'_>, policy: &PreparedPolicy, request: &HeaderMap) -> Option<Line> {
    let value = match line.value {
        LineValue::Constant(text) => constant(text),
        LineValue::Policy(_) => policy.headers().get(line.name)?.clone(),
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
