//! What warp tells a filter about a request, put together again.

use std::convert::Infallible;
use std::future::ready;

use http::header::HOST;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, Method, Request, Uri, request};
use warp::path::FullPath;
use warp::{Filter, Rejection};

/// Extracts the head of a request: all but its extensions.
///
/// Header lines are copied, since no filter of warp's lends all of them; and one by one it extracts only the first of several
/// with the same name, where a second `Origin` must be seen.
pub(crate) fn head()
-> impl Filter<Extract = (request::Parts,), Error = Infallible> + Clone + Send + Sync + 'static {
    let query = warp::query::raw()
        .map(Some)
        .or_else(|_: Rejection| ready(Ok::<_, Infallible>((None,))));
    // It rejects what is no host, or two. Then the `Host` line, where there is one, is all that is known.
    let authority =
        warp::host::optional().or_else(|_: Rejection| ready(Ok::<_, Infallible>((None,))));
    warp::method()
        .and(warp::path::full())
        .and(query)
        .and(authority)
        .and(warp::header::headers_cloned())
        .map(
            |method, path: FullPath, query: Option<String>, authority, headers| {
                parts(
                    method,
                    target(path.as_str(), query.as_deref()),
                    authority,
                    headers,
                )
            },
        )
}

fn parts(
    method: Method,
    target: Option<PathAndQuery>,
    authority: Option<Authority>,
    headers: HeaderMap,
) -> request::Parts {
    // HTTP/1 has the host in a line of its own, HTTP/2 in its target.
    let authority = authority.filter(|_| !headers.contains_key(HOST));
    let mut uri = http::uri::Parts::default();
    uri.path_and_query = target;
    // One that names a host must name a scheme, which warp tells no filter. (It has no TLS.)
    uri.scheme = authority.as_ref().map(|_| Scheme::HTTP);
    uri.authority = authority;

    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = method;
    parts.uri = Uri::from_parts(uri).unwrap_or_default();
    parts.headers = headers;
    parts
}

fn target(path: &str, query: Option<&str>) -> Option<PathAndQuery> {
    // It was one before.
    match query {
        Some(query) => PathAndQuery::try_from(format!("{path}?{query}")).ok(),
        None => PathAndQuery::try_from(path).ok(),
    }
}
