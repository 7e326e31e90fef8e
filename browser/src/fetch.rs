//! A request that a page makes, before it is sent.

use bytes::Bytes;

use crate::api::Api;
use crate::browser::Browser;
use crate::header_list::{
    is_header_name, is_header_value, isomorphic_decode, isomorphic_encode, normalize,
};
use crate::method;
use crate::outcome::Outcome;
use crate::preflight_reason::{self, PreflightReason};
use crate::prepare::prepare;
use crate::request::Request;
use crate::request_header;
use crate::server::Server;

/// A call of `fetch()`, or another request of a page, before it is sent. Created by [`Page::fetch`](crate::Page::fetch).
///
/// If `fetch()` does not accept the method, a header or the URL, the [`Outcome`] reports this.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use omnicors_browser::{Credentials, Page};
///
/// let mut server = |request: Request<Bytes>| {
///     assert_eq!(request.method(), "OPTIONS", "the preflight is denied, so DELETE is not sent");
///     Response::builder().header("access-control-allow-origin", "*").body("").unwrap()
/// };
/// let outcome = Page::new("https://app.example")?
///     .fetch("https://api.example/items/1")
///     .method("DELETE")
///     .header("content-type", "application/json")
///     .credentials(Credentials::Include)
///     .send_now(&mut server);
/// outcome.assert_blocked();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request is sent by `send`, `send_now` or a `Browser`"]
pub struct Fetch {
    /// `Err` if `fetch()` throws.
    pub(crate) request: Result<Box<Request>, String>,
}

impl Fetch {
    pub(crate) fn new(request: Request) -> Self {
        Self {
            request: Ok(Box::new(request)),
        }
    }

    pub(crate) fn invalid(reason: String) -> Self {
        Self {
            request: Err(reason),
        }
    }

    pub(crate) fn change(
        mut self,
        change: impl FnOnce(&mut Request) -> Result<(), String>,
    ) -> Self {
        if let Ok(request) = &mut self.request
            && let Err(reason) = change(request)
        {
            self.request = Err(reason);
        }
        self
    }

    /// Sets the method. `get`, `post` and the like are sent in upper case; `patch` is not
    /// ([normalize](https://fetch.spec.whatwg.org/#concept-method-normalize)). Only `fetch()` and `XMLHttpRequest` have this setting.
    ///
    /// # Examples
    ///
    /// See the example of [`Fetch`].
    pub fn method(self, name: impl AsRef<str>) -> Self {
        let name = name.as_ref();
        self.change(|request| {
            request.api.check_method()?;
            if !method::is_method(name) {
                return Err(format!("`{name}` is not a valid method"));
            }
            if method::is_forbidden(name) {
                return Err(format!("the method `{name}` is forbidden"));
            }
            request.method = method::normalize(name);
            Ok(())
        })
    }

    /// Appends a header. As in a browser, a header that pages must not set, such as `Cookie`, is dropped
    /// ([forbidden request-header](https://fetch.spec.whatwg.org/#forbidden-request-header)). An `XMLHttpRequest` combines the values of a
    /// repeated header into one ([`setRequestHeader()`](https://xhr.spec.whatwg.org/#the-setrequestheader()-method)).
    ///
    /// Only `fetch()` and `XMLHttpRequest` set headers freely. An event source has only `Last-Event-ID`, and the `Content-Type` of a form is
    /// its `enctype`.
    ///
    /// # Examples
    ///
    /// See the example of [`Fetch`].
    pub fn header(self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        let (name, value) = (name.as_ref(), value.as_ref());
        self.change(|request| {
            let invalid = || format!("`{name}: {value}` is not a valid header");
            // HTML encodes the last event ID string as UTF-8:
            // https://html.spec.whatwg.org/multipage/server-sent-events.html#reestablish-the-connection
            let value = if request.api == Api::EventSource {
                Some(value.as_bytes().to_vec())
            } else {
                isomorphic_encode(value)
            };
            let bytes = isomorphic_encode(name).zip(value);
            let (name, value) = bytes.ok_or_else(invalid)?;
            let value = normalize(&value);
            if !is_header_name(&name) || !is_header_value(&value) {
                return Err(invalid());
            }
            if http::HeaderValue::from_bytes(&value).is_err() {
                return Err(format!(
                    "`{name}` has a control character, which the `http` crate cannot send",
                    name = String::from_utf8_lossy(&name)
                ));
            }
            let lower_case = name.to_ascii_lowercase();
            request
                .api
                .check_header(&lower_case, &isomorphic_decode(&value))?;
            if request.api == Api::Form {
                request.headers.delete(&name);
            }
            if !request_header::is_forbidden(&name, &value) {
                request.headers.append(name, value);
            }
            Ok(())
        })
    }

    /// Appends a header that the browser itself sets.
    pub(crate) fn browser_header(self, name: &str, value: &str) -> Self {
        self.change(|request| {
            request.headers.append(name.into(), value.into());
            Ok(())
        })
    }

    /// Sets the word of Chromium's console for this kind of request.
    pub(crate) fn initiator(self, initiator: &'static str) -> Self {
        self.change(|request| {
            request.initiator = initiator;
            Ok(())
        })
    }

    /// Unsets the [unsafe-request flag](https://fetch.spec.whatwg.org/#unsafe-request-flag), which only APIs with free methods
    /// and headers set.
    pub(crate) fn simple(self) -> Self {
        self.change(|request| {
            request.unsafe_request = false;
            Ok(())
        })
    }

    pub(crate) fn no_store(self) -> Self {
        self.change(|request| {
            request.no_store = true;
            Ok(())
        })
    }

    /// Sets the body of a `fetch()`, an `XMLHttpRequest` or a form. Its `Content-Type` is set with [`header`](Self::header).
    ///
    /// With the method GET or HEAD, `fetch()` throws, and an `XMLHttpRequest` is sent without the body.
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors_browser::Page;
    ///
    /// let page = Page::new("https://app.example")?;
    /// let fetch = page.fetch("https://api.example/items").method("POST").body(r#"{"name":"pen"}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn body(self, body: impl Into<Bytes>) -> Self {
        self.change(|request| {
            request.api.check_body()?;
            request.body = Some(body.into());
            request.body_is_stream = false;
            Ok(())
        })
    }

    /// Sets a body that is a stream. It requires a preflight, cannot be sent again after a redirect, and cannot be sent over HTTP/1.1:
    /// an http URL gets a network error, and an https URL after [`over_http1`](Self::over_http1). Of the engines, only Chromium sends
    /// streams.
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors_browser::Page;
    ///
    /// let page = Page::new("https://app.example")?;
    /// let fetch = page.fetch("https://api.example/upload").method("POST").stream("chunks");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stream(self, body: impl Into<Bytes>) -> Self {
        self.change(|request| {
            request.api.check_stream()?;
            request.body = Some(body.into());
            request.body_is_stream = true;
            Ok(())
        })
    }

    /// Returns the reasons why the request needs a preflight if it is sent to another origin in the mode `cors`. Without a reason it is
    /// sent at once. Returns no reason if the page cannot make the request.
    ///
    /// # Examples
    ///
    /// See the example of [`PreflightReason`].
    #[must_use]
    pub fn preflight_reasons(&self) -> Vec<PreflightReason> {
        let Ok(mut request) = self.request.clone() else {
            return Vec::new();
        };
        match prepare(&mut request) {
            Ok(()) => preflight_reason::reasons(&request),
            Err(_) => Vec::new(),
        }
    }

    /// Sends the request with a browser that follows the standard and has empty caches. [`Browser::send`] sends it with your own
    /// browser.
    ///
    /// # Examples
    ///
    /// See the example of the [crate](crate).
    pub async fn send<M>(&self, server: &mut impl Server<M>) -> Outcome {
        Browser::default().send(self, server).await
    }

    /// Sends the request to a server that never waits, such as a closure.
    ///
    /// # Panics
    ///
    /// Panics if the server waits for something. Use [`send`](Self::send) with a server that does I/O.
    ///
    /// # Examples
    ///
    /// See the example of [`Fetch`].
    pub fn send_now<M>(&self, server: &mut impl Server<M>) -> Outcome {
        Browser::default().send_now(self, server)
    }
}
