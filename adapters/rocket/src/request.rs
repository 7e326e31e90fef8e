use omnicors_adapter::omnicors_core::RequestParts;
use rocket::Request;
use rocket::http::Method;

/// Returns the host that a request is for, as Rocket understood it. With HTTP/2, that is `:authority`, which is not a header
/// field.
pub(crate) fn host(request: &Request<'_>) -> Option<String> {
    request.host().map(ToString::to_string)
}

/// Returns the request parts. `reads_site` says whether `Sec-Fetch-Site`, `Host` and the [`host`] are read, too.
pub(crate) fn parts<'a>(
    request: &'a Request<'_>,
    reads_site: bool,
    host: Option<&'a str>,
) -> RequestParts<'a> {
    let headers = request.headers();
    let mut parts = RequestParts::new(request.method().as_str());
    let mut origins = headers.get("origin").peekable();
    if origins.peek().is_none() {
        // A non-CORS request, whatever else it has.
        return parts;
    }
    for origin in origins {
        parts = parts.origin(origin);
    }
    if request.method() == Method::Options {
        for method in headers.get("access-control-request-method") {
            parts = parts.request_method(method);
        }
        for names in headers.get("access-control-request-headers") {
            parts = parts.request_headers(names);
        }
    }
    if reads_site {
        for site in headers.get("sec-fetch-site") {
            parts = parts.sec_fetch_site(site);
        }
        // Equal values count as one.
        for host in headers.get("host").chain(host) {
            parts = parts.host(host);
        }
    }
    parts
}
