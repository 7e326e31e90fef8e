//! What warp tells a filter about a request, put together again.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::ready;

use http::header::HOST;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, Method, Request, Uri, request};
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
        .and(full_path())
        .and(query)
        .and(authority)
        .and(warp::header::headers_cloned())
        .map(
            |method, path: String, query: Option<String>, authority, headers| {
                parts(method, target(&path, query.as_deref()), authority, headers)
            },
        )
}

thread_local! {
    /// From the one closure of `full_path` to the other, which is called next.
    static PATH: Cell<String> = const { Cell::new(String::new()) };
}

/// Extracts the path, empty where the target has none, as that of `CONNECT` has not: there, `warp::path::full` panics
/// (warp 0.4.3 with http 1.5), and so do all of warp's filters that extract a path. But `log` is told it, too.
fn full_path()
-> impl Filter<Extract = (String,), Error = Infallible> + Clone + Send + Sync + 'static {
    warp::any()
        .map(warp::reply)
        .with(warp::log::custom(|info| PATH.set(info.path().to_owned())))
        .map(|_| PATH.take())
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
    // One that names a host and a path must name a scheme, which warp tells no filter. (It has no TLS.)
    uri.scheme = authority
        .as_ref()
        .and(target.as_ref())
        .map(|_| Scheme::HTTP);
    uri.path_and_query = target;
    uri.authority = authority;

    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = method;
    parts.uri = Uri::from_parts(uri).unwrap_or_default();
    parts.headers = headers;
    parts
}

fn target(path: &str, query: Option<&str>) -> Option<PathAndQuery> {
    // It was one before; or there is none.
    match query {
        Some(query) => PathAndQuery::try_from(format!("{path}?{query}")).ok(),
        None => PathAndQuery::try_from(path).ok(),
    }
}
