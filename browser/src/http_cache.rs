//! A small HTTP cache ([RFC 9111](https://www.rfc-editor.org/rfc/rfc9111)): responses to GET, freshness by `max-age`,
//! `Age`, revalidation by `ETag` and `Last-Modified`, and `Vary`. It does not read `Expires`, has no heuristic freshness, and
//! stores only responses with the status 200.

use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName};
use http::{Method, Request, Response, StatusCode};

use crate::engine::{Deviation, Engine};
use crate::header_list::delta_seconds;

/// A cache of responses to GET.
#[derive(Clone, Debug, Default)]
pub(crate) struct HttpCache {
    stored: Vec<Stored>,
    /// True for a defective cache, which serves a response to any request for its URL.
    pub(crate) ignores_vary: bool,
    /// True for engines with [`Deviation::StoresOneVariant`].
    stores_one_variant: bool,
}

#[derive(Clone, Debug)]
struct Stored {
    /// The partition and the URL.
    key: (String, String),
    request_headers: HeaderMap,
    response: Response<Bytes>,
    /// The time of the browser at which the response, or its last validation, has arrived.
    time: Duration,
    /// The age that it had then.
    age: Duration,
}

impl Stored {
    /// [Calculating Age](https://www.rfc-editor.org/rfc/rfc9111#section-4.2.3), without delays: `corrected_initial_age` and `resident_time`.
    fn current_age(&self, now: Duration) -> Duration {
        self.age.saturating_add(now.saturating_sub(self.time))
    }
}

/// The result of a cache lookup for a request.
pub(crate) enum Lookup {
    Fresh(Response<Bytes>),
    /// The stored response must be validated. Contains the headers that make the request conditional.
    Stale(Vec<(HeaderName, http::HeaderValue)>),
    Missing,
}

impl HttpCache {
    pub(crate) fn new(engine: Engine) -> Self {
        Self {
            stores_one_variant: engine.has(Deviation::StoresOneVariant),
            ..Self::default()
        }
    }

    pub(crate) fn lookup(
        &self,
        partition: &str,
        request: &Request<Bytes>,
        now: Duration,
    ) -> Lookup {
        if request.method() != Method::GET || page_validates(request.headers()) {
            return Lookup::Missing;
        }
        let Some(stored) = self.find(partition, request) else {
            return Lookup::Missing;
        };
        if stored.current_age(now) < freshness_lifetime(stored.response.headers()) {
            return Lookup::Fresh(stored.response.clone());
        }
        let validators = [
            (header::ETAG, header::IF_NONE_MATCH),
            (header::LAST_MODIFIED, header::IF_MODIFIED_SINCE),
        ];
        let conditions: Vec<_> = validators
            .into_iter()
            .filter_map(|(validator, condition)| {
                Some((condition, stored.response.headers().get(validator)?.clone()))
            })
            .collect();
        if conditions.is_empty() {
            Lookup::Missing
        } else {
            Lookup::Stale(conditions)
        }
    }

    /// [Storing Responses in Caches](https://www.rfc-editor.org/rfc/rfc9111#section-3), and
    /// [invalidation](https://www.rfc-editor.org/rfc/rfc9111#section-4.4) by an unsafe method.
    pub(crate) fn store(
        &mut self,
        partition: &str,
        request: &Request<Bytes>,
        response: &Response<Bytes>,
        now: Duration,
    ) {
        let key = (partition.to_owned(), request.uri().to_string());
        if !request.method().is_safe() {
            if response.status().as_u16() < 400 {
                self.stored.retain(|stored| stored.key != key);
            }
            return;
        }
        if request.method() != Method::GET
            || page_validates(request.headers())
            || !is_storable(response)
        {
            return;
        }
        let replaces_all = self.ignores_vary || self.stores_one_variant;
        self.stored.retain(|stored| {
            stored.key != key || !(replaces_all || stored.varies_alike(request.headers()))
        });
        self.stored.push(Stored {
            key,
            request_headers: request.headers().clone(),
            response: response.clone(),
            time: now,
            age: age(response.headers()),
        });
    }

    /// Removes the responses for the URL of a request.
    pub(crate) fn forget(&mut self, partition: &str, request: &Request<Bytes>) {
        let url = request.uri().to_string();
        self.stored
            .retain(|stored| stored.key.0 != partition || stored.key.1 != url);
    }

    /// [Freshening Stored Responses upon Validation](https://www.rfc-editor.org/rfc/rfc9111#section-4.3.4): a field of the 304
    /// replaces the stored fields of its name.
    ///
    /// A 304 with a strong `ETag` that is not the stored one "MUST NOT" update the stored response. Fetch uses the stored response for each
    /// 304 ([HTTP-network-or-cache fetch](https://fetch.spec.whatwg.org/#http-network-or-cache-fetch)).
    pub(crate) fn freshen(
        &mut self,
        partition: &str,
        request: &Request<Bytes>,
        validation: &Response<Bytes>,
        now: Duration,
    ) -> Option<Response<Bytes>> {
        let index = self.index(partition, request)?;
        let stored = self.stored.get_mut(index)?;
        let etag = validation.headers().get(header::ETAG);
        let is_strong = etag.is_some_and(|etag| !etag.as_bytes().starts_with(b"W/"));
        if is_strong && stored.response.headers().get(header::ETAG) != etag {
            return Some(stored.response.clone());
        }
        for name in validation.headers().keys() {
            if *name == header::CONTENT_LENGTH {
                continue;
            }
            stored.response.headers_mut().remove(name);
            for value in validation.headers().get_all(name) {
                stored.response.headers_mut().append(name, value.clone());
            }
        }
        stored.time = now;
        stored.age = age(validation.headers());
        Some(stored.response.clone())
    }

    fn find(&self, partition: &str, request: &Request<Bytes>) -> Option<&Stored> {
        self.stored.get(self.index(partition, request)?)
    }

    fn index(&self, partition: &str, request: &Request<Bytes>) -> Option<usize> {
        let url = request.uri().to_string();
        self.stored.iter().rposition(|stored| {
            stored.key.0 == partition
                && stored.key.1 == url
                && (self.ignores_vary || stored.varies_alike(request.headers()))
        })
    }
}

impl Stored {
    /// [Calculating Cache Keys with the Vary Header Field](https://www.rfc-editor.org/rfc/rfc9111#section-4.1).
    fn varies_alike(&self, headers: &HeaderMap) -> bool {
        self.response
            .headers()
            .get_all(header::VARY)
            .iter()
            .all(|value| {
                String::from_utf8_lossy(value.as_bytes())
                    .split(',')
                    .map(str::trim)
                    .all(|name| {
                        if name.is_empty() {
                            return true;
                        }
                        let same = |left: &HeaderMap, right: &HeaderMap| {
                            left.get_all(name).iter().eq(right.get_all(name).iter())
                        };
                        name != "*" && same(&self.request_headers, headers)
                    })
            })
    }
}

/// Returns true if the page's own headers make the request conditional. It then has the cache mode "no-store".
fn page_validates(headers: &HeaderMap) -> bool {
    [
        header::IF_NONE_MATCH,
        header::IF_MODIFIED_SINCE,
        header::IF_MATCH,
        header::IF_UNMODIFIED_SINCE,
        header::IF_RANGE,
        header::RANGE,
    ]
    .iter()
    .any(|name| headers.contains_key(name))
}

fn is_storable(response: &Response<Bytes>) -> bool {
    response.status() == StatusCode::OK && directive(response.headers(), "no-store").is_none()
}

/// Returns the value of [`Age`](https://www.rfc-editor.org/rfc/rfc9111#section-5.1): the first one, or none if it is not valid.
fn age(headers: &HeaderMap) -> Duration {
    let value = headers.get(header::AGE);
    let seconds = value.and_then(|value| delta_seconds(value.as_bytes().trim_ascii()));
    Duration::from_secs(seconds.unwrap_or(0))
}

fn freshness_lifetime(headers: &HeaderMap) -> Duration {
    if directive(headers, "no-cache").is_some() {
        return Duration::ZERO;
    }
    let seconds = directive(headers, "max-age").and_then(|value| delta_seconds(value.as_bytes()));
    Duration::from_secs(seconds.unwrap_or(0))
}

/// Returns the value of a `Cache-Control` directive, or an empty text if the directive has no value.
fn directive(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::CACHE_CONTROL)
        .iter()
        .find_map(|value| {
            String::from_utf8_lossy(value.as_bytes())
                .split(',')
                .find_map(|directive| {
                    let (found, value) = directive
                        .trim()
                        .split_once('=')
                        .unwrap_or((directive.trim(), ""));
                    found
                        .eq_ignore_ascii_case(name)
                        .then(|| value.trim_matches('"').to_owned())
                })
        })
}
