use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use super::{AllowedOrigins, Policy};
use crate::header::{is_safelisted_request_header, is_safelisted_response_header};
use crate::method;
use crate::origin::{Origin, OriginPattern, OriginSet, public_suffix};

/// Something that works, but is hardly meant. Its `Display` says what, and what to do.
///
/// Non-exhaustive: more may be advised without a new major version.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Advice {
    /// Only pages of the server's own machine are allowed: a policy for development.
    OnlyLoopbackOrigins,
    /// Without credentials, origins that are neither https nor loopback: the first of them, and how many.
    InsecureOrigins {
        /// The first of them.
        first: String,
        /// How many there are.
        count: usize,
    },
    /// Without credentials, a `*` directly under a public suffix.
    OpenWildcard(String),
    /// A pattern all of whose origins another one admits, too.
    CoveredPattern {
        /// The pattern that could go.
        pattern: String,
        /// The one that does the work.
        by: String,
    },
    /// A safelisted method, which needs no listing.
    SafelistedMethod(String),
    /// `OPTIONS`, which a page hardly ever uses itself; preflights need no listing.
    OptionsMethod,
    /// A safelisted request-header, which needs no listing.
    SafelistedRequestHeader(String),
    /// A safelisted response-header name, which needs no listing.
    SafelistedResponseHeader(String),
    /// A `*` inside a name, where it is an ordinary character: no browser takes it for a wild card.
    LiteralWildcard {
        /// The name of the setting.
        field: &'static str,
        /// The name with the `*`.
        name: String,
    },
    /// A max age over 7200 seconds, after which Chromium asks again.
    MaxAgeAboveChromium(u64),
    /// An opt-out that nothing in the policy needs.
    NeedlessOptOut(&'static str),
}

/// What Chromium keeps, in seconds.
const CHROMIUM_MAX_AGE: u64 = 7200;

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnlyLoopbackOrigins => f.write_str(
                "FOR DEVELOPMENT ONLY: just pages of this very machine are allowed; list your site's origins before you deploy",
            ),
            Self::InsecureOrigins { first, count: 1 } => {
                write!(f, "`{first}` is an origin without TLS: whoever controls the network can pose as it; use https")
            }
            Self::InsecureOrigins { first, count } => write!(
                f,
                "`{first}` and {} more are origins without TLS: whoever controls the network can pose as them; use https",
                count - 1
            ),
            Self::OpenWildcard(pattern) => write!(
                f,
                "`{pattern}` admits names that anyone can register; all under a domain of yours is written `https://*.example.com`"
            ),
            Self::CoveredPattern { pattern, by } => {
                write!(f, "`{pattern}` can be left out: `{by}` admits all that it admits")
            }
            Self::SafelistedMethod(method) => {
                write!(f, "{method} can be left out of allow_methods: it is safelisted, and always allowed")
            }
            Self::OptionsMethod => f.write_str(
                "OPTIONS can be left out of allow_methods, unless a page is to use it itself: preflights do not need it",
            ),
            Self::SafelistedRequestHeader(name) => write!(
                f,
                "{name} can be left out of allow_headers: it is safelisted, for values of up to 128 plain characters"
            ),
            Self::SafelistedResponseHeader(name) => {
                write!(f, "{name} can be left out of expose_headers: it is safelisted, and always readable")
            }
            Self::LiteralWildcard { field, name } => write!(
                f,
                "`{name}` in {field} stands for itself only: to a browser, `*` is a wild card where it stands alone"
            ),
            Self::MaxAgeAboveChromium(seconds) => {
                write!(f, "max_age is {seconds} s, but Chromium asks again after {CHROMIUM_MAX_AGE} s")
            }
            Self::NeedlessOptOut(name) => write!(f, "{name} can be left out: nothing in the policy needs it"),
        }
    }
}

pub(super) fn advice(policy: &Policy) -> Vec<Advice> {
    let mut advice = Vec::new();
    if let AllowedOrigins::These(these) = &policy.origins {
        if !these.has_more() {
            advise_on_loopback(&these.set, &mut advice);
        }
        if !policy.credentials {
            advise_on_insecure(&these.set, &mut advice);
        }
        advise_on_wildcards(&these.set, policy.credentials, &mut advice);
    }
    for method in policy.methods.listed() {
        if method::is_safelisted(method.as_bytes()) {
            advice.push(Advice::SafelistedMethod(method.to_string()));
        } else if method == "OPTIONS" {
            advice.push(Advice::OptionsMethod);
        }
    }
    for name in policy
        .request_headers
        .listed()
        .filter(|name| is_safelisted_request_header(name))
    {
        advice.push(Advice::SafelistedRequestHeader(name.to_string()));
    }
    for name in policy
        .expose_headers
        .listed()
        .filter(|name| is_safelisted_response_header(name))
    {
        advice.push(Advice::SafelistedResponseHeader(name.to_string()));
    }
    advise_on_literal_wildcards(policy, &mut advice);
    if let Some(seconds) = policy
        .max_age_seconds()
        .filter(|seconds| *seconds > CHROMIUM_MAX_AGE)
    {
        advice.push(Advice::MaxAgeAboveChromium(seconds));
    }
    advise_on_opt_outs(policy, &mut advice);
    advice
}

fn advise_on_literal_wildcards(policy: &Policy, advice: &mut Vec<Advice>) {
    let lists = [
        ("allow_methods", &policy.methods),
        ("allow_headers", &policy.request_headers),
        ("expose_headers", &policy.expose_headers),
    ];
    for (field, list) in lists {
        let names = list
            .listed()
            .filter(|name| *name != "*" && name.contains('*'));
        advice.extend(names.map(|name| Advice::LiteralWildcard {
            field,
            name: name.to_string(),
        }));
    }
}

/// The patterns in no order, which a million of them take no sorting for.
fn patterns(set: &OriginSet) -> impl Iterator<Item = OriginPattern<'_>> {
    // They were parsed when the policy was built.
    set.patterns_unordered()
        .filter_map(|text| OriginPattern::parse(text).ok())
}

fn advise_on_loopback(set: &OriginSet, advice: &mut Vec<Advice>) {
    if patterns(set).all(|pattern| pattern.is_loopback()) {
        advice.push(Advice::OnlyLoopbackOrigins);
    }
}

fn advise_on_insecure(set: &OriginSet, advice: &mut Vec<Advice>) {
    let is_insecure =
        |pattern: &OriginPattern<'_>| !pattern.is_potentially_trustworthy() && !pattern.is_null();
    let count = patterns(set).filter(is_insecure).count();
    if count == 0 {
        return;
    }
    let mut in_order = set
        .patterns()
        .filter_map(|text| OriginPattern::parse(text).ok());
    if let Some(first) = in_order.find(is_insecure) {
        let first = first.to_string();
        advice.push(Advice::InsecureOrigins { first, count });
    }
}

fn advise_on_wildcards(set: &OriginSet, credentials: bool, advice: &mut Vec<Advice>) {
    let wild: Vec<_> = set
        .wild_patterns()
        .filter_map(|text| OriginPattern::parse(text).ok())
        .collect();
    if !credentials {
        // With credentials these are refused.
        for pattern in &wild {
            if pattern
                .wildcard_parent()
                .is_some_and(|parent| public_suffix(parent).is_some())
                && !pattern.is_loopback()
            {
                advice.push(Advice::OpenWildcard(pattern.to_string()));
            }
        }
    }
    advise_on_covered(set, &wild, advice);
}

/// Each pattern is compared with each that has a wild card; where those are very many, with the first of them, so that a
/// policy of any size is looked through in moments.
fn advise_on_covered(set: &OriginSet, wild: &[OriginPattern<'_>], advice: &mut Vec<Advice>) {
    const COMPARED: usize = 1000;
    let wild = wild.get(..COMPARED).unwrap_or(wild);
    let exact = set
        .patterns_unordered()
        .filter_map(|text| Origin::try_from(text).ok());
    // The set knows in one look-up whether any wild card admits an origin.
    let covered = exact.filter(|origin| set.contains_wild(origin));
    let covered = covered
        .filter_map(|origin| OriginPattern::parse(origin.as_str()).ok())
        .take(COMPARED);
    for pattern in covered.chain(wild.iter().copied()) {
        let covers = |other: &&OriginPattern<'_>| {
            other.as_str() != pattern.as_str() && other.covers(&pattern)
        };
        if let Some(by) = wild.iter().find(covers) {
            let (pattern, by) = (pattern.to_string(), by.to_string());
            advice.push(Advice::CoveredPattern { pattern, by });
        }
    }
}

fn advise_on_opt_outs(policy: &Policy, advice: &mut Vec<Advice>) {
    let opt_outs = policy.dangerously;
    let (any_origin, has_more) = match &policy.origins {
        AllowedOrigins::Any => (true, false),
        AllowedOrigins::These(these) => (false, these.has_more()),
    };
    let credentials = policy.credentials;
    let one_is = |check: &dyn Fn(&OriginPattern<'_>) -> bool| {
        policy
            .origins()
            .is_some_and(|set| patterns(set).any(|pattern| check(&pattern)))
    };
    let is_insecure =
        |pattern: &OriginPattern<'_>| !pattern.is_potentially_trustworthy() && !pattern.is_null();
    // Without the list, any wild card may need it once the list is there.
    let may_be_under_suffix = |pattern: &OriginPattern<'_>| {
        pattern.wildcard_parent().is_some_and(|parent| {
            !cfg!(feature = "public-suffix") || public_suffix(parent).is_some()
        }) && !pattern.is_loopback()
    };
    let needs = [
        (
            "dangerously_allow_null_origin",
            opt_outs.null_origin,
            (any_origin && credentials) || one_is(&|pattern| pattern.is_null()),
        ),
        (
            "dangerously_allow_any_origin_with_credentials",
            opt_outs.any_origin_with_credentials,
            credentials
                && (any_origin
                    || (opt_outs.any_origin_with_credentials && policy.has_regex_for_any_site())),
        ),
        (
            "dangerously_allow_insecure_origins",
            opt_outs.insecure_origins,
            credentials && (has_more || one_is(&is_insecure)),
        ),
        (
            "dangerously_allow_public_suffix_subdomains",
            opt_outs.public_suffix_subdomains,
            credentials && one_is(&may_be_under_suffix),
        ),
    ];
    for (name, is_set, is_needed) in needs {
        if is_set && !is_needed {
            advice.push(Advice::NeedlessOptOut(name));
        }
    }
}

#[cfg(test)]
mod tests;
