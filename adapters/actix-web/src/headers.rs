use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue, VARY};
use omnicors_http::ResponseLines;
use omnicors_http::omnicors_core::ResponseHeaderName;

/// What to put onto the response of the application. Borrows nothing, and can wait for it.
pub(crate) type ForwardHeaders = omnicors_http::ForwardHeaders<HeaderValue>;

/// The header lines of a response.
pub(crate) struct Lines<'a>(pub(crate) &'a mut HeaderMap);

impl ResponseLines for Lines<'_> {
    type Value = HeaderValue;

    #[inline]
    fn constant(text: &'static str) -> HeaderValue {
        constant(text)
    }

    #[inline]
    fn each_name(&self, tell: impl FnMut(&str)) {
        self.0.keys().map(HeaderName::as_str).for_each(tell);
    }

    fn vary(&self) -> impl Iterator<Item = &[u8]> {
        self.0.get_all(VARY).map(HeaderValue::as_bytes)
    }

    fn remove(&mut self, name: ResponseHeaderName) {
        self.0.remove(header_name(name));
    }

    /// As `append` does, which need not return what was there.
    #[inline]
    fn insert(&mut self, name: ResponseHeaderName, value: HeaderValue) -> Option<()> {
        self.append(name, value)
    }

    #[inline]
    fn append(&mut self, name: ResponseHeaderName, value: HeaderValue) -> Option<()> {
        self.0.append(header_name(name), value);
        Some(())
    }
}

/// The value with this text. That it is one has been checked when this was compiled, for those that nearly every response
/// has.
pub(crate) fn constant(text: &'static str) -> HeaderValue {
    const ANY: HeaderValue = HeaderValue::from_static("*");
    const ORIGIN: HeaderValue = HeaderValue::from_static("Origin");
    const TRUE: HeaderValue = HeaderValue::from_static("true");
    match text {
        "*" => ANY,
        "Origin" => ORIGIN,
        "true" => TRUE,
        _ => HeaderValue::from_static(text),
    }
}

const TIMING_ALLOW_ORIGIN: HeaderName =
    HeaderName::from_static(ResponseHeaderName::TimingAllowOrigin.as_str());

/// Each made when this was compiled: `from_static` looks for the name among those it knows.
pub(crate) fn header_name(name: ResponseHeaderName) -> HeaderName {
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
