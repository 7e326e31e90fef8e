//! A request that a page makes, before it is sent.

use bytes::Bytes;

use crate::browser::Browser;
use crate::header_list::{is_header_name, is_header_value, isomorphic_encode, normalize};
use crate::method;
use crate::outcome::Outcome;
use crate::preflight_reason::{self, PreflightReason};
use crate::request::{Credentials, Mode, Redirect, ReferrerPolicy, Request};
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

    fn change(mut self, change: impl FnOnce(&mut Request) -> Result<(), String>) -> Self {
        if let Ok(request) = &mut self.request
            && let Err(reason) = change(request)
        {
            self.request = Err(reason);
        }
        self
    }

    /// Sets the method. `get`, `post` and the like are sent in upper case; `patch` is not
    /// ([normalize](https://fetch.spec.whatwg.org/#concept-method-normalize)).
    ///
    /// # Examples
    ///
    /// See the example of [`Fetch`].
    pub fn method(self, name: impl AsRef<str>) -> Self {
        let name = name.as_ref();
        self.change(|request| {
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
    /// ([forbidden request-header](https://fetch.spec.whatwg.org/#forbidden-request-header)).
    ///
    /// # Examples
    ///
    /// See the example of [`Fetch`].
    pub fn header(self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        let (name, value) = (name.as_ref(), value.as_ref());
        self.change(|request| {
            let invalid = || format!("`{name}: {value}` is not a valid header");
            let bytes = isomorphic_encode(name).zip(isomorphic_encode(value));
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

    /// Sets the attribute `crossorigin` of an image or a script: the mode is `cors`, with credentials for the page's own origin
    /// only. For `crossorigin=use-credentials`, add [`credentials(Credentials::Include)`](Self::credentials)
    /// ([create a potential-CORS request](https://html.spec.whatwg.org/multipage/urls-and-fetching.html#create-a-potential-cors-request)).
    ///
    /// # Examples
    ///
    /// See the example of [`Page::script`](crate::Page::script).
    pub fn crossorigin(self) -> Self {
        self.mode(Mode::Cors).credentials(Credentials::SameOrigin)
    }

    /// Sets the body. Its `Content-Type` is set with [`header`](Self::header).
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
            request.body = Some(body.into());
            request.body_is_stream = true;
            request.use_cors_preflight = true;
            Ok(())
        })
    }

    /// Says that the server of the https URL does not speak HTTP/2, so that a body that is a stream is not sent
    /// ([HTTP-network fetch](https://fetch.spec.whatwg.org/#http-network-fetch), step 8.3).
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use omnicors_browser::{NetworkError, Page};
    ///
    /// let mut server = |request: Request<Bytes>| {
    ///     assert_eq!(request.method(), "OPTIONS");
    ///     Response::builder().header("access-control-allow-origin", "*").body("").unwrap()
    /// };
    /// let upload = Page::new("https://app.example")?.fetch("https://api.example/upload").method("POST").stream("chunks");
    /// let outcome = upload.over_http1().send_now(&mut server);
    /// assert_eq!(outcome.assert_blocked(), &NetworkError::StreamOverHttp1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn over_http1(self) -> Self {
        self.change(|request| {
            request.over_http1 = true;
            Ok(())
        })
    }

    /// Sets the [use-CORS-preflight flag](https://fetch.spec.whatwg.org/#use-cors-preflight-flag), as a listener on
    /// `XMLHttpRequest.upload` does.
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors_browser::Page;
    ///
    /// let page = Page::new("https://app.example")?;
    /// let upload = page.fetch("https://api.example/upload").method("POST").upload_listener();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn upload_listener(self) -> Self {
        self.change(|request| {
            request.use_cors_preflight = true;
            request.initiator = "XMLHttpRequest";
            Ok(())
        })
    }

    /// Sets the credentials mode.
    ///
    /// # Examples
    ///
    /// See the example of [`Fetch`].
    pub fn credentials(self, credentials: Credentials) -> Self {
        self.change(|request| {
            request.credentials = credentials;
            Ok(())
        })
    }

    /// Sets the cookies that the browser holds for the host of the URL. They are sent if credentials are included.
    /// [`cookies_for`](Self::cookies_for) sets those for a host to which the request is redirected.
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors_browser::{Credentials, Page};
    ///
    /// let page = Page::new("https://app.example")?;
    /// let fetch = page.fetch("https://api.example/me").credentials(Credentials::Include).cookies("session=1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn cookies(self, cookies: &str) -> Self {
        self.change(|request| {
            let host = request.current_url.host_str().unwrap_or_default();
            request.set_cookies(host.to_owned(), cookies);
            Ok(())
        })
    }

    /// Sets the cookies that the browser holds for a host, such as one to which the request is redirected. They are sent to that
    /// host, on any port, if credentials are included.
    ///
    /// # Examples
    ///
    /// In the credentials mode `same-origin`, the page's own server gets cookies until a redirect has led to another origin:
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use omnicors_browser::{Exchange, Page};
    ///
    /// let mut server = |request: Request<Bytes>| {
    ///     let location = match request.uri().path() {
    ///         "/leave" => "https://api.example/return",
    ///         "/return" => "https://app.example/end",
    ///         _ => return Response::builder().header("access-control-allow-origin", "*").body("").unwrap(),
    ///     };
    ///     let response = Response::builder().status(302).header("location", location);
    ///     response.header("access-control-allow-origin", "*").body("").unwrap()
    /// };
    /// let fetch = Page::new("https://app.example")?.fetch("https://app.example/leave");
    /// let fetch = fetch.cookies_for("app.example", "session=1").cookies_for("api.example", "visit=2");
    /// let outcome = fetch.send_now(&mut server);
    /// let has_cookie = |exchange: &Exchange| exchange.request().headers().contains_key("cookie");
    /// assert!(outcome.exchanges().iter().map(has_cookie).eq([true, false, false]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn cookies_for(self, host: &str, cookies: &str) -> Self {
        self.change(|request| {
            request.set_cookies(host.to_ascii_lowercase(), cookies);
            Ok(())
        })
    }

    /// Sets the mode.
    ///
    /// # Examples
    ///
    /// See the example of [`Mode`].
    pub fn mode(self, mode: Mode) -> Self {
        self.change(|request| {
            request.mode = mode;
            Ok(())
        })
    }

    /// Sets the redirect mode.
    ///
    /// # Examples
    ///
    /// See the example of [`Redirect`].
    pub fn redirect(self, redirect: Redirect) -> Self {
        self.change(|request| {
            request.redirect = redirect;
            Ok(())
        })
    }

    /// Sets the referrer policy.
    ///
    /// # Examples
    ///
    /// See the example of [`ReferrerPolicy`].
    pub fn referrer_policy(self, policy: ReferrerPolicy) -> Self {
        self.change(|request| {
            request.referrer_policy = policy;
            Ok(())
        })
    }

    /// Names the request `XMLHttpRequest` in the line of Chromium's console.
    ///
    /// # Examples
    ///
    /// ```
    /// use http::Response;
    /// use omnicors_browser::{Bytes, Engine, Page};
    ///
    /// let mut server = |_: http::Request<Bytes>| Response::new("");
    /// let request = Page::new("https://app.example")?.fetch("https://api.example/").xml_http_request();
    /// let line = request.send_now(&mut server).console(Engine::Chromium).unwrap_or_default();
    /// assert!(line.starts_with("Access to XMLHttpRequest at 'https://api.example/' from origin 'https://app.example'"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn xml_http_request(self) -> Self {
        self.initiator("XMLHttpRequest")
    }

    /// Returns the reasons why the request needs a preflight if it is sent to another origin in the mode `cors`. Without a reason it is
    /// sent at once.
    ///
    /// # Examples
    ///
    /// See the example of [`PreflightReason`].
    #[must_use]
    pub fn preflight_reasons(&self) -> Vec<PreflightReason> {
        self.request
            .as_ref()
            .map_or_else(|_| Vec::new(), |request| preflight_reason::reasons(request))
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
