//! Finds the pattern that was probably intended by a text that is not a valid pattern.

use alloc::string::{String, ToString as _};
use core::net::{Ipv4Addr, Ipv6Addr};

use super::error::OriginPatternError;
use super::host::split_port;
use super::ip;
use super::mistake::{check_text, intended_scheme, unquoted};
use super::parse::default_port;
use super::pattern::OriginPattern;
use super::punycode;

/// Returns the pattern in the form that browsers send, or `None` if the intention is not clear.
///
/// The result parses, differs from `text`, and allows no origin that `text` does not name.
pub(crate) fn canonical_pattern(text: &str) -> Option<String> {
    let written = unquoted(text.trim()).trim();
    let is_of_other_kind = matches!(
        check_text(written),
        Err(OriginPatternError::SchemeWithoutPages
            | OriginPatternError::AddressRange
            | OriginPatternError::Several
            | OriginPatternError::Placeholder
            | OriginPatternError::Regex)
    );
    if is_of_other_kind {
        return None;
    }
    let pattern = opaque(written).or_else(|| tuple(written))?;
    (pattern != text && OriginPattern::parse(&pattern).is_ok()).then_some(pattern)
}

/// Returns `null` or `file://` if the text is one of them in another form.
fn opaque(text: &str) -> Option<String> {
    if text.eq_ignore_ascii_case("null") {
        return Some("null".to_string());
    }
    let (scheme, path) = text.split_once(':')?;
    let has_host = path.starts_with("//") && !path.starts_with("///") && path != "//";
    (scheme.eq_ignore_ascii_case("file") && !has_host).then(|| "file://".to_string())
}

/// Returns a pattern with a scheme, a host and a port.
fn tuple(text: &str) -> Option<String> {
    let (scheme, rest) = split_scheme(text)?;
    if let Scheme::Other(scheme) = scheme {
        let separated = scheme + "://";
        // The scheme was pasted twice.
        let rest = rest.strip_prefix(&separated).unwrap_or(rest);
        let authority = rest.split(['/', '?', '#']).next()?;
        return (!rest.contains("://")).then(|| separated + authority);
    }
    // Remove the path and everything after it, then the user information before the host.
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let authority = match authority.rsplit_once('@') {
        // `user@example.com` is an e-mail address.
        Some(_) if matches!(scheme, Scheme::Missing) => return None,
        Some((_, authority)) => authority,
        None => authority,
    };
    if matches!(authority, "*" | "*:*") {
        // `https://*` and `http://*` are not patterns, so there is no suggestion.
        let is_any = matches!(scheme, Scheme::Any | Scheme::Missing);
        return is_any.then(|| "*".to_string());
    }
    let (host, port) = split_port(authority);
    let host = canonical_host(host, matches!(scheme, Scheme::Missing))?;
    let scheme = match scheme {
        Scheme::Web(scheme) => scheme,
        Scheme::Missing => usual_scheme(&host, port)?,
        Scheme::Any | Scheme::Other(_) => "https",
    };
    let mut pattern = String::with_capacity(text.len() + 8);
    pattern.extend([scheme, "://", &host]);
    match port {
        None | Some("") => {}
        Some("*") => pattern.push_str(":*"),
        Some(digits) => {
            let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
            let port: u16 = digits.parse().ok().filter(|_| is_number)?;
            if default_port(scheme.as_bytes()) != Some(port) {
                pattern.push(':');
                pattern.push_str(&port.to_string());
            }
        }
    }
    Some(pattern)
}

enum Scheme {
    /// `http` or `https`.
    Web(&'static str),
    /// `*`, which people write for "http or https".
    Any,
    /// Any other scheme.
    Other(String),
    Missing,
}

/// Splits off the scheme, even if its separator is malformed.
fn split_scheme(text: &str) -> Option<(Scheme, &str)> {
    let Some((scheme, rest)) = text.split_once("://") else {
        return Some(split_malformed_scheme(text));
    };
    let scheme = scheme.to_ascii_lowercase();
    let scheme = match &*scheme {
        "*" | "http*" | "https*" => Scheme::Any,
        _ => web_scheme(&scheme).map_or(Scheme::Other(scheme), Scheme::Web),
    };
    let Scheme::Web(name) = scheme else {
        return Some((scheme, rest));
    };
    // The URL parser skips extra slashes after `http:` and `https:`:
    // https://url.spec.whatwg.org/#special-authority-ignore-slashes-state
    let rest = rest.trim_start_matches(['/', '\\']);
    match rest.split_once("://") {
        None => Some((scheme, rest)),
        // The scheme was pasted twice.
        Some((again, rest)) if web_scheme(again) == Some(name) => Some((scheme, rest)),
        Some((before, _)) if before.contains(['/', '?', '#']) => Some((scheme, rest)),
        Some(_) => None,
    }
}

/// Splits off `http` or `https` if a part of `://` follows it.
fn split_malformed_scheme(text: &str) -> (Scheme, &str) {
    for scheme in ["https", "http"] {
        let rest = text
            .split_at_checked(scheme.len())
            .filter(|(start, _)| start.eq_ignore_ascii_case(scheme))
            .map(|(_, rest)| rest);
        let is_separated = |rest: &&str| {
            [":/", "//", ":\\", "\\\\"]
                .iter()
                .any(|it| rest.starts_with(it))
        };
        if let Some(rest) = rest.filter(is_separated) {
            let rest = rest.trim_start_matches([':', '/', '\\']);
            return (Scheme::Web(scheme), rest);
        }
    }
    (Scheme::Missing, text.trim_start_matches('/'))
}

fn web_scheme(scheme: &str) -> Option<&'static str> {
    match scheme {
        "http" => Some("http"),
        "https" => Some("https"),
        _ => intended_scheme(scheme),
    }
}

/// Returns the scheme that pages of such a host usually have, or `None` for a word that may not be a host.
fn usual_scheme(host: &str, port: Option<&str>) -> Option<&'static str> {
    let is_host = host.starts_with('[') || host == "localhost" || host.contains('.');
    let is_plain = is_local(host) || port == Some("80");
    is_host.then_some(if is_plain { "http" } else { "https" })
}

/// Returns true for a host of this machine or of a private network, for which there are usually no certificates.
fn is_local(host: &str) -> bool {
    const DOMAINS: [&str; 5] = [".localhost", ".local", ".lan", ".internal", ".home.arpa"];
    let ipv6 = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let is_local_ipv6 = |address: Ipv6Addr| {
        address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
    };
    let is_local_ipv4 = |address: Ipv4Addr| {
        address.is_loopback()
            || address.is_private()
            || address.is_link_local()
            || address.is_unspecified()
    };
    host == "localhost"
        || DOMAINS.iter().any(|domain| host.ends_with(domain))
        || ipv6.is_some_and(|text| text.parse().is_ok_and(is_local_ipv6))
        || host.parse().is_ok_and(is_local_ipv4)
}

/// Returns the host in canonical form.
///
/// Without a scheme, `*example.com` becomes `*.example.com`. With a scheme it stays, because it is a valid pattern.
fn canonical_host(host: &str, is_scheme_missing: bool) -> Option<String> {
    let bracketed = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    if let Some(address) = bracketed {
        return Some(String::from("[") + &ip::canonical_ipv6(address)? + "]");
    }
    if host.contains(':') {
        // The last part of `::1:3000` may be a port.
        let (address, _) = host.rsplit_once(':')?;
        let is_ambiguous = ip::canonical_ipv6(address).is_some();
        let address = ip::canonical_ipv6(host).filter(|_| !is_ambiguous)?;
        return Some(String::from("[") + &address + "]");
    }
    let labels = host.split('.').map(punycode::to_ascii);
    let host = labels
        .collect::<Option<alloc::vec::Vec<String>>>()?
        .join(".");
    let name = host.strip_suffix('.').unwrap_or(&host);
    if name.rsplit('.').next().is_some_and(ip::is_number) {
        return ip::canonical_ipv4(name);
    }
    // `.example.com` is how cookies name a domain with its subdomains.
    let starts: &[&str] = if is_scheme_missing {
        &["**.", "*.", ".", "*"]
    } else {
        &["**.", "*.", "."]
    };
    let domain = starts.iter().find_map(|start| host.strip_prefix(start));
    Some(match domain {
        Some(domain) => String::from("*.") + domain,
        None => host,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_intended_pattern_is_found() {
        for (text, meant) in [
            ("https://Example.com/", "https://example.com"),
            ("example.com", "https://example.com"),
            ("//example.com", "https://example.com"),
            ("www.example.com/path?query", "https://www.example.com"),
            ("localhost", "http://localhost"),
            ("localhost:3000", "http://localhost:3000"),
            ("localhost:*", "http://localhost:*"),
            ("app.localhost:3000/", "http://app.localhost:3000"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("192.168.1.5:3000", "http://192.168.1.5:3000"),
            ("10.0.0.1", "http://10.0.0.1"),
            ("printer.local", "http://printer.local"),
            ("169.254.1.1", "http://169.254.1.1"),
            ("0.0.0.0:8080", "http://0.0.0.0:8080"),
            ("[::1]:3000", "http://[::1]:3000"),
            ("[fd00::1]:3000", "http://[fd00::1]:3000"),
            ("[fe80::1]", "http://[fe80::1]"),
            ("[2001:db8::1]", "https://[2001:db8::1]"),
            ("8.8.8.8", "https://8.8.8.8"),
            ("example.com:8443", "https://example.com:8443"),
            ("example.com:443", "https://example.com"),
            ("example.com:80", "http://example.com"),
            ("http://localhost:80", "http://localhost"),
            ("https://example.com:443/", "https://example.com"),
            ("https://example.com:08443", "https://example.com:8443"),
            ("https://example.com:", "https://example.com"),
            ("http://[0:0::1]", "http://[::1]"),
            ("http://[2001:DB8::0001]:80", "http://[2001:db8::1]"),
            ("http://::1", "http://[::1]"),
            ("http://2001:db8::f", "http://[2001:db8::f]"),
            ("http://127.1", "http://127.0.0.1"),
            ("http://0x7f.1:8080", "http://127.0.0.1:8080"),
            ("http://127.0.0.1.", "http://127.0.0.1"),
            ("https://Example.com./", "https://example.com."),
            (" https://example.com ", "https://example.com"),
            ("https://user:pass@example.com", "https://example.com"),
            ("https://example.com/*", "https://example.com"),
            (
                "https://example.com/?to=https://other.test",
                "https://example.com",
            ),
            (
                "https://example.com?to=http://other.test",
                "https://example.com",
            ),
            (
                "https://example.com#https://other.test",
                "https://example.com",
            ),
            ("*.example.com", "https://*.example.com"),
            ("*example.com", "https://*.example.com"),
            (".example.com", "https://*.example.com"),
            ("https://.example.com", "https://*.example.com"),
            ("https://**.example.com", "https://*.example.com"),
            ("https://*app.example.com/", "https://*app.example.com"),
            (
                "HTTPS://*-preview.example.com:443",
                "https://*-preview.example.com",
            ),
            ("https://example.com/a,b", "https://example.com"),
            ("tauri://tauri://localhost", "tauri://localhost"),
            ("[\"https://a.example\"", "https://a.example"),
            ("\"https://a.example\"]", "https://a.example"),
            ("[https://a.example]", "https://a.example"),
            ("*://example.com", "https://example.com"),
            ("http*://example.com", "https://example.com"),
            ("*://*:*", "*"),
            ("\"*\"", "*"),
            ("https://*.Example.com:443", "https://*.example.com"),
            ("NULL", "null"),
            ("file:///home/me", "file://"),
            ("FILE:///", "file://"),
            ("file:", "file://"),
            // Mistakes in the scheme or its separator.
            ("https:/example.com", "https://example.com"),
            ("https//example.com", "https://example.com"),
            ("http:/localhost:3000", "http://localhost:3000"),
            ("https:\\\\example.com", "https://example.com"),
            ("https:///example.com", "https://example.com"),
            ("htps://example.com", "https://example.com"),
            ("https://https://example.com", "https://example.com"),
            // Quotation marks and separators.
            ("'https://example.com'", "https://example.com"),
            ("\"https://example.com\",", "https://example.com"),
            ("https://example.com,", "https://example.com"),
            ("https://example.com;", "https://example.com"),
            // International names.
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("Bücher.example", "https://xn--bcher-kva.example"),
            (
                "https://*.bücher.example:8443",
                "https://*.xn--bcher-kva.example:8443",
            ),
            // With other schemes, the case of the host does not change.
            ("Tauri://localhost", "tauri://localhost"),
            ("app://My.App/index.html", "app://My.App"),
        ] {
            assert_eq!(canonical_pattern(text).as_deref(), Some(meant), "{text}");
        }
    }

    #[test]
    fn an_unclear_text_has_no_intended_pattern() {
        for text in [
            "",
            "https://",
            "https://api.*.example.com",
            "https://*.*.example.com",
            "https://example.com:99999",
            "http://[::g]",
            "https://a b",
            "https://example.com",
            "file://*",
            "FILE://host",
            // Any host of a scheme.
            "https://*",
            "https://*:*",
            "http://*:3000",
            "moz-extension://*",
            // Two origins.
            "https://a.example,https://b.example",
            "https://a.example, https://b.example",
            "https://a.example https://b.example",
            "https://a.example,b.example",
            "http://https://example.com",
            "http://localhost:3000/,http://localhost:5173/",
            "https://a.example/ https://b.example/",
            "https://a.example#;https://b.example",
            "https://a.example?,b.example",
            "app://https://example.com",
            "moz-extension://://x",
            "https://example.com:+80",
            "https://*.a.example, https://*.b.example",
            "example.com, example.org",
            "user@example.com",
            "mailto:user@example.com",
            "https://https",
            // `3000` is a port or the end of the address.
            "http://::1:3000",
            // Words that are not hosts.
            "undefined",
            "self",
            "'self'",
            "any",
            "none",
            "true",
            "myhost",
            "myhost:3000",
            // Ranges of addresses.
            "192.168.1.0/24",
            "http://192.168.1.0/24",
            "http://[fd00::]/8",
            "192.168.1.*",
            "http://192.168.*.*",
            "10.0.0.0/255.0.0.0",
            "10.0.0.0/8:3000",
            "192.168.1.1-254",
            // Texts that are not origins, or not origins of pages.
            "wss://example.com",
            "blob:https://example.com/x",
            "^https://example.com$",
            "https?://example.com",
            r".*\.example\.com",
            "/https:.../",
            "https://${HOST}",
            "safari-web-extension://2F9A",
            // These need the mapping tables of UTS 46.
            "https://exam\u{200B}ple.com",
            "https://ｅxample.com",
        ] {
            assert_eq!(canonical_pattern(text), None, "{text}");
        }
    }
}
