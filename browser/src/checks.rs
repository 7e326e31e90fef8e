//! The checks of a response: "CORS check", "TAO check", and the cross-origin resource policy check.

use http::{HeaderMap, HeaderName, header};

use crate::header_list::{HeaderList, isomorphic_decode};
use crate::mode::Mode;
use crate::network_error::CorsFailure;
use crate::request::{Request, Tainting};

/// Returns the header list of a response.
pub(crate) fn header_list(headers: &HeaderMap) -> HeaderList {
    let fields = headers.iter();
    HeaderList::of_response(
        fields.map(|(name, value)| (name.as_str().as_bytes(), value.as_bytes())),
    )
}

/// [CORS check](https://fetch.spec.whatwg.org/#cors-check).
pub(crate) fn cors(request: &Request, headers: &HeaderList) -> Result<(), CorsFailure> {
    let include = request.includes_credentials_mode();
    // Steps 1 and 2.
    let Some(value) = headers.get(b"access-control-allow-origin") else {
        return Err(CorsFailure::AllowOriginMissing);
    };
    // Step 3.
    if !include && value == b"*" {
        return Ok(());
    }
    // Step 4. The standard does not distinguish the failures.
    let origin = request.serialized_origin();
    if origin.as_bytes() != value {
        let text = isomorphic_decode(&value);
        return Err(if value == b"*" {
            CorsFailure::AllowOriginWildcardWithCredentials { origin }
        } else if value.contains(&b',') {
            CorsFailure::AllowOriginMultiple {
                value: text,
                origin,
            }
        } else {
            CorsFailure::AllowOriginMismatch {
                value: text,
                origin,
            }
        });
    }
    // Step 5.
    if !include {
        return Ok(());
    }
    // Steps 6 to 8.
    match headers.get(b"access-control-allow-credentials") {
        Some(value) if value == b"true" => Ok(()),
        Some(value) => Err(CorsFailure::AllowCredentialsNotTrue {
            value: isomorphic_decode(&value),
        }),
        None => Err(CorsFailure::AllowCredentialsMissing),
    }
}

/// [TAO check](https://fetch.spec.whatwg.org/#tao-check).
pub(crate) fn timing_allowed(request: &Request, headers: &HeaderList) -> bool {
    // Step 2.
    if request.timing_allow_failed {
        return false;
    }
    // Steps 3 to 5.
    let values = headers
        .get_decode_and_split(b"timing-allow-origin")
        .unwrap_or_default();
    let origin = request.serialized_origin();
    if values.iter().any(|value| value == "*" || *value == origin) {
        return true;
    }
    // Step 6.
    if request.mode == Mode::Navigate && !request.origin.is_same_origin(&request.current_url) {
        return false;
    }
    // Steps 7 and 8.
    request.tainting == Tainting::Basic
}

/// [Cross-origin resource policy check](https://fetch.spec.whatwg.org/#cross-origin-resource-policy-check), for a page without
/// `Cross-Origin-Embedder-Policy`. Returns the value that forbids the response.
pub(crate) fn resource_policy(request: &Request, headers: &HeaderMap) -> Result<(), String> {
    let Some(value) = header_list(headers).get(b"cross-origin-resource-policy") else {
        return Ok(());
    };
    let allowed = match value.as_slice() {
        b"same-origin" => request.origin.is_same_origin(&request.current_url),
        b"same-site" => {
            let url = &request.current_url;
            request.origin.is_schemelessly_same_site(url)
                && (request.origin.is_https() || url.scheme() != "https")
        }
        _ => true,
    };
    if allowed {
        Ok(())
    } else {
        Err(isomorphic_decode(&value))
    }
}

/// Returns the elements of a list, valid or not.
pub(crate) fn elements(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let values = headers.get_all(name).iter();
    values
        .flat_map(|value| value.as_bytes().split(|&byte| byte == b','))
        .map(|element| String::from_utf8_lossy(element.trim_ascii()).into_owned())
        .filter(|element| !element.is_empty())
        .collect()
}

/// Returns true if `Vary` says that the response depends on `Origin`
/// ([CORS protocol and HTTP caches](https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches)).
pub(crate) fn varies_on_origin(headers: &HeaderMap) -> bool {
    elements(headers, &header::VARY)
        .iter()
        .any(|element| element == "*" || element.eq_ignore_ascii_case("origin"))
}
