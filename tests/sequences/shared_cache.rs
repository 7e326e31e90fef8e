//! A shared cache between browsers and a server, as a CDN has it: [RFC 9111](https://www.rfc-editor.org/rfc/rfc9111).

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CACHE_CONTROL, IF_NONE_MATCH, RANGE, VARY};
use http::{HeaderMap, Method, Request, Response, StatusCode};

/// For how long a response without `max-age` is stored.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(10);

pub(crate) struct SharedCache {
    honors_vary: bool,
    /// Whether responses that are errors, and have no `max-age`, are stored. Many CDNs do so.
    stores_errors: bool,
    now: Duration,
    stored: Vec<Stored>,
}

struct Stored {
    url: String,
    request_headers: HeaderMap,
    response: Response<Bytes>,
    expires: Duration,
}

impl SharedCache {
    pub(crate) fn new(honors_vary: bool, stores_errors: bool) -> Self {
        Self {
            honors_vary,
            stores_errors,
            now: Duration::ZERO,
            stored: Vec::new(),
        }
    }

    pub(crate) fn advance(&mut self, time: Duration) {
        self.now += time;
        self.stored.retain(|stored| stored.expires > self.now);
    }

    /// Returns a stored response. A request that is conditional or for a range goes to the server.
    pub(crate) fn lookup(&self, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        if !is_cacheable(request) {
            return None;
        }
        let url = request.uri().to_string();
        let stored = self.stored.iter().rev().find(|stored| {
            stored.url == url && (!self.honors_vary || stored.varies_alike(request.headers()))
        })?;
        Some(stored.response.clone())
    }

    pub(crate) fn store(&mut self, request: &Request<Bytes>, response: &Response<Bytes>) {
        let cache_control = text(response.headers(), CACHE_CONTROL.as_str());
        if !is_cacheable(request) || cache_control.contains("no-store") {
            return;
        }
        let has_authorization = request.headers().contains_key(AUTHORIZATION);
        if has_authorization && !cache_control.contains("public") {
            return;
        }
        let max_age = cache_control.split("max-age=").nth(1);
        let max_age = max_age.and_then(|text| text.trim().parse().ok());
        let lifetime = match max_age.map(Duration::from_secs) {
            Some(lifetime) => lifetime,
            None if response.status() == StatusCode::OK || self.stores_errors => DEFAULT_LIFETIME,
            None => return,
        };
        self.stored.push(Stored {
            url: request.uri().to_string(),
            request_headers: request.headers().clone(),
            response: response.clone(),
            expires: self.now + lifetime,
        });
    }
}

impl Stored {
    /// <https://www.rfc-editor.org/rfc/rfc9111#section-4.1>
    fn varies_alike(&self, headers: &HeaderMap) -> bool {
        let vary = text(self.response.headers(), VARY.as_str());
        vary.split(',').map(str::trim).all(|name| {
            name.is_empty()
                || (name != "*" && text(&self.request_headers, name) == text(headers, name))
        })
    }
}

fn is_cacheable(request: &Request<Bytes>) -> bool {
    request.method() == Method::GET
        && !request.headers().contains_key(IF_NONE_MATCH)
        && !request.headers().contains_key(RANGE)
}

/// Returns the values of a field, combined; `None` and an empty value differ.
fn text(headers: &HeaderMap, name: &str) -> String {
    let values = headers.get_all(name).iter();
    let values: Vec<_> = values
        .map(|value| format!(" {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    values.join(",")
}
