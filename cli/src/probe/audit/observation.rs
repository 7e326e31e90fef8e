//! What the server did for one request of an audit.

use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use omnicors_browser::{Credentials, Exchange, Fetch, NetworkError};

use super::look_alikes::Resemblance;
use crate::probe::live_server::{Sent, is_preflight};
use crate::probe::transport::BodyRead;

/// Why a request was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A request without `Origin`.
    NonCors,
    /// From an origin that the server cannot know.
    Stranger,
    Null,
    /// From the origin of `--origin`.
    Given,
    LookAlike(Resemblance),
    /// From an origin that is allowed, for a path that does not exist.
    MissingPath,
    /// From an origin that is allowed, and then from a stranger for the same URL.
    CacheAllowed,
    CacheAllowedThenStranger,
    /// The other way round.
    CacheStranger,
    CacheStrangerThenAllowed,
    /// A preflight from an origin that is allowed.
    Preflight,
    StrangerPreflight,
    PrivateNetwork,
    /// The handshake of a WebSocket, from a stranger.
    WebSocket,
    /// From a page whose name resolves to the server, although the server does not have this name (DNS rebinding).
    OtherHost,
}

/// A request of an audit and its response.
#[derive(Clone, Debug)]
pub(super) struct Observation {
    pub(super) purpose: Purpose,
    /// The number of the exchange. The first is 1.
    pub(super) number: usize,
    pub(super) origin: String,
    pub(super) fetch: Fetch,
    pub(super) exchange: Exchange,
    pub(super) response: Response<Bytes>,
    pub(super) sent: Sent,
}

impl Observation {
    /// Returns the reason why a page cannot read the response. For a preflight, returns the reason why the browser does not send the
    /// request.
    pub(super) fn error(&self, credentials: Credentials) -> Option<NetworkError> {
        let mut is_accepted = false;
        let is_of_preflight = is_preflight(self.exchange.request());
        let fetch = self.fetch.clone().credentials(credentials);
        let outcome = fetch.send_now(&mut |request: Request<Bytes>| {
            is_accepted |= is_of_preflight && !is_preflight(&request);
            self.response.clone()
        });
        outcome.result().err().filter(|_| !is_accepted)
    }

    pub(super) fn is_allowed(&self, credentials: Credentials) -> bool {
        self.error(credentials).is_none()
    }

    pub(super) fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// Returns true if the body in the response is not a part of a longer one.
    pub(super) fn has_whole_body(&self) -> bool {
        self.sent.body == BodyRead::Whole
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// Returns the values of a header, joined.
    pub(super) fn value(&self, name: &HeaderName) -> Option<String> {
        let values: Vec<_> = self
            .headers()
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    pub(super) fn allow_origin(&self) -> Option<String> {
        self.value(&header::ACCESS_CONTROL_ALLOW_ORIGIN)
    }

    pub(super) fn has_element(&self, name: &HeaderName, element: &str) -> bool {
        let value = self.value(name).unwrap_or_default();
        value
            .split(',')
            .any(|item| item.trim().eq_ignore_ascii_case(element))
    }

    /// Returns true if a cache must not mix the responses to different origins.
    pub(super) fn varies_by_origin(&self) -> bool {
        self.has_element(&header::VARY, "origin") || self.has_element(&header::VARY, "*")
    }

    /// Returns true if the response shows that it came from a cache.
    pub(super) fn is_from_cache(&self) -> bool {
        let has_age = self
            .headers()
            .get(header::AGE)
            .is_some_and(|age| age != HeaderValue::from_static("0"));
        let hit = |name: &str| {
            self.headers().get(name).is_some_and(|value| {
                String::from_utf8_lossy(value.as_bytes())
                    .to_ascii_lowercase()
                    .contains("hit")
            })
        };
        has_age
            || [
                "x-cache",
                "cf-cache-status",
                "x-cache-status",
                "cache-status",
            ]
            .into_iter()
            .any(hit)
    }
}
