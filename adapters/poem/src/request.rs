use omnicors_http::RequestHead;
use poem::Request;
use poem::http::Uri;

/// Borrows a request without its body, with the path that nested routes have not shortened.
pub(crate) fn whole_head(request: &Request) -> RequestHead<'_> {
    let mut head = head(request);
    let original = request.original_uri();
    // A request that poem's `Request::builder` or `TestClient` has made does not have one.
    if *original != Uri::default() {
        head.uri = original;
    }
    head
}

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
