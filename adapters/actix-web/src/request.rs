use std::cell::{Cell, Ref};
use std::ops::ControlFlow;

use actix_web::HttpMessage as _;
use actix_web::dev::{Extensions, ServiceRequest};
use actix_web::http::header::{
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderName,
    HeaderValue, ORIGIN,
};
use actix_web::http::uri::Authority;
use omnicors_adapter::omnicors_core::adapter::{
    EachValue, EchoedField, RequestField, RequestFields,
};

use crate::names::request_field_name;

/// What a [`ChoiceRequest`](crate::ChoiceRequest), which has an example, reads from a request.
#[derive(Debug)]
pub struct RequestView<'a>(pub(crate) &'a ServiceRequest);

impl omnicors_adapter::RequestView for RequestView<'_> {
    type Extensions<'a>
        = Ref<'a, Extensions>
    where
        Self: 'a;

    fn method(&self) -> &str {
        self.0.method().as_str()
    }

    fn authority(&self) -> Option<&str> {
        self.0.uri().authority().map(Authority::as_str)
    }

    fn path(&self) -> &str {
        self.0.uri().path()
    }

    fn query(&self) -> Option<&str> {
        self.0.uri().query()
    }

    fn header(&self, name: &str, index: usize) -> Option<&[u8]> {
        let mut values = self.0.headers().get_all(name);
        values.nth(index).map(HeaderValue::as_bytes)
    }

    fn extensions(&self) -> Ref<'_, Extensions> {
        self.0.extensions()
    }
}

/// The fields of a request, for the core. Remembers the fields that were read, because a search takes long.
pub(crate) struct RequestMap<'a> {
    request: &'a ServiceRequest,
    /// The first `Origin`, because most decisions echo it.
    origin: Cell<Option<&'a HeaderValue>>,
    /// The field that was read last with its index, and its values.
    last: Cell<Option<(RequestField, &'a [HeaderValue])>>,
}

impl<'a> RequestMap<'a> {
    #[inline]
    pub(crate) fn new(request: &'a ServiceRequest) -> Self {
        Self {
            request,
            origin: Cell::new(None),
            last: Cell::new(None),
        }
    }

    /// Returns the value of the first `Origin`, if it was read.
    #[inline]
    pub(crate) fn origin(&self) -> Option<&'a HeaderValue> {
        self.origin.get()
    }

    /// Returns all values of a field. There are none for a pseudo-header field.
    #[inline]
    fn values(&self, field: RequestField) -> &'a [HeaderValue] {
        // Not `ConnectionInfo::host`: it trusts `X-Forwarded-Host`, which any client can send.
        request_field_name(field)
            .map_or(&[], |name| self.request.headers().get_all(name).as_slice())
    }
}

impl RequestFields for RequestMap<'_> {
    fn value(&self, field: RequestField, index: usize) -> Option<&[u8]> {
        if field == RequestField::Authority {
            let authority = self.request.uri().authority().filter(|_| index == 0)?;
            return Some(authority.as_str().as_bytes());
        }
        let values = match self.last.get() {
            Some((last, values)) if last == field => values,
            _ => self.values(field),
        };
        self.last.set(Some((field, values)));
        values.get(index).map(HeaderValue::as_bytes)
    }

    #[inline]
    fn first_two(&self, field: RequestField) -> [Option<&[u8]>; 2] {
        if field == RequestField::Authority {
            return [self.value(field, 0), None];
        }
        let values = self.values(field);
        if field == RequestField::Origin {
            self.origin.set(values.first());
        }
        [values.first(), values.get(1)].map(|value| value.map(HeaderValue::as_bytes))
    }

    fn each_value<'a>(&'a self, field: RequestField, each: EachValue<'_, 'a>) -> ControlFlow<()> {
        let Some(name) = request_field_name(field) else {
            return self.value(field, 0).into_iter().try_for_each(each);
        };
        let values = self.request.headers().get_all(name);
        values.map(HeaderValue::as_bytes).try_for_each(each)
    }
}

/// Returns the value of the field with this name and index.
#[inline]
fn nth(headers: &HeaderMap, name: HeaderName, index: usize) -> Option<&HeaderValue> {
    match index {
        0 => headers.get(name),
        _ => headers.get_all(name).nth(index),
    }
}

/// Returns the value of a field of the request that is echoed.
#[cold]
pub(crate) fn requested(request: &HeaderMap, field: EchoedField) -> Option<&HeaderValue> {
    match field {
        EchoedField::Origin => request.get(ORIGIN),
        EchoedField::RequestMethod => request.get(ACCESS_CONTROL_REQUEST_METHOD),
        EchoedField::RequestHeaders(index) => nth(request, ACCESS_CONTROL_REQUEST_HEADERS, index),
    }
}
