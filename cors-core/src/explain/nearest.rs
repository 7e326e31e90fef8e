//! Finds the pattern that is closest to a denied origin.
//!
//! This looks up a few similar origins and domains in the set of patterns, so it takes as long for a million patterns as for ten.

use alloc::format;
use alloc::string::{String, ToString as _};

use super::addition::settings_of;
use super::applications::same_application;
use super::near_miss::{Difference, Kind, NearMiss};
use crate::origin::{Origin, OriginPattern, OriginSet, has_public_suffixes_below, public_suffix};
use crate::policy::{Policy, is_accepted};

/// Returns the nearest pattern and how the origin differs from it.
pub(super) fn nearest(policy: &Policy, origin: &Origin<'_>) -> Option<NearMiss> {
    let set = policy.origins()?;
    // Ordered from the smallest difference to the largest.
    same_application(set, origin)
        .or_else(|| other_scheme(set, origin))
        .or_else(|| trailing_dot(set, origin))
        .or_else(|| same_host(set, origin))
        .or_else(|| other_loopback_name(set, origin))
        .or_else(|| www(set, origin))
        .or_else(|| wildcard(set, origin))
        .or_else(|| domain_itself(set, origin))
        .or_else(|| subdomain(policy, set, origin))
        .or_else(|| look_alike(set, origin))
}

/// The schemes of web pages.
const SCHEMES: [&str; 2] = ["https", "http"];

fn host<'a>(origin: &Origin<'a>) -> &'a str {
    origin.name()
}

/// Returns the port with its colon, or an empty text.
fn port_text<'a>(origin: &Origin<'a>) -> &'a str {
    let text = origin.as_str();
    let host_end = origin.scheme().len() + "://".len() + host(origin).len();
    text.get(host_end..).unwrap_or_default()
}

/// Returns a pattern that allows the origin `text`.
fn pattern_for(set: &OriginSet, text: &str) -> Option<String> {
    set.pattern_that_allows(&Origin::try_from(text).ok()?)
}

/// Finds a pattern that differs only in the scheme. `http://example.com:443` differs from `https://example.com` only in the scheme, because
/// 443 is the default port.
fn other_scheme(set: &OriginSet, origin: &Origin<'_>) -> Option<NearMiss> {
    let (host, port) = (host(origin), port_text(origin));
    let others = SCHEMES.iter().filter(|scheme| **scheme != origin.scheme());
    let pattern = others
        .map(|scheme| {
            let text = format!("{scheme}://{host}{port}");
            // The text does not parse if the port is the default port of the other scheme. Then omit it.
            Origin::try_from(text.as_str()).map_or(format!("{scheme}://{host}"), |_| text.clone())
        })
        .find_map(|text| pattern_for(set, &text))?;
    Some(NearMiss {
        pattern,
        kind: Kind::Differs(Difference::Scheme),
    })
}

/// Finds a pattern that differs only in the trailing dot of the host.
fn trailing_dot(set: &OriginSet, origin: &Origin<'_>) -> Option<NearMiss> {
    let (scheme, host, port) = (origin.scheme(), host(origin), port_text(origin));
    let text = match host.strip_suffix('.') {
        Some(host) => format!("{scheme}://{host}{port}"),
        None => format!("{scheme}://{host}.{port}"),
    };
    Some(NearMiss {
        pattern: pattern_for(set, &text)?,
        kind: Kind::TrailingDot,
    })
}

/// The maximum number of patterns that are compared one by one.
const MOST_PATTERNS: usize = 1000;

/// Finds an exact origin with the same host, or a pattern `host:*`.
fn same_host(set: &OriginSet, origin: &Origin<'_>) -> Option<NearMiss> {
    let host = host(origin);
    let default_port = format!("{}://{host}", origin.scheme());
    let listed = [set.exact_with_host(host), set.wildcard_with_domain(host)];
    if listed == [None; 2] {
        return None;
    }
    let default_port = Some(default_port.as_str()).filter(|it| set.contains_exact(it.as_bytes()));
    // The set finds only the first pattern with a host. Another one can be nearer.
    let others = set.patterns().take(MOST_PATTERNS).filter(|text| {
        let authority = text.split_once("://").map(|(_, authority)| authority);
        authority.is_some_and(|authority| authority.starts_with(host))
    });
    let patterns = [default_port].into_iter().chain(listed).flatten();
    let patterns = patterns.chain(others).filter_map(parsed);
    // Skip patterns that allow only subdomains of this host.
    let patterns = patterns.filter(|it| it.wildcard_parent().is_none() && has_host(it, host));
    // `min_by_key` returns the first of several patterns with the smallest difference.
    let nearest = patterns
        .filter_map(|pattern| Some((pattern, difference(&pattern, origin)?)))
        .min_by_key(|(_, difference)| *difference == Difference::SchemeAndPort);
    let (pattern, difference) = nearest?;
    Some(NearMiss {
        pattern: pattern.to_string(),
        kind: Kind::Differs(difference),
    })
}

/// Returns true if a pattern without a wildcard in its host has this host.
fn has_host(pattern: &OriginPattern<'_>, host: &str) -> bool {
    let (_, authority) = pattern.as_str().split_once("://").unwrap_or_default();
    let port = authority.strip_prefix(host);
    port.is_some_and(|port| port.is_empty() || port.starts_with(':'))
}

/// Finds a pattern for another loopback name, such as `localhost` for `127.0.0.1`.
fn other_loopback_name(set: &OriginSet, origin: &Origin<'_>) -> Option<NearMiss> {
    const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];
    let (scheme, host, port) = (origin.scheme(), host(origin), port_text(origin));
    if !NAMES.contains(&host) {
        return None;
    }
    let others = NAMES.into_iter().filter(|name| *name != host);
    let pattern = others
        .map(|name| format!("{scheme}://{name}{port}"))
        .find_map(|text| pattern_for(set, &text))?;
    Some(NearMiss {
        pattern,
        kind: Kind::Loopback {
            host: host.to_string(),
        },
    })
}

/// Finds an exact origin that differs in a leading `www.`.
fn www(set: &OriginSet, origin: &Origin<'_>) -> Option<NearMiss> {
    let host = host(origin);
    let other = host
        .strip_prefix("www.")
        .map_or_else(|| format!("www.{host}"), String::from);
    let others = SCHEMES
        .into_iter()
        .filter(|scheme| *scheme != origin.scheme());
    let mut schemes = [origin.scheme()].into_iter().chain(others);
    schemes.find_map(|scheme| {
        let pattern = format!("{scheme}://{other}{}", port_text(origin));
        let is_same_scheme = scheme == origin.scheme();
        set.contains_exact(pattern.as_bytes()).then_some(NearMiss {
            pattern,
            kind: Kind::Www((!is_same_scheme).then_some(Difference::Scheme)),
        })
    })
}

/// Finds a pattern with a wildcard that would allow the origin with another scheme or port, or with other characters.
fn wildcard(set: &OriginSet, origin: &Origin<'_>) -> Option<NearMiss> {
    let others = SCHEMES
        .into_iter()
        .filter(|scheme| *scheme != origin.scheme());
    let mut schemes = [origin.scheme()].into_iter().chain(others);
    let web = schemes.find_map(|scheme| set.wildcard_near(scheme, origin));
    let of_any_scheme = || {
        let mut patterns = parents(origin).filter_map(|parent| set.wildcard_with_domain(parent));
        let found =
            patterns.find(|text| parsed(text).is_some_and(|it| it.has_leading_wildcard()))?;
        Some(String::from(found))
    };
    let text = web.or_else(of_any_scheme)?;
    let pattern = parsed(&text)?;
    let difference = difference(&pattern, origin);
    let kind =
        wrong_characters(&pattern, origin, difference).or_else(|| difference.map(Kind::Differs))?;
    let pattern = pattern.to_string();
    Some(NearMiss { pattern, kind })
}

/// Returns the characters that the `*` of the pattern would have to match, if it does not match them.
fn wrong_characters(
    pattern: &OriginPattern<'_>,
    origin: &Origin<'_>,
    difference: Option<Difference>,
) -> Option<Kind> {
    let parent = pattern.wildcard_parent()?;
    let (_, authority) = pattern.as_str().split_once("://")?;
    let (prefix, rest) = authority.split_once('*')?;
    let (suffix, _) = rest.split_once('.').unwrap_or((rest, ""));
    let suffix = suffix.split(':').next().unwrap_or_default();
    let covered = host(origin).strip_suffix(parent)?;
    let covered = covered.strip_suffix('.').unwrap_or(covered);
    let covered = covered.strip_prefix(prefix)?.strip_suffix(suffix)?;
    let is_hyphen_at_edge = || {
        let mut labels = covered.split('.');
        labels.any(|label| label.starts_with('-') || label.ends_with('-'))
    };
    let is_of_host_name = |character: char| matches!(character, 'a'..='z' | '0'..='9' | '-' | '.');
    let wrong = covered
        .chars()
        .find(|character| !is_of_host_name(*character));
    (wrong.is_some() || is_hyphen_at_edge()).then(|| Kind::Characters {
        covered: covered.to_string(),
        wrong,
        difference,
    })
}

/// Finds a pattern that allows only subdomains of the host.
fn domain_itself(set: &OriginSet, origin: &Origin<'_>) -> Option<NearMiss> {
    let domain = host(origin);
    let pattern = parsed(set.wildcard_with_domain(domain)?)?;
    Some(NearMiss {
        pattern: pattern.to_string(),
        kind: Kind::DomainItself {
            domain: domain.to_string(),
            difference: difference(&pattern, origin),
        },
    })
}

/// Finds an exact origin, or a pattern `host:*`, of whose host the origin's host is a subdomain.
fn subdomain(policy: &Policy, set: &OriginSet, origin: &Origin<'_>) -> Option<NearMiss> {
    let mut others = None;
    for parent in parents(origin) {
        let listed = [
            set.exact_with_host(parent),
            set.wildcard_with_domain(parent),
        ];
        if listed == [None; 2] {
            continue;
        }
        let same = format!("{}://{parent}{}", origin.scheme(), port_text(origin));
        let same = set.contains_exact(same.as_bytes()).then_some(same.as_str());
        let patterns = [same].into_iter().chain(listed);
        let patterns = patterns.flatten().filter_map(parsed);
        for pattern in patterns.filter(|pattern| pattern.wildcard_parent().is_none()) {
            let wildcard = with_subdomains(policy, &pattern, parent, origin);
            let near = NearMiss {
                pattern: pattern.to_string(),
                kind: Kind::Subdomain {
                    difference: difference(&pattern, origin),
                    wildcard,
                },
            };
            if let Kind::Subdomain {
                wildcard: Some(_), ..
            } = near.kind
            {
                return Some(near);
            }
            others = others.or(Some(near));
        }
    }
    others
}

/// Returns the pattern for all subdomains of `domain`, if it would allow the origin and nobody else can register such a subdomain.
fn with_subdomains(
    policy: &Policy,
    pattern: &OriginPattern<'_>,
    domain: &str,
    origin: &Origin<'_>,
) -> Option<String> {
    let (scheme, rest) = pattern.as_str().split_once("://")?;
    let text = format!("{scheme}://*.{rest}");
    let wildcard = parsed(&text)?;
    let is_safe = wildcard.is_loopback()
        || public_suffix(domain).is_none() && !has_public_suffixes_below(domain);
    let helps = is_safe && wildcard.matches(origin) && is_accepted(&text, &settings_of(policy));
    helps.then_some(text)
}

/// Returns whether the origin differs from the pattern in the scheme, the port or both.
fn difference(pattern: &OriginPattern<'_>, origin: &Origin<'_>) -> Option<Difference> {
    let same_scheme = pattern.scheme() == Some(origin.scheme());
    let same_port = if pattern.is_web() && origin.host().is_some() {
        pattern.allows_port(origin.port())
    } else {
        // With other schemes, the port is part of the opaque host, so compare the whole authority.
        pattern
            .as_str()
            .split_once("://")
            .map(|(_, authority)| authority)
            == Some(origin.authority())
    };
    match (same_scheme, same_port) {
        (true, true) => None,
        (false, true) => Some(Difference::Scheme),
        (true, false) => Some(Difference::Port),
        (false, false) => Some(Difference::SchemeAndPort),
    }
}

/// Returns the domains that the host is a subdomain of, the longest first.
fn parents<'a>(origin: &Origin<'a>) -> impl Iterator<Item = &'a str> {
    let parent = |domain: &&'a str| domain.split_once('.').map(|(_, parent)| parent);
    core::iter::successors(Some(host(origin)), parent).skip(1)
}

/// Finds a pattern whose domain is contained in the host, which is not a subdomain of it. Attackers register such hosts.
fn look_alike(set: &OriginSet, origin: &Origin<'_>) -> Option<NearMiss> {
    /// The maximum number of parts of the host that are looked up. It suffices for all parts of a host of 30 bytes, and for the parts of
    /// a longer host that have the length of a domain in most policies.
    const MOST: usize = 500;
    let host = host(origin);
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
    let pattern = parts
        .take(MOST)
        .filter(|part| part.contains('.'))
        .find_map(|part| {
            let exact = set.exact_with_host(part);
            exact.or_else(|| set.wildcard_with_domain(part))
        })?;
    Some(NearMiss {
        pattern: pattern.to_string(),
        kind: Kind::LookAlike {
            origin: origin.to_string(),
        },
    })
}

/// Parses a pattern of the set, which is always valid.
fn parsed(text: &str) -> Option<OriginPattern<'_>> {
    OriginPattern::parse(text).ok()
}

#[cfg(test)]
mod tests;
