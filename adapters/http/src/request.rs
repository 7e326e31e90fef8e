use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HOST, ORIGIN};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, request};
use omnicors_core::{EchoedLine, RequestParts};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Everything of a request but its body, borrowed.
///
/// Convert a `&Request<B>` or a `&request::Parts` into it; or make it member by member, in an adapter whose framework keeps
/// them apart.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    /// The method.
    pub method: &'a Method,
    /// The target. If it has an authority, that is the host that the request is for.
    pub uri: &'a Uri,
    /// All header fields.
    pub headers: &'a HeaderMap,
    /// Values that other middleware put into the request.
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
    /// Returns the request parts. `reads_site` says whether `Sec-Fetch-Site` and `Host` are read, too.
    pub(crate) fn parts(&self, reads_site: bool) -> RequestParts<'a> {
        let mut parts = RequestParts::new(self.method.as_str());
        self.read(&mut parts, reads_site);
        parts
    }

    /// Reads the fields into parts that have the method. Returns the value of the first `Origin`, so that it need not be
    /// searched for again when it is echoed.
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
        // Without an `Origin`, it is a non-CORS request, whatever else it has.
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
            // HTTP/2 has the host here.
            if let Some(authority) = self.uri.authority() {
                *parts = parts.host(authority.as_str());
            }
        }
        first_origin
    }
}

/// Returns the value of a field of the request that is echoed.
#[cold]
pub(crate) fn requested(request: &HeaderMap, field: EchoedLine) -> Option<&HeaderValue> {
    match field {
        EchoedLine::Origin => request.get(ORIGIN),
        EchoedLine::RequestMethod => request.get(ACCESS_CONTROL_REQUEST_METHOD),
        EchoedLine::RequestHeaders(index) => request
            .get_all(ACCESS_CONTROL_REQUEST_HEADERS)
            .iter()
            .nth(index),
    }
}

/// Calls `visit` with the value of each field of this name.
#[inline]
fn each<'a>(headers: &'a HeaderMap, name: &HeaderName, mut visit: impl FnMut(&'a HeaderValue)) {
    let Some(first) = headers.get(name) else {
        return;
    };
    visit(first);
    // Few requests have two fields of one name, and the map knows whether there are any without a search.
    if headers.len() > headers.keys_len() {
        others(headers, name).for_each(visit);
    }
}

#[cold]
fn others<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a HeaderValue> {
    headers.get_all(name).iter().skip(1)
}
