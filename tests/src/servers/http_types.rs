//! The application of the table in the types of the crate `http`.

use std::convert::Infallible;

use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use super::application;

/// What the application responds to a request with these lines.
pub(super) fn respond(request: &HeaderMap) -> Response<&'static str> {
    let answer = application(request.iter().map(|(name, value)| (name.as_str(), value)));
    let mut response = Response::new(answer.body);
    *response.status_mut() = StatusCode::from_u16(answer.status).expect("the table's own status");
    for (name, value) in answer.lines {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("the table's own name");
        let value = HeaderValue::from_str(&value).expect("the table's own value");
        response.headers_mut().append(name, value);
    }
    response
}

/// The same as a service of tower's.
pub(super) async fn service<B>(
    request: http::Request<B>,
) -> Result<Response<&'static str>, Infallible> {
    Ok(respond(request.headers()))
}
