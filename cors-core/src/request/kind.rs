/// The kind of a request in the CORS protocol (Fetch, [HTTP requests](https://fetch.spec.whatwg.org/#http-requests)).
///
/// This enum is exhaustive.
///
/// ```
/// use omnicors_core::{RequestKind, RequestParts};
///
/// let get = RequestParts::new("GET");
/// assert_eq!(get.kind(), RequestKind::NonCors);
/// assert_eq!(get.origin("https://example.com").kind(), RequestKind::Actual);
///
/// let options = RequestParts::new("OPTIONS").origin("https://example.com").request_method("PUT");
/// assert_eq!(options.kind(), RequestKind::Preflight);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestKind {
    /// A request without `Origin`.
    NonCors,
    /// A [CORS-preflight request](https://fetch.spec.whatwg.org/#cors-preflight-request): the method is `OPTIONS`, and there are the
    /// fields `Origin` and `Access-Control-Request-Method`.
    Preflight,
    /// Any other request with `Origin`. This includes `OPTIONS` without `Access-Control-Request-Method`, which the application
    /// handles.
    Actual,
}
