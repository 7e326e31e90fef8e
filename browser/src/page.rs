//! A page, and the requests that it makes.

use url::{ParseError, Url};

use crate::fetch::Fetch;
use crate::page_origin::PageOrigin;
use crate::request::{Credentials, Mode, Request, Tainting};

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
        })
    }

    /// Opens a page with an opaque origin, which is sent as `null`: a sandboxed frame.
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
        }
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
        self.prepare(url, Mode::Cors, "empty")
    }

    /// Prepares a form that is submitted by POST: a navigation.
    ///
    /// The request is sent with credentials, whatever the server's CORS policy says, and `Origin` names the page.
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
        self.prepare(url, Mode::Navigate, "document")
            .method("POST")
            .browser_header("content-type", "application/x-www-form-urlencoded")
    }

    /// Prepares the handshake of `new WebSocket(url)`.
    ///
    /// CORS does not apply to it: the server has to check `Origin`.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response, StatusCode};
    /// use omnicors_browser::Page;
    ///
    /// let mut server = |request: Request<Bytes>| {
    ///     let mut response = Response::new("");
    ///     if request.headers()["origin"] != "https://app.example" {
    ///         *response.status_mut() = StatusCode::FORBIDDEN;
    ///     }
    ///     response
    /// };
    /// let page = Page::new("https://evil.example")?;
    /// let outcome = page.web_socket("wss://api.example/socket").send_now(&mut server);
    /// assert_eq!(outcome.result()?.status(), 403);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn web_socket(&self, url: &str) -> Fetch {
        self.prepare(url, Mode::WebSocket, "empty")
    }

    fn prepare(&self, url: &str, mode: Mode, destination: &'static str) -> Fetch {
        let parsed = Url::options().base_url(self.url.as_ref()).parse(url);
        let script = mode == Mode::Cors;
        let build = |url: Url| Request {
            origin: self.origin.clone(),
            url_list: vec![url.clone()],
            current_url: url,
            method: "GET".to_owned(),
            headers: crate::header_list::HeaderList::default(),
            body: None,
            body_is_stream: false,
            mode,
            credentials: if script {
                Credentials::SameOrigin
            } else {
                Credentials::Include
            },
            redirect: crate::request::Redirect::Follow,
            referrer_policy: crate::request::ReferrerPolicy::default(),
            destination,
            use_cors_preflight: false,
            unsafe_request: script,
            cookie: None,
            tainting: Tainting::Basic,
            timing_allow_failed: false,
            engine: crate::Engine::Standard,
        };
        match parsed {
            Ok(url) => Fetch::new(build(url)),
            Err(error) => Fetch::invalid(format!("`{url}` is not a valid URL: {error}")),
        }
    }
}
