//! What to change on the server after a failed check. Other errors say it themselves.

use http::{HeaderMap, HeaderName, StatusCode, header};

use crate::checks;
use crate::exchange::{Exchange, ExchangeKind};
use crate::network_error::{CorsFailure, NetworkError};
use crate::request::Request;

/// Returns sentences about what to change. A cause that does not follow from the response is called probable.
pub(crate) fn suggestion(
    error: &NetworkError,
    request: &Request,
    exchanges: &[Exchange],
) -> Option<String> {
    let last = exchanges.last()?.response()?;
    let (status, headers) = (last.status(), last.headers());
    match error {
        NetworkError::PreflightStatus(_) => redirected_preflight(status, headers),
        // Whatever its headers are, a redirect of a preflight is not followed.
        NetworkError::PreflightCheck(failure) => redirected_preflight(status, headers)
            .map(|advice| {
                format!(
                    "`OPTIONS` got {}, and browsers do not follow a redirect of a preflight. {advice}",
                    status.as_u16()
                )
            })
            .or_else(|| null_origin(failure, request))
            .or_else(|| check(failure, headers))
            .or_else(|| Some(preflight_without_origin(status, request))),
        NetworkError::CorsCheck(CorsFailure::AllowOriginMissing) => {
            Some(response_without_origin(status, request, exchanges))
        }
        NetworkError::CorsCheck(failure) => {
            null_origin(failure, request).or_else(|| check(failure, headers))
        }
        // Fetch, "CORS-preflight fetch", steps 7.5 to 7.7: https://fetch.spec.whatwg.org/#cors-preflight-fetch
        NetworkError::MethodNotAllowed(method) => {
            has_wildcard(headers, &header::ACCESS_CONTROL_ALLOW_METHODS).then(|| {
                format!("With credentials, `*` is not a wildcard: list `{method}` on the server.")
            })
        }
        NetworkError::HeaderNotAllowed(name) => {
            has_wildcard(headers, &header::ACCESS_CONTROL_ALLOW_HEADERS).then(|| {
                if request.includes_credentials_mode() {
                    format!("With credentials, `*` is not a wildcard: list `{name}` on the server.")
                } else {
                    format!("`*` does not allow `{name}`: list it on the server as well.")
                }
            })
        }
        _ => None,
    }
}

/// [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch), step 7: a redirect is not an ok status.
fn redirected_preflight(status: StatusCode, headers: &HeaderMap) -> Option<String> {
    let location = headers.get(header::LOCATION)?;
    status.is_redirection().then(|| {
        format!(
            "In the page, fetch the target of the redirect, which has `Location: {}`. If the target is a login, the server must respond to \
             preflights with 204 and CORS headers before authentication.",
            String::from_utf8_lossy(location.as_bytes())
        )
    })
}

fn preflight_without_origin(status: StatusCode, request: &Request) -> String {
    let origin = request.serialized_origin();
    let responder = match status.as_u16() {
        200..=299 => {
            return format!(
                "Either no CORS layer has responded to `OPTIONS`, or the CORS layer does not allow the origin `{origin}`."
            );
        }
        300..=399 => "a redirect",
        401 => "authentication",
        403 => {
            return format!(
                "`OPTIONS` got 403, probably from a CORS layer that does not allow the origin `{origin}`, or from authentication. \
                 The server must allow the origin, and must respond to preflights with 204 and CORS headers before authentication."
            );
        }
        404 | 405 => "routing",
        _ => "an error of the server",
    };
    format!(
        "`OPTIONS` got {}, probably from {responder}. The server must respond to preflights with 204 and CORS headers before that: \
         make a CORS layer that allows the origin `{origin}` the outermost layer.",
        status.as_u16()
    )
}

fn response_without_origin(
    status: StatusCode,
    request: &Request,
    exchanges: &[Exchange],
) -> String {
    let origin = request.serialized_origin();
    let method = &request.method;
    let had_preflight = exchanges
        .iter()
        .any(|exchange| exchange.kind() == ExchangeKind::Preflight);
    if status.is_client_error() || status.is_server_error() {
        format!(
            "`{method}` got {}, probably from a part of the server outside the CORS layer, or from a server without one. Error responses need CORS \
             headers too: make a CORS layer that allows the origin `{origin}` the outermost layer.",
            status.as_u16()
        )
    } else if status.is_redirection() {
        format!(
            "`{method}` got {}. A redirect needs CORS headers too: make a CORS layer that allows the origin `{origin}` the outermost \
             layer. Or fetch the target of the redirect.",
            status.as_u16()
        )
    } else if had_preflight {
        format!(
            "The preflight was allowed: the server must send `Access-Control-Allow-Origin: {origin}` with the response to \
             {method} as well."
        )
    } else {
        format!(
            "Either the URL has no CORS layer, or its CORS layer does not allow the origin `{origin}`."
        )
    }
}

/// Returns what to change if the value would have to be `null`, which a server should not allow: any site can send it.
fn null_origin(failure: &CorsFailure, request: &Request) -> Option<String> {
    let (CorsFailure::AllowOriginMismatch { origin, .. }
    | CorsFailure::AllowOriginWildcardWithCredentials { origin }) = failure
    else {
        return None;
    };
    if origin != "null" {
        return None;
    }
    Some(if request.origin.is_opaque() {
        "The page has no origin, because it is a file, a sandboxed frame or a `data:` URL: open it from a server. A server that allows \
         `null` allows any site."
            .to_owned()
    } else {
        "A redirect to another origin has made the origin `null`: fetch the target of the redirect in the page. A server that allows \
         `null` allows any site."
            .to_owned()
    })
}

fn check(failure: &CorsFailure, headers: &HeaderMap) -> Option<String> {
    const IN_PAGE: &str = "or leave out `credentials: \"include\"` in the page";
    Some(match failure {
        CorsFailure::AllowOriginMissing => return None,
        CorsFailure::AllowOriginWildcardWithCredentials { origin } => format!(
            "The server must list the origin `{origin}` instead of allowing any origin, and allow credentials; {IN_PAGE}."
        ),
        CorsFailure::AllowOriginMultiple { .. } => {
            let fields = headers.get_all(header::ACCESS_CONTROL_ALLOW_ORIGIN);
            if fields.iter().count() > 1 {
                "The header is sent more than once, probably by two CORS layers, or by the server and a proxy: remove one of them."
                    .to_owned()
            } else {
                "A list of origins is not valid: the server must compare `Origin` with its list, and send back only this origin."
                    .to_owned()
            }
        }
        CorsFailure::AllowOriginMismatch { origin, .. } if is_stored_for_another(headers) => {
            format!(
                "A cache has probably stored this response for a page of another origin. If the server allows the origin `{origin}`, it must \
                 send `Vary: Origin` with every response, and the cache must be emptied."
            )
        }
        CorsFailure::AllowOriginMismatch { origin, .. } => {
            format!("The server must allow the origin `{origin}`, in exactly this spelling.")
        }
        CorsFailure::AllowCredentialsMissing | CorsFailure::AllowCredentialsNotTrue { .. } => {
            format!(
                "The server must allow credentials, in the responses to preflights too; {IN_PAGE}."
            )
        }
    })
}

/// Returns true for a response of a cache that does not know that the response depends on the origin
/// ([CORS protocol and HTTP caches](https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches)).
fn is_stored_for_another(headers: &HeaderMap) -> bool {
    let is_hit = |value: &http::HeaderValue| {
        let value = value.to_str().unwrap_or_default().to_ascii_lowercase();
        value.contains("hit")
    };
    let is_stored = headers.contains_key(header::AGE)
        || ["x-cache", "cf-cache-status", "cache-status"]
            .iter()
            .any(|name| headers.get(*name).is_some_and(is_hit));
    let allow_origin = headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
    let is_origin = allow_origin.is_some_and(|value| value.as_bytes().starts_with(b"http"));
    is_stored && is_origin && !checks::varies_on_origin(headers)
}

/// Returns true if an element of a list is `*`.
fn has_wildcard(headers: &HeaderMap, name: &HeaderName) -> bool {
    checks::elements(headers, name)
        .iter()
        .any(|element| element == "*")
}
