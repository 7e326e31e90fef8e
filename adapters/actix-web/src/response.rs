use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use omnicors_adapter::ResponseFieldMap;
use omnicors_adapter::omnicors_core::ResponseHeaderName;

use crate::names::{constant, header_name};

/// The fields of a decision to forward a request, kept until the application has responded.
pub(crate) type ForwardHeaders = omnicors_adapter::ForwardHeaders<HeaderValue>;

/// The header fields of a response.
pub(crate) struct Fields<'a>(pub(crate) &'a mut HeaderMap);

impl ResponseFieldMap for Fields<'_> {
    type Value = HeaderValue;

    #[inline]
    fn constant(text: &'static str) -> HeaderValue {
        constant(text)
    }

    fn owned(text: String) -> Option<HeaderValue> {
        HeaderValue::try_from(text).ok()
    }

    fn bytes(value: &HeaderValue) -> &[u8] {
        value.as_bytes()
    }

    #[inline]
    fn each_name(&self, visit: impl FnMut(&str)) {
        self.0.keys().map(HeaderName::as_str).for_each(visit);
    }

    fn values(&self, name: ResponseHeaderName) -> impl Iterator<Item = &[u8]> {
        let values = self.0.get_all(header_name(name));
        values.map(HeaderValue::as_bytes)
    }

    fn remove(&mut self, name: ResponseHeaderName) {
        self.0.remove(header_name(name));
    }

    /// Appends, which is cheaper: `HeaderMap::insert` also returns the previous values.
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
