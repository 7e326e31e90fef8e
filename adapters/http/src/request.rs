use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HOST, ORIGIN};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, request};
use omnicors_core::RequestParts;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What is known of a request before its body, borrowed.
///
/// Made from a `&Request<B>` or a `&request::Parts`, for any body; or field by field, by an adapter whose framework keeps
/// them apart.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    /// The method.
    pub method: &'a Method,
    /// The target: its authority, where it has one, is the host that the request is for.
    pub uri: &'a Uri,
    /// All header lines.
    pub headers: &'a HeaderMap,
    /// What other middleware has found out about the request.
    pub extensions: &'a Extensions,
}

impl<'a, B> From<&'a Request<B>> for RequestHead<'a> {
    fn from(request: &'a Request<B>) -> Self {
        Self {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            extensions: request.extensions(),
        }
    }
}

impl<'a> From<&'a request::Parts> for RequestHead<'a> {
    fn from(parts: &'a request::Parts) -> Self {
        Self {
            method: &parts.method,
            uri: &parts.uri,
            headers: &parts.headers,
            extensions: &parts.extensions,
        }
    }
}

impl<'a> RequestHead<'a> {
    /// The lines that CORS reads; with those that tell a site's own pages only where they count.
    pub(crate) fn parts(&self, reads_site: bool) -> RequestParts<'a> {
        self.parts_and_origin(reads_site).0
    }

    /// The same, and the value of the first `Origin` line, which need not be looked for again when it is echoed.
    pub(crate) fn parts_and_origin(
        &self,
        reads_site: bool,
    ) -> (RequestParts<'a>, Option<&'a HeaderValue>) {
        let mut parts = RequestParts::new(self.method.as_str());
        let mut origins = self.headers.get_all(ORIGIN).iter();
        let Some(origin) = origins.next() else {
            // No CORS request, whatever else it has.
            return (parts, None);
        };
        parts = parts.origin(origin);
        for repeated in origins {
            parts = parts.origin(repeated);
        }
        if self.method == Method::OPTIONS {
            for method in self.headers.get_all(ACCESS_CONTROL_REQUEST_METHOD) {
                parts = parts.request_method(method);
            }
            for names in self.headers.get_all(ACCESS_CONTROL_REQUEST_HEADERS) {
                parts = parts.request_headers(names);
            }
        }
        if reads_site {
            for site in self.headers.get_all(SEC_FETCH_SITE) {
                parts = parts.sec_fetch_site(site);
            }
            for host in self.headers.get_all(HOST) {
                parts = parts.host(host);
            }
            // HTTP/2 has it here.
            if let Some(authority) = self.uri.authority() {
                parts = parts.host(authority.as_str());
            }
        }
        (parts, Some(origin))
    }
}
