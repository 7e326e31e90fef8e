//! What a person probably meant: the pattern to write instead of one that is not in the form browsers send.

use alloc::string::{String, ToString as _};

use super::host::split_port;
use super::ip;
use super::parse::default_port;
use super::pattern::OriginPattern;

/// The pattern in the form in which browsers send an origin, or `None` where nothing sensible comes of it.
///
/// Whatever is returned parses, and is not `text` itself.
pub(crate) fn canonical_pattern(text: &str) -> Option<String> {
    if !text.is_ascii() {
        return None;
    }
    let lower = text.trim().to_ascii_lowercase();
    if lower.starts_with("file:") {
        return None;
    }
    if lower == "null" {
        return Some(lower).filter(|lower| lower != text);
    }
    let (scheme, rest) = match lower.split_once("://") {
        // A wildcard scheme is most often meant as "with TLS or without": the one with it is the one to have.
        Some((scheme, rest)) if scheme.contains('*') => ("https", rest),
        Some((scheme, rest)) => (scheme, rest),
        None => (missing_scheme(&lower), lower.trim_start_matches('/')),
    };
    // Everything behind the host and port goes, then everything in front of them.
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let authority = authority
        .rsplit_once('@')
        .map_or(authority, |(_, authority)| authority);
    if authority == "*" || authority == "*:*" {
        return Some("*".to_string());
    }
    let (host, port) = split_port(authority);
    let mut pattern = String::with_capacity(text.len() + 8);
    pattern.extend([scheme, "://", &canonical_host(host)?]);
    match port {
        None | Some("") => {}
        Some("*") => pattern.push_str(":*"),
        Some(digits) => {
            let port: u16 = digits.parse().ok()?;
            if default_port(scheme.as_bytes()) != Some(port) {
                pattern.push(':');
                pattern.push_str(&port.to_string());
            }
        }
    }
    if pattern == text || OriginPattern::parse(&pattern).is_err() {
        return None;
    }
    Some(pattern)
}

/// Local addresses are served without TLS, everything else with it.
fn missing_scheme(text: &str) -> &'static str {
    let host = split_port(
        text.trim_start_matches('/')
            .split('/')
            .next()
            .unwrap_or_default(),
    )
    .0;
    let is_local = host == "localhost"
        || host.ends_with(".localhost")
        || host.starts_with("127.")
        || host.starts_with('[');
    if is_local { "http" } else { "https" }
}

fn canonical_host(host: &str) -> Option<String> {
    let bracketed = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    if let Some(address) = bracketed.or(Some(host).filter(|host| host.contains(':'))) {
        let mut canonical = String::from("[");
        canonical.push_str(&ip::canonical_ipv6(address)?);
        canonical.push(']');
        return Some(canonical);
    }
    let host = host.trim_end_matches('.');
    if host.rsplit('.').next().is_some_and(ip::is_number) {
        return ip::canonical_ipv4(host);
    }
    if let Some(domain) = host.strip_prefix('.') {
        // As cookies have it: the domain and all under it. The wildcard must be written out.
        return Some(String::from("*.") + domain);
    }
    // One `*.` already stands for any number of labels.
    let mut domain = host;
    while let Some(rest) = domain
        .strip_prefix("*.")
        .filter(|rest| rest.starts_with("*."))
    {
        domain = rest;
    }
    if let Some(rest) = domain.strip_prefix("**.") {
        return Some(String::from("*.") + rest);
    }
    Some(domain.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canonical_pattern_is_found() {
        for (text, meant) in [
            ("https://Example.com/", "https://example.com"),
            ("example.com", "https://example.com"),
            ("//example.com", "https://example.com"),
            ("www.example.com/path?query", "https://www.example.com"),
            ("localhost:3000", "http://localhost:3000"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("example.com:8443", "https://example.com:8443"),
            ("http://localhost:80", "http://localhost"),
            ("https://example.com:443/", "https://example.com"),
            ("https://example.com:08443", "https://example.com:8443"),
            ("https://example.com:", "https://example.com"),
            ("http://[0:0::1]", "http://[::1]"),
            ("http://[2001:DB8::0001]:80", "http://[2001:db8::1]"),
            ("http://::1", "http://[::1]"),
            ("http://127.1", "http://127.0.0.1"),
            ("http://0x7f.1:8080", "http://127.0.0.1:8080"),
            ("https://example.com.", "https://example.com"),
            (" https://example.com ", "https://example.com"),
            ("https://user:pass@example.com", "https://example.com"),
            ("https://example.com/*", "https://example.com"),
            ("*.example.com", "https://*.example.com"),
            (".example.com", "https://*.example.com"),
            ("https://.example.com", "https://*.example.com"),
            ("https://*.*.example.com", "https://*.example.com"),
            ("https://**.example.com", "https://*.example.com"),
            ("*://example.com", "https://example.com"),
            ("https://*", "*"),
            ("*://*:*", "*"),
            ("https://*.Example.com:443", "https://*.example.com"),
            ("NULL", "null"),
        ] {
            assert_eq!(canonical_pattern(text).as_deref(), Some(meant), "{text}");
        }
    }

    #[test]
    fn no_pattern_is_returned_without_a_safe_guess() {
        for text in [
            "",
            "https://",
            "https://münchen.example",
            "https://api.*.example.com",
            "https://example.com:99999",
            "http://[::g]",
            "https://a b",
            "https://example.com",
            "file:///home",
            "file:/home",
            "file://*",
            "FILE://host",
        ] {
            assert_eq!(canonical_pattern(text), None, "{text}");
        }
    }
}
