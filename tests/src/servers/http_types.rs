//! The application with the types of the crate `http`.

use std::convert::Infallible;

use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use super::application;

/// Returns the application's response to a request with these fields.
pub(super) fn respond(request: &HeaderMap) -> Response<&'static str> {
    let planned = application(request.iter().map(|(name, value)| (name.as_str(), value)));
    let mut response = Response::new(planned.body);
    *response.status_mut() = StatusCode::from_u16(planned.status).expect("the table's own status");
    for (name, value) in planned.fields {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("the table's own name");
        let value = HeaderValue::from_str(&value).expect("the table's own value");
        response.headers_mut().append(name, value);
    }
    response
}

/// The same as a tower service.
pub(super) async fn service<B>(
    request: http::Request<B>,
) -> Result<Response<&'static str>, Infallible> {
    Ok(respond(request.headers()))
}
