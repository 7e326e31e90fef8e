use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HOST, HeaderMap, HeaderName,
    HeaderValue, ORIGIN,
};
use omnicors_adapter::omnicors_core::{EchoedLine, RequestParts};

/// Returns the request parts. `reads_site` says whether `Sec-Fetch-Site` and `Host` are read, too.
pub(crate) fn parts(request: &ServiceRequest, reads_site: bool) -> RequestParts<'_> {
    let mut parts = RequestParts::new(request.method().as_str());
    read(request, &mut parts, reads_site);
    parts
}

/// Reads the fields into parts that have the method. Returns the value of the first `Origin`, so that it need not be searched
/// for again when it is echoed.
#[inline]
pub(crate) fn read<'a>(
    request: &'a ServiceRequest,
    parts: &mut RequestParts<'a>,
    reads_site: bool,
) -> Option<&'a HeaderValue> {
    const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    let headers = request.headers();
    let origins = headers.get_all(ORIGIN).as_slice();
    // Without an `Origin`, it is a non-CORS request, whatever else it has.
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
        // Not `ConnectionInfo::host`, which trusts `X-Forwarded-Host`: any client can send that.
        for host in headers.get_all(HOST) {
            *parts = parts.host(host);
        }
        // HTTP/2 has the host here.
        if let Some(authority) = request.uri().authority() {
            *parts = parts.host(authority.as_str());
        }
    }
    Some(first_origin)
}

/// Returns the value of a field of the request that is echoed.
#[cold]
pub(crate) fn requested(request: &HeaderMap, field: EchoedLine) -> Option<&HeaderValue> {
    match field {
        EchoedLine::Origin => request.get(ORIGIN),
        EchoedLine::RequestMethod => request.get(ACCESS_CONTROL_REQUEST_METHOD),
        EchoedLine::RequestHeaders(index) => {
            request.get_all(ACCESS_CONTROL_REQUEST_HEADERS).nth(index)
        }
    }
}
