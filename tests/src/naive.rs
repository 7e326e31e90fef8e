//! A naive matcher of origin patterns, as an oracle for the fast one.
//!
//! It splits and compares one pattern at a time. It is simple and slow. The `url` crate, an independent implementation of
//! the URL standard, decides which http and https origins exist.
//!
//! A pattern is `*` (any origin, `null` included), an origin, `scheme://*` for a scheme that is neither http nor https, or
//! `http(s)://host[:port]`, where
//! * the host may begin with `*.`, for one or more whole labels;
//! * or the first label may contain one `*` and other characters, for one or more characters of that label;
//! * the port may be `*`, for any port, including the default one.
//!
//! Nothing else in a pattern is special. A pattern that is not in the form of an origin (`https://EXAMPLE.com`,
//! `https://a.*.com`) matches nothing.

use std::net::Ipv4Addr;

use url::Url;

/// Returns true if any of the patterns matches the origin.
pub fn any_matches(patterns: &[impl AsRef<str>], origin: &[u8]) -> bool {
    patterns
        .iter()
        .any(|pattern| pattern_matches(pattern.as_ref(), origin))
}

/// Returns true if the pattern matches the origin, given as the bytes of an `Origin` field.
#[must_use]
pub fn pattern_matches(pattern: &str, origin: &[u8]) -> bool {
    if !is_origin(origin) {
        return false;
    }
    if pattern == "*" {
        return true;
    }
    if !pattern.contains('*') {
        return pattern.as_bytes() == origin;
    }
    let Some((scheme, rest)) = pattern.split_once("://") else {
        return false;
    };
    let is_of_scheme = origin.starts_with(format!("{scheme}://").as_bytes());
    if !is_web(scheme) {
        return rest == "*" && is_of_scheme && !is_opaque(origin);
    }
    let origin = std::str::from_utf8(origin).ok();
    let (Some(origin), Some(pattern)) = (origin.and_then(split), split(pattern)) else {
        return false;
    };
    pattern.scheme == origin.scheme
        && host_matches(pattern.host, origin.host)
        && (pattern.port == Some("*") || pattern.port == origin.port)
}

/// Returns true if a browser may send these bytes as an origin: `null` and `file://`, a serialization of the URL standard for http
/// and https, or any other scheme with visible ASCII characters that do not end a host.
#[must_use]
pub fn is_origin(bytes: &[u8]) -> bool {
    if is_opaque(bytes) {
        return true;
    }
    let text = std::str::from_utf8(bytes).ok();
    let split = text.and_then(|text| Some((text, text.split_once("://")?)));
    let Some((text, (scheme, rest))) = split.filter(|_| bytes.len() <= 512) else {
        return false;
    };
    if is_web(scheme) {
        return is_serialized(text);
    }
    is_scheme(scheme)
        && !rest.is_empty()
        && rest
            .chars()
            .all(|c| c.is_ascii_graphic() && !"/?#@".contains(c))
}

/// Returns true if unrelated documents share the origin.
#[must_use]
pub fn is_opaque(bytes: &[u8]) -> bool {
    bytes == b"null" || bytes == b"file://"
}

fn is_web(scheme: &str) -> bool {
    scheme == "http" || scheme == "https"
}

/// Returns true if the `url` crate serializes the origin of this URL as the same text.
fn is_serialized(text: &str) -> bool {
    // Do not decode international names: nothing decodes the names of a request either.
    let text = &text.replace("xn--", "xn__");
    Url::parse(text).is_ok_and(|url| {
        // Browsers block port 0: <https://fetch.spec.whatwg.org/#port-blocking>.
        url.origin().ascii_serialization() == *text && url.port() != Some(0)
    })
}

fn is_scheme(scheme: &str) -> bool {
    scheme != "file"
        && scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme
            .chars()
            .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '+' | '-' | '.'))
}

fn host_matches(pattern: &str, host: &str) -> bool {
    let pattern_labels: Vec<&str> = pattern.split('.').collect();
    let host_labels: Vec<&str> = host.split('.').collect();
    let ([pattern_first, pattern_rest @ ..], [host_first, host_rest @ ..]) =
        (pattern_labels.as_slice(), host_labels.as_slice())
    else {
        return false;
    };

    if *pattern_first == "*" {
        // Whole labels: the host ends with the labels of the pattern and has at least one more. `*` alone is not a host.
        return is_host_name(host) && !pattern_rest.is_empty() && host_rest.ends_with(pattern_rest);
    }
    if let Some((before, after)) = pattern_first.split_once('*') {
        // Part of the first label: the label has the prefix and suffix of the pattern, and the other labels are equal.
        return is_host_name(host)
            && host_rest == pattern_rest
            && host_first.starts_with(before)
            && host_first.ends_with(after)
            && host_first.len() > before.len() + after.len();
    }
    pattern == host
}

/// Returns true for a host name that a wildcard may match: not an IP address, and only letters, digits and hyphens.
fn is_host_name(host: &str) -> bool {
    host.len() <= 253
        && host.parse::<Ipv4Addr>().is_err()
        && host.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .chars()
                    .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-'))
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

struct Split<'a> {
    scheme: &'a str,
    /// The host, with its brackets if it is an IPv6 address.
    host: &'a str,
    port: Option<&'a str>,
}

/// Splits `scheme://host[:port]` without validating the parts.
fn split(text: &str) -> Option<Split<'_>> {
    let (scheme, rest) = text.split_once("://")?;
    // The port follows the first colon, or the first colon after the closing bracket.
    let end_of_host = if rest.starts_with('[') {
        rest.find(']')? + 1
    } else {
        rest.find(':').unwrap_or(rest.len())
    };
    let (host, port) = rest.split_at(end_of_host);
    if port.is_empty() {
        return Some(Split {
            scheme,
            host,
            port: None,
        });
    }
    Some(Split {
        scheme,
        host,
        port: Some(port.strip_prefix(':')?),
    })
}

#[cfg(test)]
mod tests;
