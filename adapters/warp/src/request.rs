//! Copies a request from the parts that warp shows to filters.

use std::convert::Infallible;
use std::future::ready;

use http::header::HOST;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderValue, Method, Request, Uri, request};
use warp::log::Info;
use warp::{Filter, Rejection};

/// A copy of the parts of a request that [`warp::log`] shows. The query, the authority and the extensions are missing.
pub(crate) struct RequestCopy {
    method: Method,
    /// Empty if the target has no path, as with `CONNECT`. For such a target, all filters of warp that extract a path panic
    /// (warp 0.4.3 with http 1.5), but `log` does not.
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
            // The host is in a field with HTTP/1, and in the target with HTTP/2.
            RequestHost::Known(authority) => authority.filter(|_| !headers.contains_key(HOST)),
            // A second `Host` field: the core then treats the host as unknown.
            RequestHost::Contradictory => {
                headers.append(HOST, HeaderValue::from_static(""));
                None
            }
        };
        let target = target(&self.path, query);
        let mut uri = http::uri::Parts::default();
        // `Uri` requires a scheme if there is a host and a path. warp does not show the scheme, and does not support TLS.
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
    /// The target and the `Host` field differ, or one of them is not valid. Then warp does not show the target's host.
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
    // Valid, because it is from a request, or empty if the target has no path.
    match query {
        Some(query) => PathAndQuery::try_from(format!("{path}?{query}")).ok(),
        None => PathAndQuery::try_from(path).ok(),
    }
}
