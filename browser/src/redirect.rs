//! Redirects: [HTTP-redirect fetch](https://fetch.spec.whatwg.org/#http-redirect-fetch).

use http::{HeaderMap, StatusCode, header};
use url::Url;

use crate::checks;
use crate::engine::Deviation;
use crate::header_list::{Extracted, isomorphic_decode};
use crate::mode::Mode;
use crate::network_error::{NetworkError, RedirectFailure};
use crate::page_origin::same_origin;
use crate::request::{Credentials, ReferrerPolicy, Request, Tainting};

/// Returns true for a [redirect status](https://fetch.spec.whatwg.org/#redirect-status).
pub(crate) fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
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

/// Returns true if a URL [includes credentials](https://url.spec.whatwg.org/#include-credentials).
pub(crate) fn has_user_info(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// [Parse a referrer policy from a `Referrer-Policy` header](https://w3c.github.io/webappsec-referrer-policy/#parse-referrer-policy-from-header):
/// the last policy that is known.
fn referrer_policy(headers: &HeaderMap) -> Option<ReferrerPolicy> {
    let Extracted::Values(tokens) = checks::header_list(headers).extract_tokens(b"referrer-policy")
    else {
        return None;
    };
    let mut policies = tokens.iter().rev();
    policies.find_map(|token| match token.to_ascii_lowercase().as_slice() {
        b"no-referrer" => Some(ReferrerPolicy::NoReferrer),
        b"no-referrer-when-downgrade" => Some(ReferrerPolicy::NoReferrerWhenDowngrade),
        b"same-origin" => Some(ReferrerPolicy::SameOrigin),
        b"origin" | b"origin-when-cross-origin" | b"unsafe-url" => Some(ReferrerPolicy::Origin),
        b"strict-origin" | b"strict-origin-when-cross-origin" => Some(ReferrerPolicy::StrictOrigin),
        _ => None,
    })
}

/// Checks a redirect as if the request had credentials: [`Deviation::ChecksRedirectsForCredentials`].
fn check_for_credentials(request: &Request, headers: &HeaderMap) -> Result<(), RedirectFailure> {
    let starts_at_page = request
        .url_list
        .first()
        .is_some_and(|url| request.origin.is_same_origin(url));
    if !starts_at_page
        || request.tainting != Tainting::Cors
        || request.credentials != Credentials::SameOrigin
        || !request.engine.has(Deviation::ChecksRedirectsForCredentials)
    {
        return Ok(());
    }
    let checked = Request {
        credentials: Credentials::Include,
        ..request.clone()
    };
    checks::cors(&checked, &checks::header_list(headers)).map_err(RedirectFailure::CredentialsCheck)
}

/// [HTTP-redirect fetch](https://fetch.spec.whatwg.org/#http-redirect-fetch), from step 6.
pub(crate) fn redirect(
    request: &mut Request,
    status: StatusCode,
    headers: &HeaderMap,
    location: Url,
) -> Result<(), NetworkError> {
    let error = |failure| Err(NetworkError::Redirect(failure));
    // Step 6.
    if !matches!(location.scheme(), "http" | "https") {
        return error(RedirectFailure::NotHttp(location.scheme().to_owned()));
    }
    // Steps 7 and 8.
    if request.url_list.len() > 20 {
        return error(RedirectFailure::TooMany);
    }
    // Steps 9 and 10.
    let user_info = has_user_info(&location);
    let leaves_page = request.mode == Mode::Cors && !request.origin.is_same_origin(&location);
    let is_rejected = request.mode != Mode::Navigate
        && request.initiator != "XMLHttpRequest"
        && request.engine.has(Deviation::RejectsUserInfo);
    let is_late = request.tainting != Tainting::Cors
        && leaves_page
        && request.engine.has(Deviation::PreflightBeforeUserInfo);
    request.rejected_after_preflight = if user_info && is_late {
        Some(RedirectFailure::UserInfo)
    } else {
        check_for_credentials(request, headers).err()
    };
    if user_info && !is_late && (request.tainting == Tainting::Cors || leaves_page || is_rejected) {
        return error(RedirectFailure::UserInfo);
    }
    let status = status.as_u16();
    // Step 11.
    if status != 303 && request.body.is_some() && request.body_is_stream {
        return error(RedirectFailure::StreamBody);
    }
    let stays = same_origin(&request.current_url, &location);
    request.keeps_origin = stays
        && request.origin_header().is_some()
        && request.engine.has(Deviation::KeepsOriginAfterRedirect);
    if request.engine.has(Deviation::RestoresHeadersAfterRedirect) {
        request.headers = request.page_headers.clone();
    }
    // Step 12.
    let becomes_get = match status {
        301 | 302 => request.method == "POST",
        303 => !matches!(request.method.as_str(), "GET" | "HEAD"),
        _ => false,
    } || (request.method == "DELETE"
        && !stays
        && request.engine.has(Deviation::RedirectsDeleteAsGet));
    if becomes_get {
        request.has_become_get = true;
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
    // Step 13.
    if !stays {
        request.headers.delete(b"authorization");
    }
    // Step 18.
    request.redirect_to(location);
    // Step 19.
    if let Some(policy) = referrer_policy(headers)
        && !request
            .engine
            .has(Deviation::IgnoresReferrerPolicyOfRedirects)
    {
        request.referrer_policy = policy;
    }
    Ok(())
}
