use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue, VARY};
use omnicors_adapter::ResponseFieldMap;
use omnicors_adapter::omnicors_core::ResponseHeaderName;

/// The fields of a decision, waiting for the response of the application.
pub(crate) type ForwardHeaders = omnicors_adapter::ForwardHeaders<HeaderValue>;

/// The header fields of a response.
pub(crate) struct Fields<'a>(pub(crate) &'a mut HeaderMap);

impl ResponseFieldMap for Fields<'_> {
    type Value = HeaderValue;

    #[inline]
    fn constant(text: &'static str) -> HeaderValue {
        constant(text)
    }

    #[inline]
    fn each_name(&self, visit: impl FnMut(&str)) {
        self.0.keys().map(HeaderName::as_str).for_each(visit);
    }

    fn vary(&self) -> impl Iterator<Item = &[u8]> {
        self.0.get_all(VARY).map(HeaderValue::as_bytes)
    }

    fn remove(&mut self, name: ResponseHeaderName) {
        self.0.remove(header_name(name));
    }

    /// Appends, because the map's own `insert` also returns the previous values.
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

/// Returns the value with this text. The values that nearly every response has are validated at compile time.
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

/// Returns a name made at compile time: `from_static` would search the names that it knows.
pub(crate) fn header_name(name: ResponseHeaderName) -> HeaderName {
    const ALLOW_PRIVATE_NETWORK: HeaderName =
        HeaderName::from_static(ResponseHeaderName::AccessControlAllowPrivateNetwork.as_str());
    const TIMING_ALLOW_ORIGIN: HeaderName =
        HeaderName::from_static(ResponseHeaderName::TimingAllowOrigin.as_str());
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
        ResponseHeaderName::CacheControl => header::CACHE_CONTROL,
        ResponseHeaderName::Vary => VARY,
    }
}
