//! What an origin that is denied comes close to. Each pattern is found by asking the set of patterns, so that this takes as long
//! with a million of them as with ten.

use alloc::format;
use alloc::string::String;

use crate::origin::{Origin, OriginPattern, OriginSet, has_public_suffixes_below, public_suffix};

/// Returns a pattern that comes close to the origin, and the difference.
pub(super) fn near_miss(set: &OriginSet, origin: &Origin<'_>) -> Option<String> {
    other_scheme(set, origin)
        .or_else(|| same_host(set, origin))
        .or_else(|| wildcard(set, origin))
        .or_else(|| domain_itself(set, origin))
        .or_else(|| subdomain(set, origin))
}

/// The schemes of web pages.
const SCHEMES: [&str; 2] = ["https", "http"];

/// A pattern that differs in nothing but the scheme.
fn other_scheme(set: &OriginSet, origin: &Origin<'_>) -> Option<String> {
    let (_, authority) = origin.as_str().split_once("://")?;
    let others = SCHEMES.iter().filter(|scheme| **scheme != origin.scheme());
    let pattern = others
        .map(|scheme| format!("{scheme}://{authority}"))
        .find_map(|text| set.pattern_that_allows(&Origin::try_from(text.as_str()).ok()?))?;
    Some(format!("`{pattern}` differs in the scheme"))
}

/// An origin with the same host, or that host with any port.
fn same_host(set: &OriginSet, origin: &Origin<'_>) -> Option<String> {
    let patterns = [
        set.exact_with_host(origin.name()),
        set.wild_with_domain(origin.name()),
    ];
    let mut patterns = patterns.into_iter().flatten().filter_map(parsed);
    let pattern = patterns.find(|pattern| pattern.wildcard_parent().is_none())?;
    let difference = difference(&pattern, origin)?;
    Some(format!("`{pattern}` differs in {difference}"))
}

/// A pattern with a wildcard that would allow the origin with another scheme or port, or with other characters.
fn wildcard(set: &OriginSet, origin: &Origin<'_>) -> Option<String> {
    let others = SCHEMES
        .into_iter()
        .filter(|scheme| *scheme != origin.scheme());
    let mut schemes = [origin.scheme()].into_iter().chain(others);
    let of_web = schemes.find_map(|scheme| set.wild_near(scheme, origin));
    let of_any_scheme = || {
        let mut patterns = parents(origin).filter_map(|parent| set.wild_with_domain(parent));
        let found = patterns.find(|text| parsed(text).is_some_and(|it| it.is_of_whole_labels()))?;
        Some(String::from(found))
    };
    let text = of_web.or_else(of_any_scheme)?;
    let pattern = parsed(&text)?;
    if let Some(difference) = difference(&pattern, origin) {
        return Some(format!("`{pattern}` differs in {difference}"));
    }
    let parent = pattern.wildcard_parent()?;
    let covered = origin.name().strip_suffix(parent)?;
    let covered = covered.strip_suffix('.').unwrap_or(covered);
    Some(format!(
        "the `*` of `{pattern}` stands for letters, digits and inner hyphens only, and not for `{covered}`"
    ))
}

/// A pattern for the subdomains of the host, but not for the host.
fn domain_itself(set: &OriginSet, origin: &Origin<'_>) -> Option<String> {
    let domain = origin.name();
    let pattern = parsed(set.wild_with_domain(domain)?)?;
    Some(match difference(&pattern, origin) {
        None => format!("`{pattern}` does not allow `{domain}` itself"),
        Some(difference) => {
            format!("`{pattern}` differs in {difference}, and does not allow `{domain}` itself")
        }
    })
}

/// An exact origin, or one with any port, of which the host is a subdomain.
fn subdomain(set: &OriginSet, origin: &Origin<'_>) -> Option<String> {
    let (_, authority) = origin.as_str().split_once("://")?;
    let mut others = None;
    let host_length = origin.name().len();
    for parent in parents(origin) {
        let listed = [set.exact_with_host(parent), set.wild_with_domain(parent)];
        if listed == [None; 2] {
            continue;
        }
        let rest = authority.get(host_length - parent.len()..)?;
        let same = format!("{}://{rest}", origin.scheme());
        let same = set.contains_exact(same.as_bytes()).then_some(same.as_str());
        let patterns = [same].into_iter().chain(listed);
        let patterns = patterns.flatten().filter_map(parsed);
        for pattern in patterns.filter(|pattern| pattern.wildcard_parent().is_none()) {
            if let Some(wildcard) = with_subdomains(&pattern, parent, origin) {
                return Some(format!(
                    "`{pattern}` does not allow its subdomains, as `{wildcard}` would"
                ));
            }
            others = others.or_else(|| match difference(&pattern, origin) {
                None => Some(format!("`{pattern}` does not allow its subdomains")),
                Some(difference) => Some(format!(
                    "`{pattern}` differs in {difference}, and does not allow its subdomains"
                )),
            });
        }
    }
    others
}

/// Returns the pattern for the subdomains of another, if it would allow the origin, and no domain that anyone can register.
fn with_subdomains(
    pattern: &OriginPattern<'_>,
    domain: &str,
    origin: &Origin<'_>,
) -> Option<String> {
    let (scheme, rest) = pattern.as_str().split_once("://")?;
    let text = format!("{scheme}://*.{rest}");
    let wildcard = parsed(&text)?;
    let is_safe = wildcard.is_loopback()
        || public_suffix(domain).is_none() && !has_public_suffixes_below(domain);
    let helps = is_safe && wildcard.matches(origin);
    helps.then_some(text)
}

/// Returns in what the scheme or the port of the origin differs from that of the pattern.
fn difference(pattern: &OriginPattern<'_>, origin: &Origin<'_>) -> Option<&'static str> {
    let same_scheme = pattern.scheme() == Some(origin.scheme());
    match (same_scheme, pattern.allows_port(origin.port())) {
        (true, true) => None,
        (false, true) => Some("the scheme"),
        (true, false) => Some("the port"),
        (false, false) => Some("the scheme and the port"),
    }
}

/// Returns the domains that the host is a subdomain of, the longest first.
fn parents<'a>(origin: &Origin<'a>) -> impl Iterator<Item = &'a str> {
    let parent = |domain: &&'a str| domain.split_once('.').map(|(_, parent)| parent);
    core::iter::successors(Some(origin.name()), parent).skip(1)
}

/// Returns a pattern whose domain the host of the origin contains without being a subdomain: what attackers register.
pub(super) fn look_alike<'a>(set: &'a OriginSet, origin: &Origin<'_>) -> Option<OriginPattern<'a>> {
    /// Enough for every part of a host of 30 bytes, and of a longer one for the lengths that few policies exceed.
    const MOST: usize = 500;
    let host = origin.name();
    let lengths = (1..host.len())
        .rev()
        .filter(|length| set.has_domain_of_length(*length));
    let parts = lengths.flat_map(|length| {
        (0..=host.len() - length).filter_map(move |start| {
            let (before, rest) = host.split_at_checked(start)?;
            let (part, after) = rest.split_at_checked(length)?;
            let is_parent = after.is_empty() && before.ends_with('.');
            (!is_parent).then_some(part)
        })
    });
    let text = parts
        .take(MOST)
        .filter(|part| part.contains('.'))
        .find_map(|part| {
            let exact = set.exact_with_host(part);
            exact.or_else(|| set.wild_with_domain(part))
        })?;
    parsed(text)
}

/// Parses a pattern of the set, which has been parsed before.
fn parsed(text: &str) -> Option<OriginPattern<'_>> {
    OriginPattern::parse(text).ok()
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString as _};
    use alloc::vec::Vec;

    use crate::{PolicyConfig, RequestParts};

    fn suggestion(patterns: &[&str], origin: &str) -> String {
        let policy = PolicyConfig::new().allow_origins(patterns).build().unwrap();
        let request = RequestParts::new("GET").origin(origin);
        let explanation = policy.explain(&request);
        explanation.suggestion().unwrap_or("allowed").to_string()
    }

    #[test]
    fn a_near_miss_names_what_differs() {
        for (patterns, origin, expected) in [
            (
                &["http://localhost:*"][..],
                "https://localhost:3000",
                "`http://localhost:*` differs in the scheme",
            ),
            (
                &["http://localhost:3000"],
                "http://localhost:5173",
                "`http://localhost:3000` differs in the port",
            ),
            (
                &["http://localhost:3000", "https://localhost:8443"],
                "https://localhost:3000",
                "`http://localhost:3000` differs in the scheme",
            ),
            (
                &["https://example.com:8443"],
                "http://example.com",
                "`https://example.com:8443` differs in the scheme and the port",
            ),
            (
                &["app://example.com"],
                "https://example.com",
                "`app://example.com` differs in the scheme",
            ),
            (
                &["http://*.example.com"],
                "https://a.b.example.com",
                "`http://*.example.com` differs in the scheme",
            ),
        ] {
            check(patterns, origin, expected);
        }
    }

    fn check(patterns: &[&str], origin: &str, expected: &str) {
        assert_eq!(
            suggestion(patterns, origin),
            alloc::format!("add `{origin}` to allow_origins; {expected}"),
            "{patterns:?}"
        );
    }

    #[test]
    fn a_near_miss_of_a_wildcard_names_what_differs() {
        for (patterns, origin, expected) in [
            (
                &["https://*.example.com"][..],
                "https://my_app.example.com",
                "the `*` of `https://*.example.com` stands for letters, digits and inner hyphens only, and not for `my_app`",
            ),
            (
                &["https://*.example.com"],
                "https://a.-b.example.com",
                "the `*` of `https://*.example.com` stands for letters, digits and inner hyphens only, and not for `a.-b`",
            ),
            (
                &["https://*.example.com:8443"],
                "https://my_app.example.com",
                "`https://*.example.com:8443` differs in the port",
            ),
            (
                &["https://*.example.com:8443", "https://pr-*.example.com"],
                "https://a.example.com",
                "`https://*.example.com:8443` differs in the port",
            ),
            (
                &["https://pr-*.example.com", "https://*.example.com:8443"],
                "https://pr-1.example.com:8080",
                "`https://*.example.com:8443` differs in the port",
            ),
            (
                &["https://pr-*.example.com"],
                "http://pr-1.example.com",
                "`https://pr-*.example.com` differs in the scheme",
            ),
            (
                &["https://*.example.com"],
                "http://example.com",
                "`https://*.example.com` differs in the scheme, and does not allow `example.com` itself",
            ),
            (
                &["http://localhost:3000"],
                "http://app.localhost:3000",
                "`http://localhost:3000` does not allow its subdomains, as `http://*.localhost:3000` would",
            ),
            (
                &["http://localhost:*"],
                "http://app.localhost:3000",
                "`http://localhost:*` does not allow its subdomains, as `http://*.localhost:*` would",
            ),
            (
                &["http://example.com", "https://example.com"],
                "https://www.example.com",
                "`https://example.com` does not allow its subdomains, as `https://*.example.com` would",
            ),
            (
                &["https://example.com"],
                "https://my_app.example.com",
                "`https://example.com` does not allow its subdomains",
            ),
            // Anyone can register a name under this one.
            (
                &["https://com"],
                "https://example.com",
                "`https://com` does not allow its subdomains",
            ),
            // The same application on another system: no pattern of `tauri` allows it.
            (
                &["tauri://localhost"],
                "http://tauri.localhost",
                "`tauri://localhost` differs in the scheme, and does not allow its subdomains",
            ),
        ] {
            check(patterns, origin, expected);
        }
    }

    #[test]
    fn a_look_alike_is_recognized_wherever_the_domain_stands() {
        for origin in [
            "https://notexample.com",
            "https://my-example.com:8443",
            "https://example.com.evil.test",
            "https://www.example.com.evil.test",
            "https://my-example.com-login.test",
            "http://xexample.comx.test",
        ] {
            for pattern in ["https://example.com", "https://*.example.com"] {
                assert_eq!(
                    suggestion(&["http://localhost", pattern], origin),
                    alloc::format!(
                        "`{origin}` only looks like `{pattern}`; if it is yours, add it to allow_origins"
                    )
                );
            }
        }
    }

    #[test]
    fn what_is_near_is_found_among_many_patterns() {
        let count = if cfg!(miri) { 20 } else { 5_000 };
        let exact = |number| alloc::format!("https://tenant-{number}.example");
        let under = |number| alloc::format!("https://*.tenant-{number}.test");
        let patterns: Vec<String> = (0..count)
            .flat_map(|number| [exact(number), under(number)])
            .collect();
        let policy = PolicyConfig::new()
            .allow_origins(&patterns)
            .build()
            .unwrap();
        let last = count - 1;
        for (origin, near) in [
            (alloc::format!("http://tenant-{last}.example"), exact(last)),
            (alloc::format!("http://a.tenant-{last}.test"), under(last)),
            (alloc::format!("https://tenant-{last}.test"), under(last)),
            (
                alloc::format!("https://a.tenant-{last}.example"),
                exact(last),
            ),
            (
                alloc::format!("https://xtenant-{last}.example"),
                exact(last),
            ),
            (
                alloc::format!("https://tenant-{last}.test.evil.test"),
                under(last),
            ),
        ] {
            let request = RequestParts::new("GET").origin(origin.as_str());
            let explanation = policy.explain(&request);
            let suggestion = explanation.suggestion().unwrap_or_default();
            assert!(
                suggestion.contains(&alloc::format!("`{near}`")),
                "{suggestion}"
            );
        }
    }
}
