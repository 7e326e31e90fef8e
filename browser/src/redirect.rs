//! Redirects: [HTTP-redirect fetch](https://fetch.spec.whatwg.org/#http-redirect-fetch).

use http::{HeaderMap, StatusCode, header};
use url::Url;

use crate::engine::Deviation;
use crate::header_list::isomorphic_decode;
use crate::network_error::{NetworkError, RedirectFailure};
use crate::page_origin::same_origin;
use crate::request::{Mode, Request, Tainting};

/// Returns true for a [redirect status](https://fetch.spec.whatwg.org/#redirect-status).
pub(crate) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Returns the [location URL](https://fetch.spec.whatwg.org/#concept-response-location-url) of a response.
pub(crate) fn location_url(
    request: &Request,
    headers: &HeaderMap,
) -> Result<Option<Url>, NetworkError> {
    let mut values = headers.get_all(header::LOCATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let text = isomorphic_decode(value.as_bytes());
    let invalid = || NetworkError::Redirect(RedirectFailure::InvalidLocation(text.clone()));
    if values.next().is_some() {
        return Err(invalid());
    }
    let mut url = request.current_url.join(&text).map_err(|_| invalid())?;
    if url.fragment().is_none() {
        url.set_fragment(request.current_url.fragment());
    }
    Ok(Some(url))
}

/// [HTTP-redirect fetch](https://fetch.spec.whatwg.org/#http-redirect-fetch), from step 5.
pub(crate) fn redirect(
    request: &mut Request,
    status: StatusCode,
    location: Url,
) -> Result<(), NetworkError> {
    let error = |failure| Err(NetworkError::Redirect(failure));
    // Step 5.
    if !matches!(location.scheme(), "http" | "https") {
        return error(RedirectFailure::NotHttp(location.scheme().to_owned()));
    }
    // Steps 6 and 7.
    if request.url_list.len() > 20 {
        return error(RedirectFailure::TooMany);
    }
    // Steps 8 and 9.
    let user_info = !location.username().is_empty() || location.password().is_some();
    if user_info
        && (request.tainting == Tainting::Cors
            || (request.mode == Mode::Cors
                && request.engine.has(Deviation::RejectsUserInfoInRedirects))
            || (request.mode == Mode::Cors && !request.origin.is_same_origin(&location)))
    {
        return error(RedirectFailure::UserInfo);
    }
    let status = status.as_u16();
    // Step 10.
    if status != 303 && request.body.is_some() && request.body_is_stream {
        return error(RedirectFailure::StreamBody);
    }
    // Step 11.
    let becomes_get = match status {
        301 | 302 => request.method == "POST",
        303 => !matches!(request.method.as_str(), "GET" | "HEAD"),
        _ => false,
    };
    if becomes_get {
        "GET".clone_into(&mut request.method);
        request.body = None;
        for name in [
            "content-encoding",
            "content-language",
            "content-location",
            "content-type",
        ] {
            request.headers.delete(name.as_bytes());
        }
    }
    // Step 12.
    if !same_origin(&request.current_url, &location) {
        request.headers.delete(b"authorization");
    }
    // Step 18.
    request.redirect_to(location);
    Ok(())
}
