use std::cell::{Cell, OnceCell};
use std::ops::ControlFlow;

use omnicors_adapter::omnicors_core::adapter::{EachValue, RequestField, RequestFields};
use rocket::Request;

/// What a [`ChoiceRequest`](crate::ChoiceRequest), which has an example, reads from a request.
#[derive(Debug)]
pub struct RequestView<'a, 'q> {
    request: &'a Request<'q>,
    /// As in [`RequestMap`].
    host: OnceCell<Option<String>>,
}

impl<'a, 'q> RequestView<'a, 'q> {
    pub(crate) fn new(request: &'a Request<'q>) -> Self {
        let host = OnceCell::new();
        Self { request, host }
    }
}

impl<'q> omnicors_adapter::RequestView for RequestView<'_, 'q> {
    type Extensions<'a>
        = &'a Request<'q>
    where
        Self: 'a;

    fn method(&self) -> &str {
        self.request.method().as_str()
    }

    fn authority(&self) -> Option<&str> {
        let host = || self.request.host().map(ToString::to_string);
        self.host.get_or_init(host).as_deref()
    }

    fn path(&self) -> &str {
        self.request.uri().path().as_str()
    }

    fn query(&self) -> Option<&str> {
        Some(self.request.uri().query()?.as_str())
    }

    fn header(&self, name: &str, index: usize) -> Option<&[u8]> {
        let mut values = self.request.headers().get(name);
        values.nth(index).map(str::as_bytes)
    }

    fn extensions(&self) -> &Request<'q> {
        self.request
    }
}

/// The fields of a request, for the core.
pub(crate) struct RequestMap<'r, 'q> {
    request: &'r Request<'q>,
    /// The host of the request, as Rocket read it: `:authority` with HTTP/2, which is not a header field. Formatted only when the
    /// core reads it.
    host: OnceCell<Option<String>>,
    /// The field that was read last, if it has only one value. The core reads the second value next, and a search takes long.
    single: Cell<Option<RequestField>>,
}

impl<'r, 'q> RequestMap<'r, 'q> {
    pub(crate) fn new(request: &'r Request<'q>) -> Self {
        Self {
            request,
            host: OnceCell::new(),
            single: Cell::new(None),
        }
    }
}

impl RequestFields for RequestMap<'_, '_> {
    fn value(&self, field: RequestField, index: usize) -> Option<&[u8]> {
        if field == RequestField::Authority {
            let host = || self.request.host().map(ToString::to_string);
            let host = self.host.get_or_init(host).as_deref();
            return host.filter(|_| index == 0).map(str::as_bytes);
        }
        if index > 0 && self.single.get() == Some(field) {
            return None;
        }
        let mut values = self.request.headers().get(field.as_str());
        let value = values.nth(index)?;
        if index == 0 && values.next().is_none() {
            self.single.set(Some(field));
        }
        Some(value.as_bytes())
    }

    fn each_value<'a>(&'a self, field: RequestField, each: EachValue<'_, 'a>) -> ControlFlow<()> {
        if field == RequestField::Authority {
            return self.value(field, 0).into_iter().try_for_each(each);
        }
        let values = self.request.headers().get(field.as_str());
        values.map(str::as_bytes).try_for_each(each)
    }
}
