//! The request as it is sent.

use bytes::Bytes;
use http::header::HeaderName;
use http::{HeaderValue, Method, Uri};

use crate::engine::Deviation;
use crate::fetch_metadata;
use crate::mode::Mode;
use crate::network_error::NetworkError;
use crate::request::Request;

/// Returns the request as it is sent, with the page's headers and those that the browser adds.
pub(crate) fn http_request(request: &Request) -> Result<http::Request<Bytes>, NetworkError> {
    let invalid = |what: &str| NetworkError::InvalidRequest(what.to_owned());
    let mut url = request.current_url.clone();
    url.set_fragment(None);
    // These fail only for URLs without a host, which have no user info.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let host = url.host_str().unwrap_or_default().to_owned();
    let host = url
        .port()
        .map_or(host.clone(), |port| format!("{host}:{port}"));
    let uri: Uri = url
        .as_str()
        .parse()
        .map_err(|_| invalid("the URL cannot be sent"))?;
    let method = Method::from_bytes(request.method.as_bytes())
        .map_err(|_| invalid("the method cannot be sent"))?;

    let mut sent = http::Request::new(request.body.clone().unwrap_or_default());
    *sent.method_mut() = method;
    *sent.uri_mut() = uri;
    let headers = sent.headers_mut();
    let mut append = |name: &[u8], value: &[u8]| {
        let name =
            HeaderName::from_bytes(name).map_err(|_| invalid("a header name cannot be sent"))?;
        let value =
            HeaderValue::from_bytes(value).map_err(|_| invalid("a header value cannot be sent"))?;
        headers.append(name, value);
        Ok(())
    };
    append(b"host", host.as_bytes())?;
    for (name, value) in &request.headers.0 {
        append(name, value)?;
    }
    // "HTTP-network-or-cache fetch", steps 8.5 to 8.9: the length of a stream is not known.
    let is_stream = request.body.is_some() && request.body_is_stream;
    if !is_stream && (request.body.is_some() || matches!(request.method.as_str(), "POST" | "PUT")) {
        let length = request.body.as_ref().map_or(0, Bytes::len);
        append(b"content-length", length.to_string().as_bytes())?;
    }
    if let Some(origin) = request.origin_header() {
        append(b"origin", origin.as_bytes())?;
    }
    for (name, value) in fetch_metadata::fields(request) {
        append(name.as_bytes(), value.as_bytes())?;
    }
    if request.include_credentials()
        && let Some(cookie) = request.cookie()
    {
        append(b"cookie", cookie.as_bytes())?;
    }
    // "HTTP-network-or-cache fetch", step 8.16: a page that validates has the cache mode "no-store".
    let validates = [
        &b"if-modified-since"[..],
        b"if-none-match",
        b"if-unmodified-since",
        b"if-match",
        b"if-range",
    ]
    .iter()
    .any(|name| request.headers.contains(name));
    let has_max_age =
        validates && !request.no_store && request.engine.has(Deviation::SendsMaxAgeWithValidators);
    if has_max_age && !request.headers.contains(b"cache-control") {
        append(b"cache-control", b"max-age=0")?;
    }
    // Step 8.18.
    if (request.no_store || validates) && !has_max_age {
        for (name, value) in [("pragma", "no-cache"), ("cache-control", "no-cache")] {
            if !request.headers.contains(name.as_bytes()) {
                append(name.as_bytes(), value.as_bytes())?;
            }
        }
    }
    // Step 8.19.
    if request.headers.contains(b"range") {
        append(b"accept-encoding", b"identity")?;
    }
    if request.mode == Mode::WebSocket {
        for (name, value) in [
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ] {
            append(name.as_bytes(), value.as_bytes())?;
        }
    }
    Ok(sent)
}
