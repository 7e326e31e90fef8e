//! The filtered response that a page gets.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use url::Url;

use crate::checks;
use crate::header_list::{Extracted, HeaderList};
use crate::request::Request;

/// The [type](https://fetch.spec.whatwg.org/#concept-response-type) of a response, as `response.type` shows it.
///
/// # Examples
///
/// See the example of [`PageResponse::response_type`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseType {
    /// From the page's own origin: the page reads everything but `Set-Cookie`.
    Basic,
    /// From another origin that allows the page.
    Cors,
    /// The response to a no-cors request. The page cannot read it.
    Opaque,
    /// A redirect that was not followed. The page cannot read it.
    OpaqueRedirect,
    /// The response to a navigation. The new document gets it, whatever its origin is, and the page that navigates cannot read it.
    ///
    /// `response.type` does not have this value: no script sees the response. Its status and headers are those of the server, without
    /// `Set-Cookie`.
    Document,
}

/// The parts of a response that the page can read.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use omnicors_browser::Page;
///
/// let mut server = |_: Request<Bytes>| {
///     Response::builder()
///         .header("access-control-allow-origin", "*")
///         .header("access-control-expose-headers", "x-total")
///         .header("x-total", "3")
///         .header("x-secret", "4")
///         .body("[1, 2, 3]")
///         .unwrap()
/// };
/// let page = Page::new("https://app.example")?;
/// let outcome = page.fetch("https://api.example/items").send_now(&mut server);
/// let response = outcome.assert_readable();
/// assert_eq!(response.body(), "[1, 2, 3]");
/// assert_eq!(response.headers()["x-total"], "3");
/// assert!(!response.headers().contains_key("x-secret"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct PageResponse {
    response_type: ResponseType,
    status: u16,
    headers: HeaderMap,
    body: Bytes,
    url: String,
    redirected: bool,
    timing_allowed: bool,
}

impl PageResponse {
    /// Creates an opaque filtered response, without status, headers, body and URL. An opaque-redirect filtered response keeps the URL.
    pub(crate) fn empty(
        response_type: ResponseType,
        url: Option<&Url>,
        timing_allowed: bool,
    ) -> Self {
        let url = url.cloned().map(|mut url| {
            url.set_fragment(None);
            url.into()
        });
        Self {
            response_type,
            status: 0,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            url: url.unwrap_or_default(),
            redirected: false,
            timing_allowed,
        }
    }

    pub(crate) fn filtered(
        request: &Request,
        response_type: ResponseType,
        status: StatusCode,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Self {
        let list = checks::header_list(headers);
        let exposed = if response_type == ResponseType::Cors {
            exposed_names(request, &list)
        } else {
            Vec::new()
        };
        let mut readable = HeaderMap::new();
        for (name, value) in headers {
            let name_bytes = name.as_str().as_bytes();
            let visible = match response_type {
                ResponseType::Cors => is_safelisted(name_bytes, &exposed),
                _ => !is_forbidden(name_bytes),
            };
            if visible {
                readable.append(name, value.clone());
            }
        }
        let mut url = request.current_url.clone();
        url.set_fragment(None);
        let no_body =
            request.method == "HEAD" || matches!(status.as_u16(), 101 | 103 | 204 | 205 | 304);
        Self {
            response_type,
            status: status.as_u16(),
            headers: readable,
            body: if no_body { Bytes::new() } else { body },
            url: url.into(),
            redirected: request.url_list.len() > 1,
            timing_allowed: !request.timing_allow_failed,
        }
    }

    /// Returns the type of the response.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use omnicors_browser::{Mode, Page, ResponseType};
    ///
    /// let mut server = |_: Request<Bytes>| Response::new("an image");
    /// let page = Page::new("https://app.example")?;
    /// let outcome = page.fetch("https://cdn.example/logo.png").mode(Mode::NoCors).send_now(&mut server);
    /// assert_eq!(outcome.result()?.response_type(), ResponseType::Opaque);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn response_type(&self) -> ResponseType {
        self.response_type
    }

    /// Returns true if a script of the page can read the response.
    pub(crate) fn is_readable(&self) -> bool {
        matches!(self.response_type, ResponseType::Basic | ResponseType::Cors)
    }

    /// Returns the status code; 0 for an opaque response.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use omnicors_browser::Page;
    ///
    /// let page = Page::new("https://app.example")?;
    /// let outcome = page.fetch("https://app.example/").send_now(&mut |_: Request<Bytes>| Response::new("hello"));
    /// let response = outcome.assert_readable();
    /// assert_eq!(response.status(), 200);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Returns the headers that the page can read.
    ///
    /// # Examples
    ///
    /// See the example of [`PageResponse`].
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the body that the page can read.
    ///
    /// # Examples
    ///
    /// See the example of [`PageResponse`].
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns the URL of the response, after redirects; empty for an opaque response.
    ///
    /// # Examples
    ///
    /// See the example of [`Redirect`](crate::Redirect).
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns true if a redirect was followed.
    ///
    /// # Examples
    ///
    /// See the example of [`Redirect`](crate::Redirect).
    #[must_use]
    pub fn is_redirected(&self) -> bool {
        self.redirected
    }

    /// Returns true if the page gets detailed timing: [TAO check](https://fetch.spec.whatwg.org/#tao-check).
    ///
    /// # Examples
    ///
    /// See the example of [`PageResponse`]: there it returns false, because `Timing-Allow-Origin` is missing.
    #[must_use]
    pub fn is_timing_allowed(&self) -> bool {
        self.timing_allowed
    }
}

/// [Main fetch](https://fetch.spec.whatwg.org/#main-fetch), step 14.1: the CORS-exposed header-name list.
fn exposed_names(request: &Request, headers: &HeaderList) -> Vec<Vec<u8>> {
    match headers.extract_tokens(b"access-control-expose-headers") {
        Extracted::Values(names)
            if !request.includes_credentials_mode() && names.iter().any(|name| name == b"*") =>
        {
            headers.0.iter().map(|(name, _)| name.clone()).collect()
        }
        // With credentials, `*` is only a header name.
        Extracted::Values(names) => names,
        Extracted::Null | Extracted::Failure => Vec::new(),
    }
}

/// [CORS-safelisted response-header name](https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name).
fn is_safelisted(name: &[u8], exposed: &[Vec<u8>]) -> bool {
    let safelisted: [&[u8]; 7] = [
        b"cache-control",
        b"content-language",
        b"content-length",
        b"content-type",
        b"expires",
        b"last-modified",
        b"pragma",
    ];
    let is = |item: &[u8]| name.eq_ignore_ascii_case(item);
    safelisted.iter().any(|item| is(item))
        || (exposed.iter().any(|item| is(item)) && !is_forbidden(name))
}

/// [forbidden response-header name](https://fetch.spec.whatwg.org/#forbidden-response-header-name).
fn is_forbidden(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"set-cookie") || name.eq_ignore_ascii_case(b"set-cookie2")
}
