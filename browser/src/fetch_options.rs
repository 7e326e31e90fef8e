//! The options of a request: the mode, credentials, cookies, and what becomes of redirects.

use crate::fetch::Fetch;
use crate::mode::Mode;
use crate::request::{Credentials, Redirect, ReferrerPolicy};

impl Fetch {
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
            request.api.check_upload_listener()?;
            request.upload_listener = true;
            request.initiator = "XMLHttpRequest";
            Ok(())
        })
    }

    /// Sets the credentials mode. Navigations, beacons, handshakes of a `WebSocket`, and images and scripts without
    /// [`crossorigin`](Self::crossorigin) always have credentials. Only `fetch()` has the mode [`Omit`](Credentials::Omit).
    ///
    /// # Examples
    ///
    /// See the example of [`Fetch`].
    pub fn credentials(self, credentials: Credentials) -> Self {
        self.change(|request| {
            if credentials != request.credentials {
                let omits = credentials == Credentials::Omit;
                request.api.check_credentials(request.mode, omits)?;
            }
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

    /// Sets the mode: [`Cors`](Mode::Cors), [`NoCors`](Mode::NoCors) or [`SameOrigin`](Mode::SameOrigin). Only `fetch()` has this setting.
    ///
    /// # Examples
    ///
    /// See the example of [`Mode`].
    pub fn mode(self, mode: Mode) -> Self {
        self.change(|request| {
            request.api.check_mode(request.mode, mode)?;
            request.mode = mode;
            Ok(())
        })
    }

    /// Sets the redirect mode. Only `fetch()` has this setting.
    ///
    /// # Examples
    ///
    /// See the example of [`Redirect`].
    pub fn redirect(self, redirect: Redirect) -> Self {
        self.change(|request| {
            request.api.check_redirect_mode()?;
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

    /// Makes the request that of an `XMLHttpRequest`: its mode is `cors`, it follows redirects, and its credentials mode is `same-origin`, or
    /// [`Include`](Credentials::Include) for `withCredentials`.
    ///
    /// It combines repeated headers, and has no body with GET and HEAD.
    ///
    /// Chromium's console names it so. Chromium also follows its redirects to URLs with user info where the standard does, unlike those of
    /// `fetch()`: [`Deviation::RejectsUserInfo`](crate::Deviation::RejectsUserInfo).
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
}
