use std::cell::Cell;

use http::header::{
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, CONNECTION, COOKIE, HOST,
    ORIGIN, UPGRADE,
};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, request};
use omnicors_core::adapter::{EchoedField, RequestField, RequestFields};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

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

/// The fields of a request, for the core. Remembers the `Origin` that was read, so that it need not be searched for again when
/// it is echoed.
pub(crate) struct Fields<'a> {
    head: RequestHead<'a>,
    origin: Cell<Option<&'a HeaderValue>>,
}

impl<'a> Fields<'a> {
    #[inline]
    pub(crate) fn new(head: RequestHead<'a>) -> Self {
        Self {
            head,
            origin: Cell::new(None),
        }
    }

    /// Returns the value of the first `Origin`, if it was read.
    #[inline]
    pub(crate) fn origin(&self) -> Option<&'a HeaderValue> {
        self.origin.get()
    }
}

impl RequestFields for Fields<'_> {
    #[inline]
    fn value(&self, field: RequestField, index: usize) -> Option<&[u8]> {
        let name = match field {
            RequestField::Origin if index == 0 => {
                let origin = self.head.headers.get(ORIGIN)?;
                self.origin.set(Some(origin));
                return Some(origin.as_bytes());
            }
            RequestField::Authority => {
                let authority = self.head.uri.authority().filter(|_| index == 0)?;
                return Some(authority.as_str().as_bytes());
            }
            RequestField::Origin => ORIGIN,
            RequestField::AccessControlRequestMethod => ACCESS_CONTROL_REQUEST_METHOD,
            RequestField::AccessControlRequestHeaders => ACCESS_CONTROL_REQUEST_HEADERS,
            RequestField::Host => HOST,
            RequestField::SecFetchSite => SEC_FETCH_SITE,
            RequestField::SecFetchMode => SEC_FETCH_MODE,
            RequestField::Upgrade => UPGRADE,
            RequestField::Connection => CONNECTION,
            RequestField::Cookie => COOKIE,
            // `:protocol` is not in the types of the `http` crate.
            _ => return None,
        };
        nth(self.head.headers, &name, index).map(HeaderValue::as_bytes)
    }
}

/// Returns the value of the field with this name and index.
#[inline]
fn nth<'a>(headers: &'a HeaderMap, name: &HeaderName, index: usize) -> Option<&'a HeaderValue> {
    match index {
        0 => headers.get(name),
        // Few requests have two fields of one name, and the map knows whether there are any without a search.
        _ if headers.len() == headers.keys_len() => None,
        _ => further(headers, name, index),
    }
}

#[cold]
fn further<'a>(headers: &'a HeaderMap, name: &HeaderName, index: usize) -> Option<&'a HeaderValue> {
    headers.get_all(name).iter().nth(index)
}

/// Returns the value of a field of the request that is echoed.
#[cold]
pub(crate) fn requested(request: &HeaderMap, field: EchoedField) -> Option<&HeaderValue> {
    match field {
        EchoedField::Origin => request.get(ORIGIN),
        EchoedField::RequestMethod => request.get(ACCESS_CONTROL_REQUEST_METHOD),
        EchoedField::RequestHeaders(index) => nth(request, &ACCESS_CONTROL_REQUEST_HEADERS, index),
    }
}
