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
        let mut parts = RequestParts::new(self.method.as_str());
        self.read(&mut parts, reads_site);
        parts
    }

    /// Reads them into parts that have the method; returns the value of the first `Origin` line, which need not be looked for
    /// again when it is echoed.
    #[inline]
    pub(crate) fn read(
        &self,
        parts: &mut RequestParts<'a>,
        reads_site: bool,
    ) -> Option<&'a HeaderValue> {
        let headers = self.headers;
        let mut first_origin = None;
        each(headers, &ORIGIN, |origin| {
            first_origin.get_or_insert(origin);
            *parts = parts.origin(origin);
        });
        // Without, it is no CORS request, whatever else it has.
        first_origin?;
        if self.method == Method::OPTIONS {
            each(headers, &ACCESS_CONTROL_REQUEST_METHOD, |method| {
                *parts = parts.request_method(method);
            });
            each(headers, &ACCESS_CONTROL_REQUEST_HEADERS, |names| {
                *parts = parts.request_headers(names);
            });
        }
        if reads_site {
            each(headers, &SEC_FETCH_SITE, |site| {
                *parts = parts.sec_fetch_site(site);
            });
            each(headers, &HOST, |host| *parts = parts.host(host));
            // HTTP/2 has it here.
            if let Some(authority) = self.uri.authority() {
                *parts = parts.host(authority.as_str());
            }
        }
        first_origin
    }
}

/// Tells of the values of all lines of this name.
#[inline]
fn each<'a>(headers: &'a HeaderMap, name: &HeaderName, mut tell: impl FnMut(&'a HeaderValue)) {
    let Some(first) = headers.get(name) else {
        return;
    };
    tell(first);
    // Hardly any request has two lines of one name, which a map knows without a search.
    if headers.len() > headers.keys_len() {
        others(headers, name).for_each(tell);
    }
}

#[cold]
fn others<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a HeaderValue> {
    headers.get_all(name).iter().skip(1)
}
