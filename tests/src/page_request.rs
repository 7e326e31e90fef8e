//! A request of a page, and what its preflight asks for.

use bytes::Bytes;
use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD};
use http::{HeaderMap, HeaderName, Response};
use omnicors_browser::{Credentials, Fetch, Page};

/// A cross-origin request of a page, as the page writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// The URL of the page; `null` for a page with an opaque origin.
    pub page: String,
    /// The method, before normalization.
    pub method: String,
    /// The names and values that the page passes to `fetch()`.
    pub headers: Vec<(String, String)>,
    /// The credentials mode.
    pub credentials: Credentials,
    /// Whether an upload listener requires a preflight.
    pub upload_listener: bool,
}

impl PageRequest {
    /// Returns the page; `None` if its URL is not valid.
    #[must_use]
    pub fn page(&self) -> Option<Page> {
        if self.page == "null" {
            return Some(Page::opaque());
        }
        Page::new(&self.page).ok()
    }

    /// Returns the call of `fetch()`.
    pub fn fetch(&self, page: &Page, url: &str) -> Fetch {
        let fetch = page
            .fetch(url)
            .method(&self.method)
            .credentials(self.credentials);
        let fetch = self
            .headers
            .iter()
            .fold(fetch, |fetch, (name, value)| fetch.header(name, value));
        if self.upload_listener {
            fetch.upload_listener()
        } else {
            fetch
        }
    }
}

/// The method and the headers that a preflight asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requested {
    /// The method.
    pub method: String,
    /// The names of the headers, joined by commas.
    names: String,
}

impl Requested {
    /// Returns what a request asks for; `None` if it is not a preflight.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let text = |name: HeaderName| {
            let value = headers.get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        Some(Self {
            method: text(ACCESS_CONTROL_REQUEST_METHOD)?,
            names: text(ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default(),
        })
    }

    /// Returns the names of the headers.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let names = self.names.split(',');
        names.filter(|name| !name.is_empty()).collect()
    }
}

/// Responds to any request so that the page of this origin may make it and read the response. No cache may keep the response.
pub fn allow_everything(origin: &str, request: &HeaderMap) -> Response<Bytes> {
    let mut response = Response::builder()
        .header("access-control-allow-origin", origin)
        .header("access-control-allow-credentials", "true")
        .header("cache-control", "no-store");
    for (asked, answer) in [
        (
            ACCESS_CONTROL_REQUEST_METHOD,
            "access-control-allow-methods",
        ),
        (
            ACCESS_CONTROL_REQUEST_HEADERS,
            "access-control-allow-headers",
        ),
    ] {
        if let Some(value) = request.get(asked) {
            response = response.header(answer, value);
        }
    }
    response.body(Bytes::new()).expect("the fields are valid")
}
