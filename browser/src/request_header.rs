//! The request headers that a page may set, and those that need a preflight (Fetch, "Headers").

use std::collections::BTreeSet;

use super::header_list::{
    HeaderList, decode_and_split, is_token, isomorphic_decode, isomorphic_encode,
};
use super::method;

/// Returns true for a [forbidden request-header](https://fetch.spec.whatwg.org/#forbidden-request-header).
pub(crate) fn is_forbidden(name: &[u8], value: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    // Step 1.
    let forbidden = [
        "accept-charset",
        "accept-encoding",
        "access-control-request-headers",
        "access-control-request-method",
        "connection",
        "content-length",
        "cookie",
        "cookie2",
        "date",
        "dnt",
        "expect",
        "host",
        "keep-alive",
        "origin",
        "referer",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
    ];
    if forbidden
        .iter()
        .any(|forbidden| name == forbidden.as_bytes())
    {
        return true;
    }
    // Step 2.
    if name.starts_with(b"proxy-") || name.starts_with(b"sec-") {
        return true;
    }
    // Step 3.
    let overriding = [
        "x-http-method",
        "x-http-method-override",
        "x-method-override",
    ];
    if overriding
        .iter()
        .any(|overriding| name == overriding.as_bytes())
    {
        // Steps 3.1 and 3.2.
        return decode_and_split(value)
            .iter()
            .any(|parsed| method::is_forbidden(parsed));
    }
    // Step 4.
    false
}

/// Returns the [CORS-unsafe request-header names](https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names).
pub(crate) fn unsafe_names(headers: &HeaderList) -> Vec<Vec<u8>> {
    // Steps 1 to 3.
    let mut unsafe_names = Vec::new();
    let mut potentially_unsafe_names = Vec::new();
    let mut safelist_value_size = 0;
    // Step 4.
    for (name, value) in &headers.0 {
        if is_safelisted(name, value) {
            // Step 4.2.
            potentially_unsafe_names.push(name);
            safelist_value_size += value.len();
        } else {
            // Step 4.1.
            unsafe_names.push(name);
        }
    }
    // Step 5.
    if safelist_value_size > 1024 {
        unsafe_names.extend(potentially_unsafe_names);
    }
    // Step 6: convert header names to a sorted-lowercase set.
    let set: BTreeSet<Vec<u8>> = unsafe_names
        .into_iter()
        .map(|name| name.to_ascii_lowercase())
        .collect();
    set.into_iter().collect()
}

/// Returns true for a [CORS-safelisted request-header](https://fetch.spec.whatwg.org/#cors-safelisted-request-header).
pub(crate) fn is_safelisted(name: &[u8], value: &[u8]) -> bool {
    // Step 1.
    if value.len() > 128 {
        return false;
    }
    // Step 2.
    match name.to_ascii_lowercase().as_slice() {
        b"accept" => {
            if value.iter().any(|&byte| is_unsafe_byte(byte)) {
                return false;
            }
        }
        b"accept-language" | b"content-language" => {
            let language = |byte: &u8| byte.is_ascii_alphanumeric() || b" *,-.;=".contains(byte);
            if !value.iter().all(language) {
                return false;
            }
        }
        b"content-type" => {
            // Step 1.
            if value.iter().any(|&byte| is_unsafe_byte(byte)) {
                return false;
            }
            // Steps 2 to 4.
            if !has_safelisted_essence(&isomorphic_decode(value)) {
                return false;
            }
        }
        b"range" => {
            // Steps 1 to 3.
            match parse_single_range(&isomorphic_decode(value)) {
                None | Some((None, _)) => return false,
                Some((Some(_), _)) => {}
            }
        }
        _ => return false,
    }
    // Step 3.
    true
}

/// Returns true for a `Content-Type` whose essence is one of the three that need no preflight.
pub(crate) fn has_safelisted_essence(content_type: &str) -> bool {
    let essence = mime_essence(content_type).unwrap_or_default();
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/plain",
    ]
    .contains(&essence.as_str())
}

/// Returns true for a [CORS-unsafe request-header byte](https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte).
fn is_unsafe_byte(byte: u8) -> bool {
    (byte < 0x20 && byte != 0x09) || b"\"():<>?@[\\]{}\x7F".contains(&byte)
}

/// Returns the essence of a MIME type: MIME Sniffing, "parse a MIME type". Text after the subtype does not make it fail.
fn mime_essence(input: &str) -> Option<String> {
    let http_whitespace = ['\n', '\r', '\t', ' '];
    // Step 1.
    let input = input.trim_matches(http_whitespace);
    // Steps 2, 3, 5 and 6: without a slash, the position is past the end.
    let (kind, rest) = input.split_once('/')?;
    // Steps 7 and 8.
    let subtype = rest
        .split(';')
        .next()
        .unwrap_or_default()
        .trim_end_matches(http_whitespace);
    // Steps 4 and 9.
    for part in [kind, subtype] {
        if !isomorphic_encode(part).is_some_and(|part| is_token(&part)) {
            return None;
        }
    }
    // Step 10.
    Some(format!(
        "{}/{}",
        kind.to_ascii_lowercase(),
        subtype.to_ascii_lowercase()
    ))
}

/// The algorithm "parse a single range header value", with allowWhitespace false. Numbers are kept as digits, so no number is too large.
fn parse_single_range(data: &str) -> Option<(Option<&str>, Option<&str>)> {
    // Steps 2 to 6.
    let data = data.strip_prefix("bytes")?.strip_prefix('=')?;
    // Steps 8 and 9.
    let (start, data) = collect_digits(data);
    // Steps 11 and 12.
    let data = data.strip_prefix('-')?;
    // Steps 14 and 15.
    let (end, data) = collect_digits(data);
    // Step 16.
    if !data.is_empty() {
        return None;
    }
    // Step 17.
    if start.is_none() && end.is_none() {
        return None;
    }
    // Step 18.
    if let (Some(start), Some(end)) = (start, end)
        && is_greater(start, end)
    {
        return None;
    }
    // Step 19.
    Some((start, end))
}

/// Returns true for a single range that ends before it starts, such as `bytes=5-1`: "parse a single range header value", step 18.
pub(crate) fn is_reversed_range(data: &str) -> bool {
    let Some((start, end)) = data
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return false;
    };
    let is_number = |text: &str| matches!(collect_digits(text), (Some(_), ""));
    is_number(start) && is_number(end) && is_greater(start, end)
}

fn collect_digits(data: &str) -> (Option<&str>, &str) {
    let end = data.find(|code_point: char| !code_point.is_ascii_digit());
    let (digits, rest) = data.split_at(end.unwrap_or(data.len()));
    ((!digits.is_empty()).then_some(digits), rest)
}

fn is_greater(left: &str, right: &str) -> bool {
    let (left, right) = (left.trim_start_matches('0'), right.trim_start_matches('0'));
    (left.len(), left) > (right.len(), right)
}

#[cfg(test)]
#[path = "request_header/tests.rs"]
mod tests;
