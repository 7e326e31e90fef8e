use std::cell::Cell;
use std::ops::ControlFlow;

use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use http::uri::Authority;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, request};
use omnicors_adapter::RequestView;
use omnicors_core::adapter::{EachValue, EchoedField, RequestField, RequestFields};

use crate::names::request_field_name;

/// A request without its body, borrowed.
///
/// Convert a `&Request<B>` or a `&request::Parts` into it, or set the members if your framework keeps them separately.
///
/// ```
/// use http::Request;
/// use omnicors_http::RequestHead;
///
/// let request = Request::get("/items?page=2").body(())?;
/// let head = RequestHead::from(&request);
/// assert_eq!(head.uri.path(), "/items");
/// # Ok::<(), http::Error>(())
/// ```
///
/// The head has the fields of a request for the core, for example to explain a decision:
///
/// ```
/// use http::Request;
/// use omnicors_http::omnicors_core::RequestParts;
/// use omnicors_http::{PolicyConfig, RequestHead};
///
/// let policy = PolicyConfig::new().allow_origin("https://app.example").build()?;
/// let request = Request::get("/").header("origin", "https://other.example").body(())?;
/// let head = RequestHead::from(&request);
/// let explanation = policy.explain(&RequestParts::read(&policy, head.method.as_str(), &head));
/// assert_eq!(explanation.suggestion(), Some("add `https://other.example` to allow_origins"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    /// The method.
    pub method: &'a Method,
    /// The target. It has an authority with HTTP/2.
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

impl RequestView for RequestHead<'_> {
    type Extensions<'a>
        = &'a Extensions
    where
        Self: 'a;

    fn method(&self) -> &str {
        self.method.as_str()
    }

    fn authority(&self) -> Option<&str> {
        self.uri.authority().map(Authority::as_str)
    }

    fn path(&self) -> &str {
        self.original_uri().path()
    }

    fn query(&self) -> Option<&str> {
        self.original_uri().query()
    }

    fn header(&self, name: &str, index: usize) -> Option<&[u8]> {
        let mut values = self.headers.get_all(name).iter();
        values.nth(index).map(HeaderValue::as_bytes)
    }

    fn extensions(&self) -> &Extensions {
        self.extensions
    }
}

impl<'a> RequestHead<'a> {
    /// Returns the target before a router of axum has removed the prefix of a nested router.
    pub(crate) fn original_uri(&self) -> &'a Uri {
        #[cfg(feature = "axum")]
        if let Some(original) = self.extensions.get::<axum::extract::OriginalUri>() {
            return &original.0;
        }
        self.uri
    }
}

/// The fields of a request, for the core. Remembers the `Origin` that was read, because most decisions echo it.
pub(crate) struct Fields<'a> {
    head: &'a RequestHead<'a>,
    origin: Cell<Option<&'a HeaderValue>>,
    has_read_authority: Cell<bool>,
}

impl<'a> Fields<'a> {
    #[inline]
    pub(crate) fn new(head: &'a RequestHead<'a>) -> Self {
        Self {
            head,
            origin: Cell::new(None),
            has_read_authority: Cell::new(false),
        }
    }

    #[inline]
    pub(crate) fn head(&self) -> &'a RequestHead<'a> {
        self.head
    }

    /// Returns true if the authority of the target was read.
    #[cfg(feature = "tokio")]
    pub(crate) fn has_read_authority(&self) -> bool {
        self.has_read_authority.get()
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
        // Usually no name is repeated, so every field has index 0. This check needs no search.
        if index > 0 && self.head.headers.len() == self.head.headers.keys_len() {
            return None;
        }
        if field != RequestField::Origin {
            if field == RequestField::Authority {
                self.has_read_authority.set(true);
            }
            return self.head.value(field, index);
        }
        let origin = nth(self.head.headers, request_field_name(field)?, index)?;
        if index == 0 {
            self.origin.set(Some(origin));
        }
        Some(origin.as_bytes())
    }

    fn each_value<'a>(&'a self, field: RequestField, each: EachValue<'_, 'a>) -> ControlFlow<()> {
        if field == RequestField::Authority {
            return self.value(field, 0).into_iter().try_for_each(each);
        }
        self.head.each_value(field, each)
    }
}

impl RequestFields for RequestHead<'_> {
    // Not inlined, because most requests need only `Origin`.
    #[inline(never)]
    fn value(&self, field: RequestField, index: usize) -> Option<&[u8]> {
        if field == RequestField::Authority {
            let authority = self.uri.authority().filter(|_| index == 0)?;
            return Some(authority.as_str().as_bytes());
        }
        let name = request_field_name(field)?;
        nth(self.headers, name, index).map(HeaderValue::as_bytes)
    }

    fn each_value<'a>(&'a self, field: RequestField, each: EachValue<'_, 'a>) -> ControlFlow<()> {
        let Some(name) = request_field_name(field) else {
            return self.value(field, 0).into_iter().try_for_each(each);
        };
        let values = self.headers.get_all(name).iter();
        values.map(HeaderValue::as_bytes).try_for_each(each)
    }
}

/// Returns the value of the field with this name and index.
#[inline]
fn nth<'a>(headers: &'a HeaderMap, name: &HeaderName, index: usize) -> Option<&'a HeaderValue> {
    match index {
        0 => headers.get(name),
        _ => nth_of_many(headers, name, index),
    }
}

#[cold]
fn nth_of_many<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
    index: usize,
) -> Option<&'a HeaderValue> {
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
