use omnicors_http::RequestHead;
use salvo_core::Request;

/// Returns everything of a request but its body.
#[inline]
pub(crate) fn head(request: &Request) -> RequestHead<'_> {
    RequestHead {
        method: request.method(),
        uri: request.uri(),
        headers: request.headers(),
        extensions: request.extensions(),
    }
}
