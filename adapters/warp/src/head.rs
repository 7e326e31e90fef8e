//! What warp tells a filter about a request, put together again.

use std::convert::Infallible;
use std::future::ready;

use http::header::HOST;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, Method, Request, Uri, request};
use warp::log::Info;
use warp::{Filter, Rejection};

/// What `warp::log` is told of a request, copied: the head but for parts of the target.
pub(crate) struct Lent {
    method: Method,
    /// Empty where the target has none, as that of `CONNECT` has not: there, all of warp's filters that extract a path panic
    /// (warp 0.4.3 with http 1.5). `log` does not.
    path: String,
    headers: HeaderMap,
}

impl Lent {
    pub(crate) fn new(info: &Info<'_>) -> Self {
        Self {
            method: info.method().clone(),
            path: info.path().to_owned(),
            headers: info.request_headers().clone(),
        }
    }

    /// The head of the request: all but its extensions.
    pub(crate) fn with(self, query: Option<&str>, authority: Option<Authority>) -> request::Parts {
        let target = target(&self.path, query);
        // HTTP/1 has the host in a line of its own, HTTP/2 in its target.
        let authority = authority.filter(|_| !self.headers.contains_key(HOST));
        let mut uri = http::uri::Parts::default();
        // One that names a host and a path must name a scheme, which warp tells no filter. (It has no TLS.)
        uri.scheme = authority
            .as_ref()
            .and(target.as_ref())
            .map(|_| Scheme::HTTP);
        uri.path_and_query = target;
        uri.authority = authority;

        let (mut parts, ()) = Request::new(()).into_parts();
        parts.method = self.method;
        parts.uri = Uri::from_parts(uri).unwrap_or_default();
        parts.headers = self.headers;
        parts
    }
}

/// Extracts the query, where there is one.
pub(crate) fn query()
-> impl Filter<Extract = (Option<String>,), Error = Infallible> + Clone + Send + Sync + 'static {
    warp::query::raw()
        .map(Some)
        .or_else(|_: Rejection| ready(Ok((None,))))
}

/// Extracts the host that the request is for, where it is known. warp rejects what is no host, or two: then the `Host` line,
/// where there is one, is all that is known.
pub(crate) fn authority()
-> impl Filter<Extract = (Option<Authority>,), Error = Infallible> + Clone + Send + Sync + 'static {
    warp::host::optional().or_else(|_: Rejection| ready(Ok((None,))))
}

fn target(path: &str, query: Option<&str>) -> Option<PathAndQuery> {
    // It was one before; or there is none.
    match query {
        Some(query) => PathAndQuery::try_from(format!("{path}?{query}")).ok(),
        None => PathAndQuery::try_from(path).ok(),
    }
}
