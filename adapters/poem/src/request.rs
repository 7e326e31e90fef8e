use omnicors_http::RequestHead;
use poem::Request;

/// Borrows a request without its body.
#[inline]
pub(crate) fn head(request: &Request) -> RequestHead<'_> {
    // `original_uri` is the URI before routes into which this one is nested have removed the start of its path. A request that poem's
    // `Request::builder` or `TestClient` has made does not have one: then it is `/`. Only the path is compared, because comparing whole URIs is
    // expensive, and nothing is removed from `/`.
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
