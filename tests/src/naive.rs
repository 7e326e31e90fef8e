//! A naive matcher of origin patterns: what a fast one must agree with, whatever it is given.
//!
//! Plain splitting and comparing, one pattern at a time. Simple above all: slow is fine, clever is not.
//!
//! A pattern is `*` (any origin, `null` included), `null`, or `scheme://host[:port]`, where
//! * the host may begin with `*.`, for one or more whole labels;
//! * or the first label may hold one `*` beside other characters, for one or more characters of that label;
//! * the port may be `*`, for any port, written or not.
//!
//! Nothing else in a pattern is special. A pattern that no origin could be written as (`https://EXAMPLE.com`,
//! `https://a.*.com`) matches nothing.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Whether any of the patterns allows the origin.
pub fn any_matches(patterns: &[impl AsRef<str>], origin: &[u8]) -> bool {
    patterns
        .iter()
        .any(|pattern| pattern_matches(pattern.as_ref(), origin))
}

/// Whether the pattern allows the origin, given as the bytes of an `Origin` line.
#[must_use]
pub fn pattern_matches(pattern: &str, origin: &[u8]) -> bool {
    if pattern == "null" {
        return origin == b"null";
    }
    if pattern == "*" {
        return origin == b"null" || is_origin(origin);
    }
    let (Some(origin), Some(pattern)) = (parse_origin(origin), split(pattern)) else {
        return false;
    };
    pattern.scheme == origin.scheme
        && host_matches(pattern.host, origin.host)
        && (pattern.port == Some("*") || pattern.port == origin.port)
}

/// Whether the bytes are a scheme, host and port as a browser serializes them. `null` is not: it has none of these.
#[must_use]
pub fn is_origin(bytes: &[u8]) -> bool {
    parse_origin(bytes).is_some()
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
        // Whole labels: the same labels at the end, and at least one more before them. A host of `*` alone is none.
        return is_host_name(host) && !pattern_rest.is_empty() && host_rest.ends_with(pattern_rest);
    }
    if let Some((before, after)) = pattern_first.split_once('*') {
        // A part of the first label: that label begins and ends as the pattern says, all others are the same.
        return is_host_name(host)
            && host_rest == pattern_rest
            && host_first.starts_with(before)
            && host_first.ends_with(after)
            && host_first.len() > before.len() + after.len();
    }
    pattern == host
}

/// A proper host name, as opposed to an IP address or a host that only some resolvers know: what a wildcard matches.
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
    /// With its brackets, if it is an IPv6 address.
    host: &'a str,
    port: Option<&'a str>,
}

/// Takes `scheme://host[:port]` apart, without a look at the parts.
fn split(text: &str) -> Option<Split<'_>> {
    let (scheme, rest) = text.split_once("://")?;
    // The colon before a port is the first one, or the first one after the bracket.
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

fn parse_origin(bytes: &[u8]) -> Option<Split<'_>> {
    if bytes.len() > 512 || !bytes.is_ascii() {
        return None;
    }
    let origin = split(std::str::from_utf8(bytes).ok()?)?;
    let is_good = is_scheme(origin.scheme)
        && is_host(origin.host)
        && origin
            .port
            .is_none_or(|port| is_port(port) && default_port(origin.scheme) != Some(port));
    is_good.then_some(origin)
}

fn is_scheme(scheme: &str) -> bool {
    scheme != "file"
        && scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme
            .chars()
            .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '+' | '-' | '.'))
}

fn is_port(port: &str) -> bool {
    // Written as this number would be written: no sign, no leading zero.
    port.parse::<u16>()
        .is_ok_and(|number| number >= 1 && number.to_string() == port)
}

fn default_port(scheme: &str) -> Option<&'static str> {
    match scheme {
        "http" | "ws" => Some("80"),
        "https" | "wss" => Some("443"),
        "ftp" => Some("21"),
        _ => None,
    }
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        return address.strip_suffix(']').is_some_and(is_canonical_ipv6);
    }
    let labels: Vec<&str> = host.split('.').collect();
    if labels.last().is_some_and(|last| is_number(last)) {
        return host
            .parse::<Ipv4Addr>()
            .is_ok_and(|address| address.to_string() == host);
    }
    host.len() <= 253
        && labels.iter().all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .chars()
                    .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_'))
        })
}

/// What the URL standard takes for a number at the end of a host ("ends in a number checker").
fn is_number(label: &str) -> bool {
    let all_digits = !label.is_empty() && label.chars().all(|c| c.is_ascii_digit());
    // `0x` alone is zero.
    let hexadecimal = label
        .strip_prefix("0x")
        .is_some_and(|digits| digits.chars().all(|c| c.is_ascii_hexdigit()));
    all_digits || hexadecimal
}

fn is_canonical_ipv6(text: &str) -> bool {
    text.parse::<Ipv6Addr>()
        .is_ok_and(|address| serialize_ipv6(address.segments()) == text)
}

/// The URL standard's "IPv6 serializer". The one of `std` differs: it writes `::ffff:1.2.3.4`.
fn serialize_ipv6(pieces: [u16; 8]) -> String {
    let written: Vec<String> = pieces.iter().map(|piece| format!("{piece:x}")).collect();
    // The longest run of zeros goes, the first one among equals, if it is at least two long.
    for length in (2..=8).rev() {
        for (start, run) in pieces.windows(length).enumerate() {
            if run.iter().all(|&piece| piece == 0) {
                let (before, rest) = written.split_at(start);
                let (_, after) = rest.split_at(length);
                return format!("{}::{}", before.join(":"), after.join(":"));
            }
        }
    }
    written.join(":")
}

#[cfg(test)]
mod tests;
