use omnicors_http::RequestHead;
use poem::Request;
use poem::http::Uri;

/// Borrows a request without its body.
#[inline]
pub(crate) fn head(request: &Request) -> RequestHead<'_> {
    // The URI before routes into which this one is nested have removed the start of its path.
    let original = request.original_uri();
    // A request that poem's `Request::builder` or `TestClient` has made does not have one. The path is compared first, because that is
    // cheaper, and most requests are for another path.
    let is_missing = original.path() == "/" && *original == Uri::default();
    RequestHead {
        method: request.method(),
        uri: if is_missing { request.uri() } else { original },
        headers: request.headers(),
        extensions: request.extensions(),
    }
}
