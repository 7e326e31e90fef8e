//! The browser's conclusions from a response: "CORS-preflight fetch", "CORS check", "TAO check", and the
//! header list of a CORS filtered response.

use std::collections::BTreeSet;

use super::header_list::{Extracted, HeaderList, isomorphic_decode};
use super::{
    Blocked, CheckFailure, CredentialsMode, PageRequest, ServerResponse, method, request_header,
};

/// <https://fetch.spec.whatwg.org/#cors-preflight-fetch>, steps 7 and 8. `request_headers` are those of the actual request.
pub(super) fn preflight(
    request: &PageRequest,
    request_headers: &HeaderList,
    response: &ServerResponse,
) -> Result<(), Blocked> {
    let response_headers = response.header_list();
    let include = request.credentials == CredentialsMode::Include;

    // Step 7, otherwise step 8. The check uses the credentials mode of the actual request.
    cors(request, &response_headers).map_err(Blocked::PreflightCheck)?;
    if !(200..=299).contains(&response.status) {
        return Err(Blocked::PreflightStatus(response.status));
    }

    // Steps 7.1 to 7.3. Null is an empty list.
    let methods = response_headers.extract_tokens(b"access-control-allow-methods");
    let header_names = response_headers.extract_tokens(b"access-control-allow-headers");
    let methods = match methods {
        Extracted::Failure => return Err(Blocked::AllowMethodsMalformed),
        Extracted::Values(methods) => methods,
        // Step 7.4.
        Extracted::Null if request.use_cors_preflight => {
            vec![request.normalized_method().into_bytes()]
        }
        Extracted::Null => Vec::new(),
    };
    let header_names = match header_names {
        Extracted::Failure => return Err(Blocked::AllowHeadersMalformed),
        Extracted::Values(header_names) => header_names,
        Extracted::Null => Vec::new(),
    };

    // Step 7.5.
    let request_method = request.normalized_method();
    if !methods
        .iter()
        .any(|method| method == request_method.as_bytes())
        && !method::is_safelisted(&request_method)
        && (include || !methods.iter().any(|method| method == b"*"))
    {
        return Err(Blocked::MethodNotAllowed(request_method));
    }

    let is_named = |name: &[u8]| {
        header_names
            .iter()
            .any(|item| item.eq_ignore_ascii_case(name))
    };

    // Step 7.6: the CORS non-wildcard request-header name is `Authorization`.
    for (name, _) in &request_headers.0 {
        if name.eq_ignore_ascii_case(b"authorization") && !is_named(name) {
            return Err(Blocked::HeaderNotAllowed("authorization".to_owned()));
        }
    }

    // Step 7.7.
    for unsafe_name in request_header::unsafe_names(request_headers) {
        if !is_named(&unsafe_name) && (include || !header_names.iter().any(|item| item == b"*")) {
            return Err(Blocked::HeaderNotAllowed(isomorphic_decode(&unsafe_name)));
        }
    }

    // Steps 7.8 to 7.15 fill the cache.
    Ok(())
}

/// <https://fetch.spec.whatwg.org/#cors-check>
pub(super) fn cors(
    request: &PageRequest,
    response_headers: &HeaderList,
) -> Result<(), CheckFailure> {
    let include = request.credentials == CredentialsMode::Include;
    // Steps 1 and 2.
    let Some(origin) = response_headers.get(b"access-control-allow-origin") else {
        return Err(CheckFailure::AllowOriginMissing);
    };
    // Step 3.
    if !include && origin == b"*" {
        return Ok(());
    }
    // Step 4. The standard does not distinguish these failures.
    if request.origin.as_bytes() != origin {
        return Err(if origin == b"*" {
            CheckFailure::AllowOriginWildcardWithCredentials
        } else if origin.contains(&b',') {
            CheckFailure::AllowOriginMultiple(origin)
        } else {
            CheckFailure::AllowOriginMismatch(origin)
        });
    }
    // Step 5.
    if !include {
        return Ok(());
    }
    // Steps 6 to 8.
    match response_headers.get(b"access-control-allow-credentials") {
        Some(credentials) if credentials == b"true" => Ok(()),
        Some(credentials) => Err(CheckFailure::AllowCredentialsNotTrue(credentials)),
        None => Err(CheckFailure::AllowCredentialsMissing),
    }
}

/// <https://fetch.spec.whatwg.org/#concept-tao-check>
pub(super) fn timing_allowed(request: &PageRequest, response_headers: &HeaderList) -> bool {
    // Step 2 does not apply: the flag is set by an earlier response of a redirect.
    // Step 3.
    let values = response_headers
        .get_decode_and_split(b"timing-allow-origin")
        .unwrap_or_default();
    // Steps 4 and 5. Steps 6 and 7 do not apply: the mode and the response tainting are "cors".
    values
        .iter()
        .any(|value| value == "*" || *value == request.origin)
}

/// Returns the header names of the CORS filtered response, sorted and in lower case like those of `Headers`.
pub(super) fn readable_headers(
    request: &PageRequest,
    response_headers: &HeaderList,
) -> Vec<Vec<u8>> {
    let all_names: Vec<Vec<u8>> = response_headers
        .0
        .iter()
        .map(|(name, _)| name.clone())
        .collect();

    // "Main fetch", step 14.1.
    let exposed = match response_headers.extract_tokens(b"access-control-expose-headers") {
        // Step 14.1.2.
        Extracted::Values(header_names)
            if request.credentials != CredentialsMode::Include
                && header_names.iter().any(|name| name == b"*") =>
        {
            all_names.clone()
        }
        // Step 14.1.3: a `*` here is a header name.
        Extracted::Values(header_names) => header_names,
        Extracted::Null | Extracted::Failure => Vec::new(),
    };

    // "Responses", CORS filtered response.
    let readable = all_names
        .into_iter()
        .filter(|name| is_safelisted_response_header(name, &exposed));
    // "Headers", convert header names to a sorted-lowercase set.
    let set: BTreeSet<Vec<u8>> = readable.map(|name| name.to_ascii_lowercase()).collect();
    set.into_iter().collect()
}

/// "Headers", CORS-safelisted response-header name, given a list of header names.
fn is_safelisted_response_header(name: &[u8], list: &[Vec<u8>]) -> bool {
    let safelisted: [&[u8]; 7] = [
        b"cache-control",
        b"content-language",
        b"content-length",
        b"content-type",
        b"expires",
        b"last-modified",
        b"pragma",
    ];
    // "Any item in list that is not a forbidden response-header name."
    let forbidden: [&[u8]; 2] = [b"set-cookie", b"set-cookie2"];
    safelisted
        .iter()
        .any(|safelisted| name.eq_ignore_ascii_case(safelisted))
        || (list.iter().any(|item| name.eq_ignore_ascii_case(item))
            && !forbidden
                .iter()
                .any(|forbidden| name.eq_ignore_ascii_case(forbidden)))
}
