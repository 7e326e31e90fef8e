use http::header::{self, HeaderName, VARY};
use http::{HeaderMap, HeaderValue, Response};
use omnicors_core::{Operation, ResponseHeaderName};

use crate::forward::{ForwardHeaders, ResponseLines};
use crate::policy::constant;

impl ForwardHeaders {
    /// Puts the headers onto a response, and gives it back.
    pub fn onto<B>(mut self, mut response: Response<B>) -> Response<B> {
        self.apply_once(response.headers_mut());
        response
    }

    /// Puts the headers among those of a response: the application's own CORS lines are removed, ours are set, and
    /// `Vary` is merged.
    pub fn apply(mut self, headers: &mut HeaderMap) {
        self.apply_once(headers);
    }
}

impl ResponseLines for HeaderMap {
    type Value = HeaderValue;

    #[inline]
    fn constant(text: &'static str) -> HeaderValue {
        constant(text)
    }

    #[inline]
    fn each_name(&self, tell: impl FnMut(&str)) {
        self.keys().map(HeaderName::as_str).for_each(tell);
    }

    fn vary(&self) -> impl Iterator<Item = &[u8]> {
        self.get_all(VARY).iter().map(HeaderValue::as_bytes)
    }

    fn remove(&mut self, name: ResponseHeaderName) {
        self.remove(header_name(name));
    }

    #[inline]
    fn insert(&mut self, name: ResponseHeaderName, value: HeaderValue) -> Option<()> {
        self.try_insert(header_name(name), value).ok().map(drop)
    }

    fn append(&mut self, name: ResponseHeaderName, value: HeaderValue) -> Option<()> {
        self.try_append(header_name(name), value).ok().map(drop)
    }
}

/// Adds a line of an answer; `None` where there is no room.
pub(crate) fn add(
    headers: &mut HeaderMap,
    name: ResponseHeaderName,
    operation: Operation,
    value: HeaderValue,
) -> Option<()> {
    match operation {
        // An answer has no `Vary` yet. The empty `Access-Control-Allow-Origin` that keeps a place is replaced: see
        // `PreparedHeaders`.
        Operation::Set | Operation::Merge => {
            let replaced = headers.try_insert(header_name(name), value);
            replaced.ok().map(drop)
        }
        Operation::Append => ResponseLines::append(headers, name, value),
    }
}

const TIMING_ALLOW_ORIGIN: HeaderName =
    HeaderName::from_static(ResponseHeaderName::TimingAllowOrigin.as_str());

fn header_name(name: ResponseHeaderName) -> HeaderName {
    const ALLOW_PRIVATE_NETWORK: HeaderName =
        HeaderName::from_static(ResponseHeaderName::AccessControlAllowPrivateNetwork.as_str());
    match name {
        ResponseHeaderName::AccessControlAllowOrigin => header::ACCESS_CONTROL_ALLOW_ORIGIN,
        ResponseHeaderName::AccessControlAllowCredentials => {
            header::ACCESS_CONTROL_ALLOW_CREDENTIALS
        }
        ResponseHeaderName::AccessControlAllowMethods => header::ACCESS_CONTROL_ALLOW_METHODS,
        ResponseHeaderName::AccessControlAllowHeaders => header::ACCESS_CONTROL_ALLOW_HEADERS,
        ResponseHeaderName::AccessControlMaxAge => header::ACCESS_CONTROL_MAX_AGE,
        ResponseHeaderName::AccessControlAllowPrivateNetwork => ALLOW_PRIVATE_NETWORK,
        ResponseHeaderName::AccessControlExposeHeaders => header::ACCESS_CONTROL_EXPOSE_HEADERS,
        ResponseHeaderName::TimingAllowOrigin => TIMING_ALLOW_ORIGIN,
        ResponseHeaderName::Vary => VARY,
    }
}
