use omnicors_http::omnicors_core::RequestParts;
use rocket::Request;

/// The host that a request is for, as Rocket understood it: of HTTP/2, `:authority`, which is no header line.
pub(crate) fn host(request: &Request<'_>) -> Option<String> {
    request.host().map(ToString::to_string)
}

/// The lines that CORS reads. With a host, those that tell a site's own pages as well, which count only where a policy
/// refuses, and in what is told of a denial.
pub(crate) fn parts<'a>(request: &'a Request<'_>, host: Option<&'a str>) -> RequestParts<'a> {
    let headers = request.headers();
    let mut parts = RequestParts::new(request.method().as_str());
    for origin in headers.get("origin") {
        parts = parts.origin(origin);
    }
    for method in headers.get("access-control-request-method") {
        parts = parts.request_method(method);
    }
    for names in headers.get("access-control-request-headers") {
        parts = parts.request_headers(names);
    }
    for site in headers.get("sec-fetch-site") {
        parts = parts.sec_fetch_site(site);
    }
    // Alike, they are one.
    for host in headers.get("host").chain(host) {
        parts = parts.host(host);
    }
    parts
}
