use omnicors_http::RequestHead;
use poem::Request;

/// Borrows a request without its body.
#[inline]
pub(crate) fn head(request: &Request) -> RequestHead<'_> {
    RequestHead {
        method: request.method(),
        uri: request.uri(),
        headers: request.headers(),
        extensions: request.extensions(),
    }
}
