//! The facts of one entry, as far as a recording shows them.

use omnicors_browser::{Engine, Mode, Page};
use url::Url;

use super::model::{Entry, Log};

/// An entry with its facts.
#[derive(Debug)]
pub(super) struct Exchange<'a> {
    /// The number of the entry in the file, from 1.
    pub(super) number: usize,
    pub(super) entry: &'a Entry,
    pub(super) url: Url,
    pub(super) mode: Mode,
    /// The origin of the page, or `None` for a page with the origin `null`.
    pub(super) page: Option<Url>,
}

/// Returns the engine of the browser that made the recording.
pub(super) fn engine(log: &Log) -> Engine {
    let name = |tool: &super::model::Tool| tool.name.to_ascii_lowercase();
    let names = [name(&log.browser), name(&log.creator)];
    let is = |word: &str| names.iter().any(|name| name.contains(word));
    if is("firefox") {
        Engine::Firefox
    } else if is("webkit web inspector")
        || is("safari")
        || names.iter().any(|name| name == "webkit")
    {
        Engine::WebKit
    } else if is("webinspector") || is("chrom") || is("edge") {
        Engine::Chromium
    } else {
        Engine::Standard
    }
}

impl<'a> Exchange<'a> {
    /// Returns `None` for an entry that is no HTTP request of a page that is known.
    pub(super) fn new(number: usize, entry: &'a Entry, log: &Log) -> Option<Self> {
        let mut url = Url::parse(&entry.request.url).ok()?;
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        url.set_fragment(None);
        // A request does not have the user and the password in its URL. These calls fail only for URLs without a host.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        Some(Self {
            number,
            mode: mode(entry),
            page: page(entry, log)?,
            entry,
            url,
        })
    }

    /// Returns the origin of the page.
    pub(super) fn origin(&self) -> String {
        let page = self.page.as_ref();
        let page = page.and_then(|page| Page::new(page.as_str()).ok());
        page.map_or_else(|| "null".to_owned(), |page| page.origin().to_string())
    }

    /// Returns true for a preflight.
    pub(super) fn is_preflight(&self) -> bool {
        self.entry.request.method == "OPTIONS"
            && self
                .entry
                .request
                .header("access-control-request-method")
                .is_some()
    }

    /// Returns true if there was a response.
    pub(super) fn has_response(&self) -> bool {
        (100..1000).contains(&self.entry.response.status)
    }

    /// Returns the URL that the response redirects to.
    pub(super) fn redirect(&self) -> Option<Url> {
        let response = &self.entry.response;
        if !matches!(response.status, 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        let location = response
            .header("location")
            .unwrap_or(&response.redirect_url);
        let mut url = self
            .url
            .join(location)
            .ok()
            .filter(|_| !location.is_empty())?;
        url.set_fragment(None);
        Some(url)
    }

    /// Returns true if the request has a cookie, or a field that browsers send only with credentials.
    pub(super) fn has_credentials(&self) -> bool {
        let request = &self.entry.request;
        // https://privacycg.github.io/storage-access-headers/#sec-fetch-storage-access-header
        request.cookies > 0
            || request.header("cookie").is_some()
            || request.header("sec-fetch-storage-access").is_some()
    }

    /// Returns true if the page could not read the response, as far as CORS decides: the origins differ.
    pub(super) fn is_cross_origin(&self) -> bool {
        self.page
            .as_ref()
            .is_none_or(|page| page.origin() != self.url.origin())
    }
}

/// Returns the page: `Some(None)` if its origin is `null`, and `None` if it is not known.
#[expect(
    clippy::option_option,
    reason = "a page without a URL is not an unknown page"
)]
fn page(entry: &Entry, log: &Log) -> Option<Option<Url>> {
    let request = &entry.request;
    let referer = || {
        request
            .header("referer")
            .and_then(|referer| Url::parse(referer).ok())
    };
    let recorded = || {
        let page = log.pages.iter().find(|page| page.id == entry.pageref)?;
        Url::parse(&page.title).ok()
    };
    let known = || referer().or_else(recorded);
    match request.header("origin") {
        Some("null") => Some(None),
        Some(origin) => Url::parse(origin).ok().or_else(known).map(Some),
        None => known().map(Some),
    }
}

/// Returns the mode: from `Sec-Fetch-Mode`, which browsers send to https and to loopback, or from Chromium's type, or from what browsers
/// send with each mode.
fn mode(entry: &Entry) -> Mode {
    let request = &entry.request;
    match request.header("sec-fetch-mode") {
        Some("cors") => return Mode::Cors,
        Some("no-cors") => return Mode::NoCors,
        Some("navigate" | "nested-navigate") => return Mode::Navigate,
        Some("websocket") => return Mode::WebSocket,
        Some("same-origin") => return Mode::SameOrigin,
        _ => {}
    }
    if request
        .header("upgrade")
        .is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
    {
        return Mode::WebSocket;
    }
    match entry.resource_type.as_str() {
        "fetch" | "xhr" | "preflight" | "eventsource" | "font" => return Mode::Cors,
        "document" => return Mode::Navigate,
        "websocket" => return Mode::WebSocket,
        "ping" | "beacon" => return Mode::NoCors,
        _ => {}
    }
    if request
        .header("accept")
        .is_some_and(|accept| accept.starts_with("text/html"))
    {
        return Mode::Navigate;
    }
    // Browsers send `Origin` with a GET only for a CORS request (Fetch, "append a request `Origin` header":
    // https://fetch.spec.whatwg.org/#append-a-request-origin-header). Pages that use other methods use `fetch()`.
    if request.header("origin").is_some() || !matches!(request.method.as_str(), "GET" | "HEAD") {
        Mode::Cors
    } else {
        Mode::NoCors
    }
}
