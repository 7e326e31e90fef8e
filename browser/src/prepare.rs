//! Checks a request as a whole, and adds the headers that the browser adds before it is fetched.

use bytes::Bytes;

use crate::api::Api;
use crate::engine::Deviation;
use crate::header_list::HeaderList;
use crate::method;
use crate::mode::Mode;
use crate::network_error::NetworkError;
use crate::redirect::has_user_info;
use crate::request::{Credentials, Redirect, Request};
use crate::request_header;

/// The largest number of bytes of a beacon: the limit of requests with keepalive
/// ([HTTP-network-or-cache fetch](https://fetch.spec.whatwg.org/#http-network-or-cache-fetch), step 8.10.5).
const MAX_BEACON: usize = 65_536;

/// Checks the conditions of `fetch()` that depend on several settings, and adds the headers that it adds.
pub(crate) fn prepare(request: &mut Request) -> Result<(), NetworkError> {
    let invalid = |reason: &str| Err(NetworkError::InvalidRequest(reason.to_owned()));
    if request.mode == Mode::WebSocket {
        prepare_handshake(request);
    }
    let scheme = request.current_url.scheme();
    if !matches!(scheme, "http" | "https") {
        return Err(NetworkError::NotHttp(scheme.to_owned()));
    }
    if request.is_xml_http_request() {
        prepare_xml_http_request(request)?;
    }
    // The steps of "Request class", constructor: https://fetch.spec.whatwg.org/#dom-request
    if matches!(request.mode, Mode::Cors | Mode::SameOrigin | Mode::NoCors) {
        // Step 5.3: a URL with user info throws.
        // An `XMLHttpRequest` and elements do not use the constructor.
        if request.is_of_fetch() && has_user_info(&request.current_url) {
            return invalid("the URL contains a user name or a password");
        }
        // Step 35.
        if request.body.is_some() && matches!(request.method.as_str(), "GET" | "HEAD") {
            return invalid("GET and HEAD cannot have a body");
        }
    }
    // Beacon, "processing model": https://w3c.github.io/beacon/#sec-processing-model
    let length = request.body.as_ref().map_or(0, Bytes::len);
    if request.api == Api::Beacon
        && length > MAX_BEACON
        && !request.engine.has(Deviation::SendsLongBeacons)
    {
        return invalid(&format!(
            "`sendBeacon` returns false, because the body has {length} bytes, more than {MAX_BEACON}"
        ));
    }
    if request.mode == Mode::NoCors {
        // Step 32.1.
        if !method::is_safelisted(&request.method) {
            return invalid("with the mode `no-cors` the method must be GET, HEAD or POST");
        }
        // Step 33.
        request.headers = no_cors_headers(&request.headers);
        // Step 39.2.
        if request.body_is_stream {
            return invalid("with the mode `no-cors` the body cannot be a stream");
        }
    }
    // Step 39.3, and the upload listener flag of `XMLHttpRequest`: https://xhr.spec.whatwg.org/#upload-listener-flag
    request.use_cors_preflight = request.upload_listener || request.body_is_stream;
    add_accept(request);
    Ok(())
}

/// [Establish a WebSocket connection](https://websockets.spec.whatwg.org/#concept-websocket-establish): the URL has the scheme http
/// instead of ws, and https instead of wss. No response comes from a cache.
fn prepare_handshake(request: &mut Request) {
    let scheme = match request.current_url.scheme() {
        "ws" => "http",
        "wss" => "https",
        other => other,
    };
    let mut url = request.current_url.clone();
    // This cannot fail between these schemes.
    let _ = url.set_scheme(scheme);
    request.url_list = vec![url.clone()];
    request.current_url = url;
    request.no_store = true;
    request.redirect = Redirect::Error;
}

/// Rejects settings that an `XMLHttpRequest` does not have, and makes its headers and body those that
/// [`send()`](https://xhr.spec.whatwg.org/#the-send()-method) sends.
fn prepare_xml_http_request(request: &mut Request) -> Result<(), NetworkError> {
    // In `send()`, the mode is "cors", the redirect mode is not set, and the credentials mode is "include" or "same-origin". A body is
    // not a stream. With an upload listener, `omit` is accepted for tests of preflights in each credentials mode.
    let unknown = [
        (request.mode != Mode::Cors, "the mode"),
        (request.redirect != Redirect::Follow, "the redirect mode"),
        (request.body_is_stream, "a body that is a stream"),
        (
            request.credentials == Credentials::Omit && !request.upload_listener,
            "the credentials mode `omit`",
        ),
    ];
    if let Some((_, what)) = unknown.iter().find(|(is_set, _)| *is_set) {
        return Err(NetworkError::InvalidRequest(format!(
            "an `XMLHttpRequest` does not let the page set {what}; only `fetch()` does"
        )));
    }
    // `setRequestHeader()` combines: https://xhr.spec.whatwg.org/#the-setrequestheader()-method
    request.headers = request.headers.combined();
    // `send()`, step 3.
    if matches!(request.method.as_str(), "GET" | "HEAD") {
        request.body = None;
    }
    Ok(())
}

/// [append](https://fetch.spec.whatwg.org/#concept-headers-append) each header to an object with the guard "request-no-cors".
fn no_cors_headers(headers: &HeaderList) -> HeaderList {
    let mut kept = HeaderList::default();
    for (name, value) in &headers.0 {
        // Steps 3.1 to 3.3: the values so far and this one, combined.
        let combined = match kept.get(name) {
            Some(earlier) => [&earlier[..], value].join(&b", "[..]),
            None => value.clone(),
        };
        // Step 3.4.
        let has_safe_name = [
            &b"accept"[..],
            b"accept-language",
            b"content-language",
            b"content-type",
        ]
        .iter()
        .any(|safe| name.eq_ignore_ascii_case(safe));
        if has_safe_name && request_header::is_safelisted(name, &combined) {
            kept.append(name.clone(), value.clone());
        }
    }
    kept
}

/// [Fetch](https://fetch.spec.whatwg.org/#concept-fetch), step 12: adds `Accept`.
fn add_accept(request: &mut Request) {
    if request.headers.contains(b"accept") {
        return;
    }
    let accept = match request.mode {
        Mode::Navigate => "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        _ if request.destination == "image" => "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
        _ => "*/*",
    };
    request.headers.append(b"accept".to_vec(), accept.into());
}
