use omnicors_http::RequestHead;
use poem::Request;

/// Borrows a request without its body.
#[inline]
pub(crate) fn head(request: &Request) -> RequestHead<'_> {
    // poem removes the start of the path from `uri` if a route is nested into another one. A request that a test builds has no original.
    let uri = match request.original_uri() {
        original if original.path() == "/" => request.uri(),
        original => original,
    };
    RequestHead {
        method: request.method(),
        uri,
        headers: request.headers(),
        extensions: request.extensions(),
    }
}
