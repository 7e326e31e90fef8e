//! A request, as the Fetch standard describes it.

use bytes::Bytes;
use url::Url;

use crate::api::Api;
use crate::engine::{Deviation, Engine};
use crate::header_list::HeaderList;
use crate::method;
use crate::mode::Mode;
use crate::network_error::RedirectFailure;
use crate::page_origin::{PageOrigin, is_potentially_trustworthy, same_origin, same_site};
use crate::request_header;

/// The [credentials mode](https://fetch.spec.whatwg.org/#concept-request-credentials-mode) of a request.
///
/// # Examples
///
/// ```
/// use omnicors_browser::{Credentials, Page};
///
/// let page = Page::new("https://app.example")?;
/// let fetch = page.fetch("https://api.example/").credentials(Credentials::Include);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Credentials {
    /// Never send credentials.
    Omit,
    /// Send credentials to the page's own origin only: the default of `fetch()`.
    #[default]
    SameOrigin,
    /// Send credentials to other origins as well. The response then needs `Access-Control-Allow-Credentials: true`.
    Include,
}

/// The [redirect mode](https://fetch.spec.whatwg.org/#concept-request-redirect-mode) of a request.
///
/// # Examples
///
/// ```
/// use omnicors_browser::{Page, Redirect};
///
/// let page = Page::new("https://app.example")?;
/// let fetch = page.fetch("https://api.example/login").redirect(Redirect::Manual);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Redirect {
    /// Follow redirects: the default of `fetch()`.
    #[default]
    Follow,
    /// A redirect is an error.
    Error,
    /// A redirect is returned as a response that the page cannot read.
    Manual,
}

/// The [referrer policy](https://w3c.github.io/webappsec-referrer-policy/#referrer-policies) of a request, as far as it decides
/// about `Origin`.
///
/// # Examples
///
/// ```
/// use omnicors_browser::{Page, ReferrerPolicy};
///
/// let page = Page::new("https://app.example")?;
/// let form = page.post_form("https://app.example/save").referrer_policy(ReferrerPolicy::NoReferrer);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ReferrerPolicy {
    /// `no-referrer`
    NoReferrer,
    /// `no-referrer-when-downgrade`
    NoReferrerWhenDowngrade,
    /// `same-origin`
    SameOrigin,
    /// `origin`, `origin-when-cross-origin` or `unsafe-url`: `Origin` is sent unchanged.
    Origin,
    /// `strict-origin` or `strict-origin-when-cross-origin`: the default.
    #[default]
    StrictOrigin,
}

/// The [response tainting](https://fetch.spec.whatwg.org/#concept-request-response-tainting) of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tainting {
    Basic,
    Cors,
    Opaque,
}

/// A request that is being fetched, with the items of a [request](https://fetch.spec.whatwg.org/#concept-request) that CORS needs.
#[derive(Clone, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    clippy::struct_field_names,
    reason = "the standard's names and flags"
)]
pub(crate) struct Request {
    /// The API that makes the request.
    pub(crate) api: Api,
    pub(crate) origin: PageOrigin,
    pub(crate) url_list: Vec<Url>,
    pub(crate) current_url: Url,
    pub(crate) method: String,
    pub(crate) headers: HeaderList,
    pub(crate) body: Option<Bytes>,
    /// True if the body is a stream: its source is null, so it cannot be sent twice.
    pub(crate) body_is_stream: bool,
    /// True if the server of an https URL speaks HTTP/1.1 only.
    pub(crate) over_http1: bool,
    pub(crate) mode: Mode,
    pub(crate) credentials: Credentials,
    pub(crate) redirect: Redirect,
    pub(crate) referrer_policy: ReferrerPolicy,
    pub(crate) destination: &'static str,
    /// The word of Chromium's console for the API that makes the request.
    pub(crate) initiator: &'static str,
    /// The URL of the page, if it has one.
    pub(crate) page: Option<Url>,
    /// The URL of the page that embeds the page in a sandboxed frame.
    pub(crate) embedder: Option<Url>,
    /// A number that only the page and its clones have.
    pub(crate) page_id: u64,
    /// True for the cache mode `no-store`.
    pub(crate) no_store: bool,
    /// True if `XMLHttpRequest.upload` has a listener.
    pub(crate) upload_listener: bool,
    pub(crate) use_cors_preflight: bool,
    pub(crate) unsafe_request: bool,
    /// The cookies that the browser holds for each host.
    pub(crate) cookies: Vec<(String, String)>,
    pub(crate) tainting: Tainting,
    pub(crate) timing_allow_failed: bool,
    /// True for a preflight, and for the check of its response.
    pub(crate) is_preflight: bool,
    /// The headers before any redirect.
    pub(crate) page_headers: HeaderList,
    /// True after a redirect if the request or an earlier one needed a preflight, in engines with
    /// [`Deviation::PreflightAfterRedirect`].
    pub(crate) needs_preflight_again: bool,
    /// True after a redirect if an earlier request had `Origin`, in engines with [`Deviation::KeepsOriginAfterRedirect`].
    pub(crate) keeps_origin: bool,
    /// True after a redirect that has changed the method to GET.
    pub(crate) has_become_get: bool,
    /// The reason why a redirect must be rejected after the preflight: [`Deviation::PreflightBeforeUserInfo`] and
    /// [`Deviation::ChecksRedirectsForCredentials`].
    pub(crate) rejected_after_preflight: Option<RedirectFailure>,
    pub(crate) engine: Engine,
}

impl Request {
    /// Appends a URL to the URL list.
    pub(crate) fn redirect_to(&mut self, url: Url) {
        self.url_list.push(url.clone());
        self.current_url = url;
    }

    /// Returns the [network partition key](https://fetch.spec.whatwg.org/#network-partition-key): the site of the top-level page.
    ///
    /// For a top-level navigation, that is the site of the document that it creates: HTML, "create navigation params by fetching",
    /// makes the current URL the top-level creation URL of the request's reserved client
    /// (<https://html.spec.whatwg.org/multipage/browsing-the-web.html#create-navigation-params-by-fetching>). A sandboxed frame only
    /// navigates itself, so the top-level page stays.
    pub(crate) fn partition(&self) -> String {
        let top_level = match &self.embedder {
            Some(embedder) => &PageOrigin::of_page(embedder),
            None if self.mode == Mode::Navigate => &PageOrigin::of_page(&self.current_url),
            None => &self.origin,
        };
        // "Obtain a site": an opaque origin is a site of its own (https://html.spec.whatwg.org/multipage/browsers.html#obtain-a-site).
        if top_level.is_opaque() {
            return format!("{top_level} {}", self.page_id);
        }
        top_level.site()
    }

    /// Returns true for `fetch()`, and false for an `XMLHttpRequest`.
    pub(crate) fn is_of_fetch(&self) -> bool {
        self.api == Api::Fetch && self.initiator == "fetch"
    }

    /// Returns true for an `XMLHttpRequest`.
    pub(crate) fn is_xml_http_request(&self) -> bool {
        self.api == Api::Fetch && self.initiator == "XMLHttpRequest"
    }

    pub(crate) fn includes_credentials_mode(&self) -> bool {
        self.credentials == Credentials::Include
    }

    /// [HTTP-network-or-cache fetch](https://fetch.spec.whatwg.org/#http-network-or-cache-fetch), includeCredentials.
    pub(crate) fn include_credentials(&self) -> bool {
        match self.credentials {
            Credentials::Include => true,
            Credentials::SameOrigin => {
                self.tainting == Tainting::Basic || self.keeps_credentials_after_redirect()
            }
            Credentials::Omit => false,
        }
    }

    /// Returns true if a request includes credentials because of [`Deviation::KeepsCredentialsAfterRedirect`].
    fn keeps_credentials_after_redirect(&self) -> bool {
        let first = self.url_list.first();
        self.mode == Mode::NoCors
            && first.is_some_and(|url| self.origin.is_same_origin(url))
            && self.engine.has(Deviation::KeepsCredentialsAfterRedirect)
    }

    /// [HTTP-network fetch](https://fetch.spec.whatwg.org/#http-network-fetch), step 8.3: a stream is not sent over HTTP/1.1. No browser
    /// speaks HTTP/2 without TLS.
    pub(crate) fn is_stream_over_http1(&self) -> bool {
        self.body_is_stream
            && self.body.is_some()
            && (self.over_http1 || self.current_url.scheme() == "http")
    }

    /// Replaces the cookies for a host.
    pub(crate) fn set_cookies(&mut self, host: String, cookies: &str) {
        self.cookies.retain(|(of_host, _)| *of_host != host);
        self.cookies.push((host, cookies.to_owned()));
    }

    /// [append a request `Cookie` header](https://fetch.spec.whatwg.org/#append-a-request-cookie-header): the cookies for the host of
    /// the current URL.
    pub(crate) fn cookie(&self) -> Option<&str> {
        let host = self.current_url.host_str()?;
        let cookies = self.cookies.iter().find(|(of_host, _)| of_host == host);
        cookies.map(|(_, cookies)| cookies.as_str())
    }

    /// [Main fetch](https://fetch.spec.whatwg.org/#main-fetch), step 12: the conditions for a preflight.
    pub(crate) fn needs_preflight(&self) -> bool {
        self.use_cors_preflight
            || self.needs_preflight_again
            || (self.unsafe_request
                && (!method::is_safelisted(&self.method) || !self.unsafe_header_names().is_empty()))
    }

    /// Returns the headers that a preflight asks for.
    pub(crate) fn preflight_headers(&self) -> &HeaderList {
        if self.engine.has(Deviation::PreflightNamesDroppedHeaders) {
            &self.page_headers
        } else {
            &self.headers
        }
    }

    /// [CORS-unsafe request-header names](https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names).
    pub(crate) fn unsafe_header_names(&self) -> Vec<Vec<u8>> {
        self.unsafe_names_in(self.preflight_headers())
    }

    /// Returns true if the headers needed a preflight before any redirect.
    pub(crate) fn page_headers_are_unsafe(&self) -> bool {
        self.unsafe_request && !self.unsafe_names_in(&self.page_headers).is_empty()
    }

    fn unsafe_names_in(&self, headers: &HeaderList) -> Vec<Vec<u8>> {
        if self.engine.has(Deviation::CombinesBeforeSafelisting) {
            request_header::unsafe_names(&headers.combined())
        } else {
            request_header::unsafe_names(headers)
        }
    }

    /// Returns true if a redirect led from one origin to another.
    pub(crate) fn has_changed_origin(&self) -> bool {
        let mut pairs = self.url_list.windows(2);
        pairs.any(|pair| matches!(pair, [from, to] if !same_origin(from, to)))
    }

    /// [redirect-taint](https://fetch.spec.whatwg.org/#concept-request-tainted-origin): true unless it is "same-origin".
    fn has_redirect_taint(&self) -> bool {
        self.url_list.windows(2).any(|pair| {
            let [last, url] = pair else { return false };
            let cross_site = !same_site(url, last) && !self.origin.is_same_site(last);
            let cross_origin = !same_origin(url, last) && !self.origin.is_same_origin(last);
            cross_site || cross_origin
        })
    }

    /// [serializing a request origin](https://fetch.spec.whatwg.org/#serializing-a-request-origin).
    pub(crate) fn serialized_origin(&self) -> String {
        let is_from_page = self.is_preflight && self.engine.has(Deviation::PreflightFromPage);
        if self.has_redirect_taint() && !is_from_page {
            "null".to_owned()
        } else {
            self.origin.to_string()
        }
    }

    /// [append a request `Origin` header](https://fetch.spec.whatwg.org/#append-a-request-origin-header): the value, if any.
    pub(crate) fn origin_header(&self) -> Option<String> {
        // A handshake is not redirected, or keeps the origin: `Deviation::FollowsRedirectsOfWebSockets`.
        if self.mode == Mode::WebSocket {
            return Some(self.origin.to_string());
        }
        let serialized = self.serialized_origin();
        // Step 3.
        if self.tainting == Tainting::Cors {
            return Some(serialized);
        }
        // Step 4.
        if matches!(self.method.as_str(), "GET" | "HEAD")
            && !self.keeps_origin
            && !self.tells_storage_access()
        {
            return None;
        }
        if self.mode == Mode::Cors {
            return Some(serialized);
        }
        let hides_after_redirect = if self.mode == Mode::Navigate {
            Deviation::HidesOriginOfNavigations
        } else {
            Deviation::HidesOriginAfterRedirect
        };
        let hidden = match self.referrer_policy {
            _ if self.has_changed_origin() && self.engine.has(hides_after_redirect) => true,
            _ if self.mode != Mode::Navigate
                && self.engine.has(Deviation::IgnoresReferrerPolicyWithoutCors) =>
            {
                false
            }
            ReferrerPolicy::NoReferrer => true,
            ReferrerPolicy::NoReferrerWhenDowngrade | ReferrerPolicy::StrictOrigin => {
                self.origin.is_https() && self.current_url.scheme() != "https"
            }
            ReferrerPolicy::SameOrigin => !self.origin.is_same_origin(&self.current_url),
            ReferrerPolicy::Origin => false,
        };
        Some(if hidden {
            "null".to_owned()
        } else {
            serialized
        })
    }

    /// Returns true if a request that needs no `Origin` has one because of [`Deviation::TellsStorageAccess`].
    fn tells_storage_access(&self) -> bool {
        let is_first_party = match (&self.embedder, self.url_list.first()) {
            (Some(embedder), Some(url)) => {
                same_site(embedder, url) && is_potentially_trustworthy(url)
            }
            _ => false,
        };
        // Chromium decides once and keeps the header until the method changes. Firefox decides again after each redirect.
        let still_applies = if self.engine == Engine::Firefox {
            !self.has_changed_origin()
        } else {
            !self.has_become_get
        };
        is_first_party
            && still_applies
            && self.mode == Mode::NoCors
            && self.includes_credentials_mode()
            && self.engine.has(Deviation::TellsStorageAccess)
    }
}
