//! A request that a page makes, before it is sent.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use crate::browser::Browser;
use crate::header_list::{is_header_name, is_header_value, isomorphic_encode, normalize};
use crate::method;
use crate::network_error::NetworkError;
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
    pub fn method(self, name: &str) -> Self {
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
    pub fn header(self, name: &str, value: &str) -> Self {
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

    /// Sets a body that is a stream. It requires a preflight and cannot be sent again after a redirect.
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

    /// Sets the cookies that the browser holds for the URL. They are sent if credentials are included.
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
            request.cookie = Some(cookies.to_owned());
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

impl Browser {
    /// Sends a request of a page, and stores what the caches may keep.
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors_browser::{Browser, Engine, Page, Server};
    ///
    /// async fn read_twice<M>(server: &mut impl Server<M>) -> Result<(), Box<dyn std::error::Error>> {
    ///     let mut browser = Browser::new(Engine::WebKit);
    ///     let fetch = Page::new("https://app.example")?.fetch("https://api.example/");
    ///     browser.send(&fetch, server).await.assert_readable();
    ///     browser.send(&fetch, server).await.assert_readable();
    ///     Ok(())
    /// }
    /// ```
    pub async fn send<M>(&mut self, fetch: &Fetch, server: &mut impl Server<M>) -> Outcome {
        let mut request = match &fetch.request {
            Ok(request) => request.clone(),
            Err(reason) => {
                let error = NetworkError::InvalidRequest(reason.clone());
                return Outcome::new(Vec::new(), Err(error), None);
            }
        };
        if let Err(error) = complete(&mut request) {
            return Outcome::new(Vec::new(), Err(error), Some(request));
        }
        let mut exchanges = Vec::new();
        let result = self.run(&mut request, server, &mut exchanges).await;
        Outcome::new(exchanges, result, Some(request))
    }

    /// Sends a request to a server that never waits, such as a closure.
    ///
    /// # Panics
    ///
    /// Panics if the server waits for something.
    ///
    /// # Examples
    ///
    /// See the example of [`Browser`].
    #[allow(clippy::panic, reason = "documented, for use in tests")]
    pub fn send_now<M>(&mut self, fetch: &Fetch, server: &mut impl Server<M>) -> Outcome {
        let sending = pin!(self.send(fetch, server));
        match sending.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => panic!("the server waits for something: use `send` in an async test"),
        }
    }
}

/// Checks the conditions of `fetch()` that depend on several settings, and adds the headers that it adds.
fn complete(request: &mut Request) -> Result<(), NetworkError> {
    let invalid = |reason: &str| Err(NetworkError::InvalidRequest(reason.to_owned()));
    if request.mode == Mode::WebSocket {
        request.prepare_handshake();
    }
    let scheme = request.current_url.scheme();
    if !matches!(scheme, "http" | "https") {
        return Err(NetworkError::NotHttp(scheme.to_owned()));
    }
    if request.mode == Mode::Cors
        || request.mode == Mode::SameOrigin
        || request.mode == Mode::NoCors
    {
        // "Request class", constructor, step 6: a URL with user info throws.
        if !request.current_url.username().is_empty() || request.current_url.password().is_some() {
            return invalid("the URL contains a user name or a password");
        }
        // Step 35.
        if request.body.is_some() && matches!(request.method.as_str(), "GET" | "HEAD") {
            return invalid("GET and HEAD cannot have a body");
        }
    }
    if request.mode == Mode::NoCors {
        // Step 26.
        if !method::is_safelisted(&request.method) {
            return invalid("with the mode `no-cors` the method must be GET, HEAD or POST");
        }
        // Step 31: the guard "request-no-cors".
        request.headers.0.retain(|(name, value)| {
            let name_is_safe = [
                &b"accept"[..],
                b"accept-language",
                b"content-language",
                b"content-type",
            ]
            .iter()
            .any(|safe| name.eq_ignore_ascii_case(safe));
            name_is_safe && request_header::is_safelisted(name, value)
        });
    }
    // "Fetching", fetch, step 12.
    if !request.headers.contains(b"accept") {
        let accept = match request.mode {
            Mode::Navigate => "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            _ if request.destination == "image" => {
                "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
            }
            _ => "*/*",
        };
        request.headers.append(b"accept".to_vec(), accept.into());
    }
    Ok(())
}
