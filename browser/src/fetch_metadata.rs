//! [Fetch Metadata](https://w3c.github.io/webappsec-fetch-metadata/): the headers `Sec-Fetch-Dest`, `Sec-Fetch-Mode` and `Sec-Fetch-Site`.

use std::slice;

use url::{Host, Url};

use crate::engine::Deviation;
use crate::mode::Mode;
use crate::page_origin::{is_potentially_trustworthy, same_origin};
use crate::request::Request;

/// Returns the names and values of the headers that a request has.
pub(crate) fn fields(request: &Request) -> Vec<(&'static str, &'static str)> {
    let mode = ("sec-fetch-mode", request.mode.as_str());
    if !is_trusted(request, &request.current_url) {
        let has_mode = request.is_preflight && request.engine.has(Deviation::NamesModeOfPreflights);
        return has_mode.then_some(mode).into_iter().collect();
    }
    if is_omitted(request) {
        return Vec::new();
    }
    vec![
        ("sec-fetch-dest", destination(request)),
        mode,
        ("sec-fetch-site", site(request)),
    ]
}

/// Returns true if the engine takes the URL for potentially trustworthy.
fn is_trusted(request: &Request, url: &Url) -> bool {
    let has_trailing_dot = matches!(url.host(), Some(Host::Domain(host)) if host.ends_with('.'));
    is_potentially_trustworthy(url)
        && !(url.scheme() == "http"
            && has_trailing_dot
            && request.engine.has(Deviation::DistrustsTrailingDot))
}

/// Returns true if the engine sends no `Sec-Fetch-*` to a trustworthy URL, although the standard does.
fn is_omitted(request: &Request) -> bool {
    let after_redirect = request
        .engine
        .has(Deviation::OmitsFetchMetadataAfterRedirect);
    if request.is_preflight {
        let first = request.url_list.first();
        return after_redirect && first.is_some_and(|first| !is_trusted(request, first));
    }
    match request.mode {
        Mode::WebSocket => request
            .engine
            .has(Deviation::OmitsFetchMetadataOfWebSockets),
        Mode::Cors => {
            let is_redirected = matches!(
                request.url_list.as_slice(),
                [.., from, to] if !same_origin(from, to)
            );
            after_redirect && is_redirected
        }
        _ => false,
    }
}

fn destination(request: &Request) -> &'static str {
    let names_web_socket = request.engine.has(Deviation::NamesWebSocketAsDestination);
    if request.mode == Mode::WebSocket && names_web_socket {
        "websocket"
    } else {
        request.destination
    }
}

/// [`Sec-Fetch-Site`](https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header).
fn site(request: &Request) -> &'static str {
    let is_without_origin = request.is_preflight && request.serialized_origin() == "null";
    if is_without_origin && request.engine.has(Deviation::IsCrossSiteWithoutOrigin) {
        return "cross-site";
    }
    let forgets = Deviation::ForgetsRedirectsInPreflight;
    let urls = match request.url_list.as_slice() {
        [.., last] if request.is_preflight && request.engine.has(forgets) => slice::from_ref(last),
        urls => urls,
    };
    let mut others = urls
        .iter()
        .filter(|url| !request.origin.is_same_origin(url))
        .peekable();
    if others.peek().is_none() {
        "same-origin"
    } else if others.all(|url| is_same_site(request, url))
        && !(urls.len() > 1
            && urls.iter().any(|url| url.scheme() == "http")
            && request.engine.has(Deviation::IsCrossSiteAfterRedirect))
    {
        "same-site"
    } else {
        "cross-site"
    }
}

fn is_same_site(request: &Request, url: &Url) -> bool {
    let is_separated = matches!(url.host(), Some(Host::Ipv6(_)))
        && request.engine.has(Deviation::SeparatesPortsOfIpv6);
    !is_separated && request.origin.is_same_site(url)
}
