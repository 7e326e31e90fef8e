//! Puts a request together from the pieces that warp gives to filters.

use std::convert::Infallible;
use std::future::ready;

use http::header::HOST;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderValue, Method, Request, Uri, request};
use warp::log::Info;
use warp::{Filter, Rejection};

/// A copy of a request, as far as [`warp::log`] shows it: without its query, its authority and its extensions.
pub(crate) struct RequestCopy {
    method: Method,
    /// Empty if the target has none, like that of `CONNECT`. For such a target, all filters of warp that extract a path panic
    /// (warp 0.4.3 with http 1.5); `log` does not.
    path: String,
    headers: HeaderMap,
}

impl RequestCopy {
    pub(crate) fn new(info: &Info<'_>) -> Self {
        Self {
            method: info.method().clone(),
            path: info.path().to_owned(),
            headers: info.request_headers().clone(),
        }
    }

    /// Returns the parts of the request, without its extensions.
    pub(crate) fn into_parts(self, query: Option<&str>, host: RequestHost) -> request::Parts {
        let mut headers = self.headers;
        let authority = match host {
            // HTTP/1 has the host in a field, HTTP/2 in the target.
            RequestHost::Known(authority) => authority.filter(|_| !headers.contains_key(HOST)),
            // The core must not take the `Host` field for the only one.
            RequestHost::Contradictory => {
                headers.append(HOST, HeaderValue::from_static(""));
                None
            }
        };
        let target = target(&self.path, query);
        let mut uri = http::uri::Parts::default();
        // A target with a host and a path must have a scheme, which warp shows to no filter. (It has no TLS.)
        uri.scheme = authority
            .as_ref()
            .and(target.as_ref())
            .map(|_| Scheme::HTTP);
        uri.path_and_query = target;
        uri.authority = authority;

        let (mut parts, ()) = Request::new(()).into_parts();
        parts.method = self.method;
        parts.uri = Uri::from_parts(uri).unwrap_or_default();
        parts.headers = headers;
        parts
    }
}

/// Extracts the query, if there is one.
pub(crate) fn query()
-> impl Filter<Extract = (Option<String>,), Error = Infallible> + Clone + Send + Sync + 'static {
    warp::query::raw()
        .map(Some)
        .or_else(|_: Rejection| ready(Ok((None,))))
}

/// The host that a request is for.
pub(crate) enum RequestHost {
    /// `None` if the request has no host.
    Known(Option<Authority>),
    /// The target and the `Host` field differ, or one is not valid. warp does not show the one of the target then.
    Contradictory,
}

/// Extracts the host that the request is for.
pub(crate) fn host()
-> impl Filter<Extract = (RequestHost,), Error = Infallible> + Clone + Send + Sync + 'static {
    warp::host::optional()
        .map(RequestHost::Known)
        .or_else(|_: Rejection| ready(Ok((RequestHost::Contradictory,))))
}

fn target(path: &str, query: Option<&str>) -> Option<PathAndQuery> {
    // It was valid in the request; or it is empty, and there is none.
    match query {
        Some(query) => PathAndQuery::try_from(format!("{path}?{query}")).ok(),
        None => PathAndQuery::try_from(path).ok(),
    }
}
