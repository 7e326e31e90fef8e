use std::borrow::Cow;

use omnicors_adapter::ResponseFieldMap;
use omnicors_adapter::omnicors_core::ResponseHeaderName;
use rocket::Response;
use rocket::http::Status;
use rocket::tokio::io::empty;

/// The fields of a decision to forward a request, kept until the application has responded.
pub(crate) type ForwardHeaders = omnicors_adapter::ForwardHeaders<Cow<'static, str>>;

/// Sets the status of a response and removes its body.
pub(crate) fn set_status_without_body(response: &mut Response<'_>, status: u16) {
    response.set_status(Status::new(status));
    if response.status() == Status::NoContent {
        // A 204 must not have `Content-Length`, which Rocket 0.5.1 sends for every body with a known length:
        // https://www.rfc-editor.org/rfc/rfc9110#section-8.6
        response.set_streamed_body(empty());
    } else {
        drop(response.body_mut().take());
    }
}

/// The header fields of a response.
pub(crate) struct Fields<'a, 'r>(pub(crate) &'a mut Response<'r>);

impl ResponseFieldMap for Fields<'_, '_> {
    type Value = Cow<'static, str>;

    fn constant(text: &'static str) -> Cow<'static, str> {
        text.into()
    }

    fn owned(text: String) -> Option<Cow<'static, str>> {
        Some(text.into())
    }

    fn bytes<'v>(value: &'v Cow<'static, str>) -> &'v [u8] {
        value.as_bytes()
    }

    fn each_name(&self, mut visit: impl FnMut(&str)) {
        let fields = self.0.headers().iter();
        fields.for_each(|field| visit(field.name.as_str()));
    }

    fn values(&self, name: ResponseHeaderName) -> impl Iterator<Item = &[u8]> {
        self.0.headers().get(name.as_str()).map(str::as_bytes)
    }

    fn remove(&mut self, name: ResponseHeaderName) {
        self.0.remove_header(name.as_str());
    }

    fn insert(&mut self, name: ResponseHeaderName, value: Cow<'static, str>) -> Option<()> {
        self.0.set_raw_header(name.as_str(), value);
        Some(())
    }

    fn append(&mut self, name: ResponseHeaderName, value: Cow<'static, str>) -> Option<()> {
        self.0.adjoin_raw_header(name.as_str(), value);
        Some(())
    }
}
