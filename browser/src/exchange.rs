//! A request and its response.

use std::fmt;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response};

/// The reason why a request was sent.
///
/// # Examples
///
/// See the example of [`Exchange`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExchangeKind {
    /// The CORS-preflight request.
    Preflight,
    /// The request that the page asked for.
    Actual,
    /// The request that follows a redirect.
    Redirected,
}

/// A request and its response.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use omnicors_browser::{ExchangeKind, Page};
///
/// let mut server = |_: Request<Bytes>| Response::new("");
/// let outcome = Page::new("https://app.example")?.fetch("https://api.example/").method("PUT").send_now(&mut server);
/// let [preflight] = outcome.exchanges() else { panic!("PUT must not be sent") };
/// assert_eq!(preflight.kind(), ExchangeKind::Preflight);
/// assert_eq!(preflight.request().headers()["access-control-request-method"], "PUT");
/// assert_eq!(preflight.response().map(Response::status), Some(http::StatusCode::OK));
/// assert!(!preflight.is_from_cache());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Exchange {
    kind: ExchangeKind,
    request: Request<Bytes>,
    response: Result<Response<Bytes>, String>,
    from_cache: bool,
}

impl Exchange {
    pub(crate) fn new(
        kind: ExchangeKind,
        request: &Request<Bytes>,
        response: Result<&Response<Bytes>, &str>,
        from_cache: bool,
    ) -> Self {
        Self {
            kind,
            request: request.clone(),
            response: response.cloned().map_err(str::to_owned),
            from_cache,
        }
    }

    /// Returns why the request was sent.
    ///
    /// # Examples
    ///
    /// See the example of [`Exchange`].
    #[must_use]
    pub fn kind(&self) -> ExchangeKind {
        self.kind
    }

    /// Returns the request, with the headers that the browser added.
    ///
    /// # Examples
    ///
    /// See the example of [`Exchange`].
    #[must_use]
    pub fn request(&self) -> &Request<Bytes> {
        &self.request
    }

    /// Returns the response, with all headers; `None` if the server did not respond.
    ///
    /// # Examples
    ///
    /// See the example of [`Exchange`].
    #[must_use]
    pub fn response(&self) -> Option<&Response<Bytes>> {
        self.response.as_ref().ok()
    }

    /// Returns true if the response was in the browser's HTTP cache, so that the request was not sent.
    ///
    /// # Examples
    ///
    /// See the example of [`Exchange`].
    #[must_use]
    pub fn is_from_cache(&self) -> bool {
        self.from_cache
    }
}

/// Prints the exchange in the form of HTTP/1.1, with the headers that matter to CORS.
impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "> {} {}", self.request.method(), self.request.uri())?;
        for (name, value) in self.request.headers() {
            if is_shown_in_request(name, value) {
                write_header(f, '>', name, value)?;
            }
        }
        match &self.response {
            Ok(response) => {
                let cache = if self.from_cache {
                    " (from the HTTP cache)"
                } else {
                    ""
                };
                writeln!(f, "< {}{cache}", response.status())?;
                for (name, value) in response.headers() {
                    if is_shown_in_response(name) {
                        write_header(f, '<', name, value)?;
                    }
                }
                Ok(())
            }
            Err(error) => writeln!(f, "< no response: {error}"),
        }
    }
}

/// Returns true unless browsers send the header with every request.
fn is_shown_in_request(name: &HeaderName, value: &HeaderValue) -> bool {
    match name.as_str() {
        "host" | "content-length" => false,
        "accept" => value != "*/*",
        name => !name.starts_with("sec-fetch-"),
    }
}

/// Returns true if the header is a part of CORS or of HTTP caching, or if it shows which part of the server has responded.
fn is_shown_in_response(name: &HeaderName) -> bool {
    let names = [
        "age",
        "allow",
        "cache-control",
        "cross-origin-resource-policy",
        "etag",
        "location",
        "server",
        "timing-allow-origin",
        "vary",
        "via",
        "www-authenticate",
    ];
    name.as_str().starts_with("access-control-") || names.contains(&name.as_str())
}

fn write_header(
    f: &mut fmt::Formatter<'_>,
    direction: char,
    name: &HeaderName,
    value: &HeaderValue,
) -> fmt::Result {
    let value = String::from_utf8_lossy(value.as_bytes());
    writeln!(f, "{direction} {name}: {value}")
}
