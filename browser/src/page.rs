//! A page, and the requests that it makes.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use url::{ParseError, Url};

use crate::api::Api;
use crate::fetch::Fetch;
use crate::mode::Mode;
use crate::page_origin::PageOrigin;
use crate::request::{Credentials, Redirect, ReferrerPolicy, Request, Tainting};
use crate::request_header;

/// A page that is open in a browser.
///
/// # Examples
///
/// ```
/// use omnicors_browser::Page;
///
/// let page = Page::new("https://app.example/index.html")?;
/// let fetch = page.fetch("https://api.example/items/1").method("DELETE");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Page {
    origin: PageOrigin,
    url: Option<Url>,
    /// The URL of the page that embeds this one in a sandboxed frame.
    embedder: Option<Url>,
    /// A number that only this page and its clones have.
    id: u64,
}

/// Returns a number that no other page has.
fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Page {
    /// Opens the page at a URL.
    ///
    /// The origin follows from the URL, as the [URL standard](https://url.spec.whatwg.org/#origin) says. For a scheme that an
    /// application or an extension registers, such as `app:` or `moz-extension:`, it is the scheme and the authority.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not a valid URL.
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors_browser::Page;
    ///
    /// assert_eq!(Page::new("http://localhost:3000/a/b")?.origin().to_string(), "http://localhost:3000");
    /// assert_eq!(Page::new("tauri://localhost")?.origin().to_string(), "tauri://localhost");
    /// assert_eq!(Page::new("data:text/html,hello")?.origin().to_string(), "null");
    /// assert!(Page::new("app.example").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(url: &str) -> Result<Self, ParseError> {
        let url = Url::parse(url)?;
        Ok(Self {
            origin: PageOrigin::of_page(&url),
            url: Some(url),
            embedder: None,
            id: next_id(),
        })
    }

    /// Opens a page with an opaque origin, which is sent as `null`: a worker of a `data:` URL, or a sandboxed frame of any page.
    ///
    /// Each page with an opaque origin has caches of its own in a [`Browser`](crate::Browser), which it shares only with its clones.
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors_browser::Page;
    ///
    /// assert_eq!(Page::opaque().origin().to_string(), "null");
    /// ```
    #[must_use]
    pub fn opaque() -> Self {
        Self {
            origin: PageOrigin::OPAQUE,
            url: None,
            embedder: None,
            id: next_id(),
        }
    }

    /// Opens a page in a frame with `sandbox="allow-scripts"`, in the page at a URL. Its origin is opaque. Relative URLs are resolved
    /// against that URL, as in a frame with `srcdoc`.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not a valid URL.
    ///
    /// # Examples
    ///
    /// Engines tell the site of the embedding page that a frame without access to its cookies makes the request:
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use omnicors_browser::{Browser, Engine, Page};
    ///
    /// let mut server = |request: Request<Bytes>| {
    ///     assert_eq!(request.headers()["origin"], "null");
    ///     Response::new("png")
    /// };
    /// let frame = Page::sandboxed("https://app.example/")?;
    /// let outcome = Browser::new(Engine::Chromium).send_now(&frame.image("/logo.png"), &mut server);
    /// assert_eq!(outcome.exchanges().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sandboxed(embedder: &str) -> Result<Self, ParseError> {
        Ok(Self {
            embedder: Some(Url::parse(embedder)?),
            ..Self::opaque()
        })
    }

    /// Returns the origin of the page.
    ///
    /// # Examples
    ///
    /// See the example of [`Page::new`].
    #[must_use]
    pub fn origin(&self) -> &PageOrigin {
        &self.origin
    }

    /// Prepares `fetch(url)`: a GET in the mode `cors`. A relative URL is resolved against the page.
    ///
    /// # Examples
    ///
    /// See the example of [`Fetch`].
    pub fn fetch(&self, url: &str) -> Fetch {
        self.prepare(Api::Fetch, url, Mode::Cors, "empty")
    }

    /// Prepares a navigation by GET: a link, or a form with the method GET. The new document gets the response, and the page cannot read it.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use omnicors_browser::{Page, ResponseType};
    ///
    /// let mut server = |request: Request<Bytes>| {
    ///     assert_eq!(request.headers()["sec-fetch-mode"], "navigate");
    ///     assert!(!request.headers().contains_key("origin"));
    ///     Response::new("<!DOCTYPE html>")
    /// };
    /// let link = Page::new("https://app.example")?.navigate("https://docs.example/guide");
    /// let outcome = link.send_now(&mut server);
    /// assert_eq!(outcome.result()?.response_type(), ResponseType::Document);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn navigate(&self, url: &str) -> Fetch {
        self.prepare(Api::Link, url, Mode::Navigate, "document")
    }

    /// Prepares a form that is submitted by POST: a navigation.
    ///
    /// The request is sent with credentials, whatever the server's CORS policy says, and `Origin` names the page. The new document gets the
    /// response, and the page cannot read it. For another `enctype`, set the [header](Fetch::header) `Content-Type`.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use omnicors_browser::Page;
    ///
    /// let mut server = |request: Request<Bytes>| {
    ///     assert_eq!(request.headers()["origin"], "https://evil.example");
    ///     assert_eq!(request.headers()["sec-fetch-site"], "cross-site");
    ///     Response::new("done")
    /// };
    /// let page = Page::new("https://evil.example")?;
    /// let outcome = page.post_form("https://bank.example/transfer").send_now(&mut server);
    /// assert_eq!(outcome.exchanges().len(), 1, "a form needs no preflight");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn post_form(&self, url: &str) -> Fetch {
        self.prepare(Api::Form, url, Mode::Navigate, "document")
            .change(|request| {
                "POST".clone_into(&mut request.method);
                Ok(())
            })
            .browser_header("content-type", "application/x-www-form-urlencoded")
    }

    /// Prepares the handshake of `new WebSocket(url)`.
    ///
    /// CORS does not apply to it: the server has to check `Origin`. A redirect is an error, and so is each status other than 101
    /// ([WebSockets](https://websockets.spec.whatwg.org/#concept-websocket-establish)). The constructor rejects a URL with a fragment.
    /// `Sec-WebSocket-Accept` of the response is not checked, because this crate does not compute SHA-1.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response, StatusCode};
    /// use omnicors_browser::{NetworkError, Page};
    ///
    /// let mut server = |request: Request<Bytes>| {
    ///     let mut response = Response::new("");
    ///     *response.status_mut() = if request.headers()["origin"] == "https://app.example" {
    ///         StatusCode::SWITCHING_PROTOCOLS
    ///     } else {
    ///         StatusCode::FORBIDDEN
    ///     };
    ///     response
    /// };
    /// let url = "wss://api.example/socket";
    /// let open = Page::new("https://app.example")?.web_socket(url).send_now(&mut server);
    /// assert_eq!(open.result()?.status(), 101);
    /// let failed = Page::new("https://evil.example")?.web_socket(url).send_now(&mut server);
    /// assert_eq!(failed.assert_blocked(), &NetworkError::HandshakeStatus(403));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn web_socket(&self, url: &str) -> Fetch {
        self.prepare(Api::WebSocket, url, Mode::WebSocket, "empty")
            .change(|request| {
                // The constructor throws a "SyntaxError": https://websockets.spec.whatwg.org/#dom-websocket-websocket
                match request.current_url.fragment() {
                    Some(fragment) => Err(format!(
                        "the URL of a `WebSocket` cannot have a fragment; leave out `#{fragment}`"
                    )),
                    None => Ok(()),
                }
            })
    }

    /// Prepares `navigator.sendBeacon(url, body)`: a POST with credentials, whose response nobody reads.
    ///
    /// The mode is `no-cors` if the content type is one of the three that need no preflight. Otherwise the mode is `cors`: the
    /// browser sends the body only after a preflight that allows `Content-Type` and credentials
    /// ([Beacon](https://w3c.github.io/beacon/#sec-processing-model)). A body of more than 65,536 bytes is not sent, except
    /// in Firefox.
    ///
    /// For a body without a type, such as an `ArrayBuffer` or a `Blob` without `type`, the content type is empty. The beacon then has the
    /// mode `no-cors` and no `Content-Type`.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use omnicors_browser::{CorsFailure, NetworkError, Page};
    ///
    /// let mut server = |_: Request<Bytes>| Response::builder().header("access-control-allow-origin", "*").body("").unwrap();
    /// let page = Page::new("https://app.example")?;
    /// let text = page.send_beacon("https://log.example/", "text/plain", "left").send_now(&mut server);
    /// assert_eq!(text.exchanges()[0].request().method(), "POST");
    ///
    /// let json = page.send_beacon("https://log.example/", "application/json", "{}").send_now(&mut server);
    /// let origin = "https://app.example".to_owned();
    /// assert_eq!(
    ///     json.assert_blocked(),
    ///     &NetworkError::PreflightCheck(CorsFailure::AllowOriginWildcardWithCredentials { origin })
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn send_beacon(&self, url: &str, content_type: &str, body: impl Into<Bytes>) -> Fetch {
        let has_type = !content_type.is_empty();
        let is_safelisted = request_header::is_safelisted(b"content-type", content_type.as_bytes());
        let mode = if has_type && !is_safelisted {
            Mode::Cors
        } else {
            Mode::NoCors
        };
        // The method and the header are checked as those of `fetch()`.
        let beacon = self.prepare(Api::Fetch, url, mode, "empty");
        let mut beacon = beacon.initiator("resource").method("POST");
        if has_type {
            beacon = beacon.header("content-type", content_type);
        }
        beacon
            .credentials(Credentials::Include)
            .body(body)
            .change(|request| {
                request.api = Api::Beacon;
                Ok(())
            })
    }

    /// Prepares the request of `new EventSource(url)`: `Accept: text/event-stream`, in the mode `cors`, without a preflight.
    ///
    /// For `withCredentials: true`, add [`credentials(Credentials::Include)`](Fetch::credentials). For a reconnection, add the
    /// header `Last-Event-ID`; it does not need a preflight either
    /// ([HTML](https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface)).
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use omnicors_browser::Page;
    ///
    /// let mut server = |request: Request<Bytes>| {
    ///     assert_eq!(request.headers()["accept"], "text/event-stream");
    ///     Response::builder().header("access-control-allow-origin", "*").body("data: 1\n\n").unwrap()
    /// };
    /// let page = Page::new("https://app.example")?;
    /// let events = page.event_source("https://api.example/events").header("last-event-id", "7");
    /// assert_eq!(events.send_now(&mut server).assert_readable().body(), "data: 1\n\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn event_source(&self, url: &str) -> Fetch {
        self.prepare(Api::EventSource, url, Mode::Cors, "empty")
            .initiator("resource")
            .simple()
            .no_store()
            .browser_header("accept", "text/event-stream")
    }

    pub(crate) fn prepare(
        &self,
        api: Api,
        url: &str,
        mode: Mode,
        destination: &'static str,
    ) -> Fetch {
        let base = self.url.as_ref().or(self.embedder.as_ref());
        let parsed = Url::options().base_url(base).parse(url);
        let script = mode == Mode::Cors;
        let build = |url: Url| Request {
            api,
            origin: self.origin.clone(),
            url_list: vec![url.clone()],
            current_url: url,
            method: "GET".to_owned(),
            headers: crate::header_list::HeaderList::default(),
            body: None,
            body_is_stream: false,
            over_http1: false,
            mode,
            credentials: if script {
                Credentials::SameOrigin
            } else {
                Credentials::Include
            },
            redirect: Redirect::Follow,
            referrer_policy: ReferrerPolicy::default(),
            destination,
            initiator: "fetch",
            page: self.url.clone(),
            embedder: self.embedder.clone(),
            page_id: self.id,
            no_store: false,
            upload_listener: false,
            use_cors_preflight: false,
            unsafe_request: script,
            cookies: Vec::new(),
            tainting: Tainting::Basic,
            timing_allow_failed: false,
            is_preflight: false,
            page_headers: crate::header_list::HeaderList::default(),
            needs_preflight_again: false,
            keeps_origin: false,
            has_become_get: false,
            rejected_after_preflight: None,
            engine: crate::Engine::Standard,
        };
        match parsed {
            Ok(url) => Fetch::new(build(url)),
            Err(error) => Fetch::invalid(format!("`{url}` is not a valid URL: {error}")),
        }
    }
}
