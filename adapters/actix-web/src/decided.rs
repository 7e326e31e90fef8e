use actix_web::HttpResponse;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HOST, HeaderMap, HeaderName,
    HeaderValue, ORIGIN,
};
use actix_web::http::{Method, StatusCode};
use omnicors_http::omnicors_core::{
    Decision, EchoedLine, HeaderLine, RequestParts, ResponseHeaders, evaluate,
};

use crate::headers::{ForwardHeaders, constant, header_name};
use crate::source::PreparedPolicy;

/// Everything that must be done with a request. Borrows nothing, so that the request can be handed on.
pub(crate) enum Decided {
    Forward(ForwardHeaders),
    Answer(HttpResponse),
}

/// Nothing: CORS is none of our business for the request.
impl Default for Decided {
    fn default() -> Self {
        Self::Forward(ForwardHeaders::default())
    }
}

impl Decided {
    /// Decides about a request, given what has been found out about its origin, if anything.
    #[inline]
    pub(crate) fn new(
        policy: &PreparedPolicy,
        request: &ServiceRequest,
        origin_verdict: Option<bool>,
    ) -> Self {
        let reads_site = policy.policy().refuses_disallowed_origins();
        let mut parts = RequestParts::new(request.method().as_str()).origin_verdict(origin_verdict);
        let origin = read(request, &mut parts, reads_site);
        #[cfg(feature = "tracing")]
        omnicors_http::trace::denial(
            policy.policy(),
            || self::parts(request, true).origin_verdict(origin_verdict),
            request.path(),
            |name| Some(request.headers().get(name)?.as_bytes()),
        );
        let value = |line: HeaderLine<'_>| value(line, policy, request.headers(), origin);
        // By reference: what has just been written is not to be moved.
        match &evaluate(policy.policy(), &parts) {
            Decision::Forward { headers } => Self::Forward(ForwardHeaders::new(headers, value)),
            Decision::Answer { status, headers } => {
                Self::Answer(answer(*status, headers, policy, value))
            }
        }
    }
}

/// A response without a body.
#[inline(never)]
fn answer(
    status: u16,
    headers: &ResponseHeaders<'_>,
    policy: &PreparedPolicy,
    value: impl Fn(HeaderLine<'_>) -> Option<HeaderValue>,
) -> HttpResponse {
    // 403, or what the policy was validated to have.
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
    let mut response = HttpResponse::new(status);
    let map = response.headers_mut();
    let lines = if headers.is_origin_allowed() {
        for (name, value) in &policy.headers().answer {
            map.append(name.clone(), value.clone());
        }
        headers.echoed()
    } else {
        headers.iter()
    };
    for line in lines {
        if let Some(value) = value(line) {
            // There are no others yet, whatever is to be done with those.
            map.append(header_name(line.name), value);
        }
    }
    response
}

/// The value of a line, which borrows nothing and, wherever possible, copies nothing.
#[inline]
fn value(
    line: HeaderLine<'_>,
    policy: &PreparedPolicy,
    request: &HeaderMap,
    origin: Option<&HeaderValue>,
) -> Option<HeaderValue> {
    let values = &policy.headers().values;
    values.value_of(line, constant, origin, |line| requested(request, line))
}

/// The line of a preflight that is echoed.
#[cold]
fn requested(request: &HeaderMap, line: EchoedLine) -> Option<&HeaderValue> {
    match line {
        EchoedLine::Origin => request.get(ORIGIN),
        EchoedLine::RequestMethod => request.get(ACCESS_CONTROL_REQUEST_METHOD),
        EchoedLine::RequestHeaders(index) => {
            request.get_all(ACCESS_CONTROL_REQUEST_HEADERS).nth(index)
        }
    }
}

/// The lines that CORS reads; with those that tell a site's own pages only where they count.
pub(crate) fn parts(request: &ServiceRequest, reads_site: bool) -> RequestParts<'_> {
    let mut parts = RequestParts::new(request.method().as_str());
    read(request, &mut parts, reads_site);
    parts
}

/// Reads them into parts that have the method; returns the value of the first `Origin` line, which need not be looked for
/// again when it is echoed.
#[inline]
fn read<'a>(
    request: &'a ServiceRequest,
    parts: &mut RequestParts<'a>,
    reads_site: bool,
) -> Option<&'a HeaderValue> {
    const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    let headers = request.headers();
    let origins = headers.get_all(ORIGIN).as_slice();
    // Without, it is no CORS request, whatever else it has.
    let first_origin = origins.first()?;
    for origin in origins {
        *parts = parts.origin(origin);
    }
    if request.method() == Method::OPTIONS {
        for method in headers.get_all(ACCESS_CONTROL_REQUEST_METHOD) {
            *parts = parts.request_method(method);
        }
        for names in headers.get_all(ACCESS_CONTROL_REQUEST_HEADERS) {
            *parts = parts.request_headers(names);
        }
    }
    if reads_site {
        for site in headers.get_all(SEC_FETCH_SITE) {
            *parts = parts.sec_fetch_site(site);
        }
        // Not `ConnectionInfo::host`, which believes `X-Forwarded-Host`: any client can send that.
        for host in headers.get_all(HOST) {
            *parts = parts.host(host);
        }
        // HTTP/2 has it here.
        if let Some(authority) = request.uri().authority() {
            *parts = parts.host(authority.as_str());
        }
    }
    Some(first_origin)
}
