//! [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch): the preflight request, and the check of
//! its response.

use std::time::Duration;

use http::StatusCode;

use crate::checks;
use crate::engine::{Deviation, Engine};
use crate::header_list::{Extracted, HeaderList, isomorphic_decode};
use crate::method;
use crate::mode::Mode;
use crate::network_error::NetworkError;
use crate::request::{Request, Tainting};

/// The methods and headers that the response to a preflight allows, and for how long.
pub(crate) struct Allowance {
    pub(crate) methods: Vec<String>,
    pub(crate) header_names: Vec<Vec<u8>>,
    pub(crate) max_age: Duration,
}

/// Returns the preflight for a request: steps 1 to 5.
pub(crate) fn request(request: &Request) -> Request {
    // Steps 1 and 2.
    let mut headers = HeaderList(vec![(b"Accept".to_vec(), b"*/*".to_vec())]);
    // Step 3.
    headers.append(
        b"Access-Control-Request-Method".to_vec(),
        request.method.clone().into_bytes(),
    );
    // Steps 4 and 5: joined by a comma, without a space.
    let names = request.unsafe_header_names();
    if !names.is_empty() {
        headers.append(
            b"Access-Control-Request-Headers".to_vec(),
            names.join(&b","[..]),
        );
    }
    Request {
        method: "OPTIONS".to_owned(),
        headers,
        body: None,
        body_is_stream: false,
        // A preflight has the default cache mode.
        no_store: false,
        mode: Mode::Cors,
        // The default of a request. A preflight is sent without credentials.
        credentials: crate::request::Credentials::SameOrigin,
        use_cors_preflight: false,
        unsafe_request: false,
        tainting: Tainting::Cors,
        is_preflight: true,
        ..request.clone()
    }
}

/// Returns what the response allows, or the reason why it does not allow the request: steps 7 and 8.
pub(crate) fn check(
    request: &Request,
    status: StatusCode,
    headers: &HeaderList,
) -> Result<Allowance, NetworkError> {
    // The check is made for the actual request, with its credentials mode.
    let checked = Request {
        is_preflight: true,
        ..request.clone()
    };
    checks::cors(&checked, headers).map_err(NetworkError::PreflightCheck)?;
    if !status.is_success() {
        return Err(NetworkError::PreflightStatus(status.as_u16()));
    }
    lists(request, headers)
}

/// Returns what the lists of methods and headers allow, or the reason why they do not allow the request: steps 7.1 to 7.10.
pub(crate) fn lists(request: &Request, headers: &HeaderList) -> Result<Allowance, NetworkError> {
    let include = request.includes_credentials_mode();
    // Steps 7.1 to 7.3. Null is an empty list.
    let methods = headers.extract_tokens(b"access-control-allow-methods");
    let header_names = headers.extract_tokens(b"access-control-allow-headers");
    let methods = match methods {
        Extracted::Failure => {
            return Err(NetworkError::InvalidAllowMethods(invalid_element(
                headers,
                b"access-control-allow-methods",
            )));
        }
        Extracted::Values(methods) => methods
            .iter()
            .map(|method| isomorphic_decode(method))
            .collect(),
        // Step 7.4.
        Extracted::Null if request.use_cors_preflight => vec![request.method.clone()],
        Extracted::Null => Vec::new(),
    };
    let header_names = match header_names {
        Extracted::Failure => {
            return Err(NetworkError::InvalidAllowHeaders(invalid_element(
                headers,
                b"access-control-allow-headers",
            )));
        }
        Extracted::Values(header_names) => header_names,
        Extracted::Null => Vec::new(),
    };
    // Step 7.5.
    if !methods.contains(&request.method)
        && !method::is_safelisted(&request.method)
        && (include || !methods.iter().any(|method| method == "*"))
    {
        return Err(NetworkError::MethodNotAllowed(request.method.clone()));
    }
    let is_named = |name: &[u8]| {
        header_names
            .iter()
            .any(|item| item.eq_ignore_ascii_case(name))
    };
    let has_wildcard = !include && header_names.iter().any(|item| item == b"*");
    // Step 7.6: `Authorization` is the CORS non-wildcard request-header name.
    if request.preflight_headers().contains(b"authorization")
        && !is_named(b"authorization")
        && !(has_wildcard && request.engine.has(Deviation::WildcardCoversAuthorization))
    {
        return Err(NetworkError::HeaderNotAllowed("authorization".to_owned()));
    }
    // Step 7.7.
    for unsafe_name in request.unsafe_header_names() {
        if !is_named(&unsafe_name) && !has_wildcard {
            return Err(NetworkError::HeaderNotAllowed(isomorphic_decode(
                &unsafe_name,
            )));
        }
    }
    Ok(Allowance {
        methods,
        header_names,
        max_age: max_age(headers, request.engine),
    })
}

/// Returns the first element of a list that is not a token.
fn invalid_element(headers: &HeaderList, name: &[u8]) -> String {
    let value = isomorphic_decode(&headers.get(name).unwrap_or_default());
    let mut elements = value
        .split(',')
        .map(|element| element.trim_matches([' ', '\t']));
    let invalid = elements.find(|element| !element.is_empty() && !method::is_method(element));
    invalid.unwrap_or_default().to_owned()
}

/// Returns the max age: steps 7.8 to 7.10.
fn max_age(headers: &HeaderList, engine: Engine) -> Duration {
    let seconds = match headers.extract_delta_seconds(b"access-control-max-age") {
        Extracted::Values(seconds) => seconds,
        Extracted::Null | Extracted::Failure => 5,
    };
    let max_age = Duration::from_secs(seconds);
    engine
        .max_age_limit()
        .map_or(max_age, |limit| max_age.min(limit))
}
