//! A page and responses for the tests.

#![allow(dead_code, reason = "each test uses a part")]

pub(crate) mod asking;

use bytes::Bytes;
use http::{Request, Response};
use omnicors_browser::Page;

pub(crate) fn page() -> Page {
    Page::new("https://app.example").unwrap()
}

pub(crate) fn respond(status: u16, headers: &[(&str, &str)]) -> Response<Bytes> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Bytes::from_static(b"body")).unwrap()
}

pub(crate) fn origin_of(request: &Request<Bytes>) -> &str {
    request
        .headers()
        .get("origin")
        .map_or("none", |value| value.to_str().unwrap())
}
