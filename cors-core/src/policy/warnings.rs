use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::compiled::Policy;
use super::known_names::{misspelt_header, misspelt_method};
use super::names::NameList;
use super::origin_rules::ListedOrigins;
use super::setting::Setting;
use crate::header::{is_safelisted_request_header, is_safelisted_response_header};
use crate::method;
use crate::origin::{OriginPattern, OriginSet, has_public_suffixes_below, public_suffix};

/// A setting that is valid but probably not intended. `Display` says what it does and what to write instead.
///
/// Non-exhaustive: warnings may be added without a new major version.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// Only http and https pages of this machine are allowed: a policy for development.
    OnlyLoopbackOrigins,
    /// With credentials, loopback origins beside origins of the network: the first of them, and how many.
    LoopbackOriginsWithCredentials {
        /// The first of them.
        first: String,
        /// How many there are.
        count: usize,
    },
    /// Without credentials, origins that are neither https nor loopback: the first of them, and how many.
    InsecureOrigins {
        /// The first of them.
        first: String,
        /// How many there are.
        count: usize,
    },
    /// Without credentials, a `*` directly under a public suffix.
    OpenWildcard(String),
    /// A regular expression that matches no origin.
    RegexWithoutEffect(String),
    /// A pattern whose origins another pattern allows as well.
    CoveredPattern {
        /// The pattern that can be left out.
        pattern: String,
        /// The one that allows the same origins.
        by: String,
    },
    /// A safelisted method, which needs no listing.
    SafelistedMethod(String),
    /// `OPTIONS`, which a page hardly ever uses itself; preflights need no listing.
    OptionsMethod,
    /// A safelisted request-header, which needs no listing.
    SafelistedRequestHeader(String),
    /// `*` among the request headers, without credentials and without `authorization` beside it, which it does not cover.
    AnyHeaderWithoutAuthorization,
    /// A safelisted response-header name, which needs no listing.
    SafelistedResponseHeader(String),
    /// A `*` inside a name, which browsers take literally.
    LiteralWildcard {
        /// The setting.
        setting: Setting,
        /// The name with the `*`.
        name: String,
    },
    /// A name that differs in one letter, or in a `_`, from one that many applications use.
    MisspeltName {
        /// The setting.
        setting: Setting,
        /// The name as it was written.
        name: String,
        /// The name that is probably meant.
        meant: &'static str,
    },
    /// A method that sends a body, without `content-type` among the request headers: no page can send JSON by it.
    MethodWithoutContentType(String),
    /// A max age over 7200 seconds, after which Chromium asks again.
    MaxAgeAboveChromium(u64),
    /// An opt-out that nothing in the policy needs.
    UnusedOptOut(Setting),
}

/// What Chromium keeps, in seconds.
const CHROMIUM_MAX_AGE: u64 = 7200;

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnlyLoopbackOrigins => f.write_str(
                "FOR DEVELOPMENT ONLY: only pages of this machine are allowed; list your site's origins before you deploy",
            ),
            Self::LoopbackOriginsWithCredentials { first, count } => {
                write!(f, "`{first}`")?;
                if *count > 1 {
                    write!(f, " and {} more", count - 1)?;
                }
                f.write_str(
                    ": with credentials (cookies), any program on a visitor's machine that serves pages there could act in the \
                     visitor's name; allow these in a policy for development only",
                )
            }
            Self::InsecureOrigins { first, count: 1 } => {
                write!(f, "`{first}` is an origin without TLS: whoever controls the network can impersonate it; use https")
            }
            Self::InsecureOrigins { first, count } => write!(
                f,
                "`{first}` and {} more are origins without TLS: whoever controls the network can impersonate them; use https",
                count - 1
            ),
            Self::OpenWildcard(pattern) => write!(
                f,
                "`{pattern}` allows names that anyone can register; all subdomains of your own domain are written `https://*.example.com`"
            ),
            Self::RegexWithoutEffect(text) => write!(
                f,
                "`{text}` in allow_origin_regexes matches no origin: an origin has a scheme, a host in lower case, and no slash \
                 after it; the default port is left out, as in `https://.+\\.example\\.com`"
            ),
            Self::CoveredPattern { pattern, by } => {
                write!(f, "`{pattern}` can be left out: `{by}` allows the same origins")
            }
            Self::SafelistedMethod(method) => {
                write!(f, "{method} can be left out of allow_methods: it is safelisted and always allowed")
            }
            Self::OptionsMethod => f.write_str(
                "OPTIONS can be left out of allow_methods: preflights do not need it, only pages that send OPTIONS themselves do",
            ),
            Self::SafelistedRequestHeader(name) => write!(
                f,
                "{name} can be left out of allow_headers: it is safelisted, for values of up to 128 plain characters"
            ),
            Self::AnyHeaderWithoutAuthorization => f.write_str(
                "`*` in allow_headers does not cover Authorization without credentials; if pages send that, list `authorization` \
                 beside it",
            ),
            Self::SafelistedResponseHeader(name) => {
                write!(f, "{name} can be left out of expose_headers: it is safelisted and always readable")
            }
            Self::LiteralWildcard { setting, name } => write!(
                f,
                "`{name}` in {setting} is taken literally: to a browser, `*` is a wildcard only if it stands alone"
            ),
            Self::MisspeltName { setting, name, meant } => {
                write!(f, "`{name}` in {setting} allows only this name; if it is meant as `{meant}`, write that")
            }
            Self::MethodWithoutContentType(method) => write!(
                f,
                "{method} is listed in allow_methods, but `content-type` is not in allow_headers, without which pages cannot send \
                 JSON; add `content-type` to allow_headers"
            ),
            Self::MaxAgeAboveChromium(seconds) => {
                write!(f, "max_age is {seconds} s, but Chromium asks again after {CHROMIUM_MAX_AGE} s")
            }
            Self::UnusedOptOut(name) => write!(f, "{name} can be left out: nothing in the policy needs it"),
        }
    }
}

impl Policy {
    /// Returns what is valid but probably not intended: for a log at start-up, or a check of policy files. Empty for most
    /// policies.
    pub fn warnings(&self) -> Vec<Warning> {
        all_warnings(self)
    }
}

fn all_warnings(policy: &Policy) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if let Some(listed) = &policy.origins.listed {
        if !listed.asks_further() && !policy.origins.allow_others {
            warn_of_loopback(&listed.set, &mut warnings);
        }
        if policy.credentials {
            warn_of_loopback_beside_others(&listed.set, &mut warnings);
        } else {
            warn_of_insecure(&listed.set, &mut warnings);
        }
        warn_of_wildcards(&listed.set, policy.credentials, &mut warnings);
        #[cfg(feature = "regex")]
        if let Some(regexes) = &listed.regexes {
            let allow_opaque = policy.origins.allow_opaque;
            let without_effect = regexes
                .without_effect(allow_opaque)
                .map(ToString::to_string);
            warnings.extend(without_effect.map(Warning::RegexWithoutEffect));
        }
    }
    for method in policy.methods.listed() {
        if method::is_safelisted(method.as_bytes()) {
            warnings.push(Warning::SafelistedMethod(method.to_string()));
        } else if method == "OPTIONS" {
            warnings.push(Warning::OptionsMethod);
        }
    }
    for name in policy
        .request_headers
        .listed()
        .filter(|name| is_safelisted_request_header(name))
    {
        warnings.push(Warning::SafelistedRequestHeader(name.to_string()));
    }
    // Fetch, "CORS non-wildcard request-header name". With credentials, the response names what is requested.
    let has_star = !policy.echoes_headers() || policy.origins.allow_others;
    if policy.request_headers.is_any()
        && has_star
        && !policy.request_headers.contains(b"authorization")
    {
        warnings.push(Warning::AnyHeaderWithoutAuthorization);
    }
    for name in policy
        .expose_headers
        .listed()
        .filter(|name| is_safelisted_response_header(name))
    {
        warnings.push(Warning::SafelistedResponseHeader(name.to_string()));
    }
    warn_of_literal_wildcards(policy, &mut warnings);
    warn_of_misspelt_names(policy, &mut warnings);
    warn_of_missing_content_type(policy, &mut warnings);
    if let Some(seconds) = policy
        .max_age()
        .map(|age| age.as_secs())
        .filter(|seconds| *seconds > CHROMIUM_MAX_AGE)
    {
        warnings.push(Warning::MaxAgeAboveChromium(seconds));
    }
    warn_of_opt_outs(policy, &mut warnings);
    warnings
}

fn warn_of_literal_wildcards(policy: &Policy, warnings: &mut Vec<Warning>) {
    let lists = [
        (Setting::AllowMethods, &policy.methods),
        (Setting::AllowHeaders, &policy.request_headers),
        (Setting::ExposeHeaders, &policy.expose_headers),
    ];
    for (setting, list) in lists {
        let names = list
            .listed()
            .filter(|name| *name != "*" && name.contains('*'));
        warnings.extend(names.map(|name| Warning::LiteralWildcard {
            setting,
            name: name.to_string(),
        }));
    }
}

fn warn_of_misspelt_names(policy: &Policy, warnings: &mut Vec<Warning>) {
    type Misspelt = fn(&str) -> Option<&'static str>;
    let lists: [(Setting, &NameList, Misspelt); 3] = [
        (Setting::AllowMethods, &policy.methods, misspelt_method),
        (
            Setting::AllowHeaders,
            &policy.request_headers,
            misspelt_header,
        ),
        (
            Setting::ExposeHeaders,
            &policy.expose_headers,
            misspelt_header,
        ),
    ];
    for (setting, list, misspelt) in lists {
        for name in list.listed() {
            // Where the usual name is listed as well, both are meant.
            let meant = misspelt(name).filter(|meant| !list.contains(meant.as_bytes()));
            warnings.extend(meant.map(|meant| Warning::MisspeltName {
                setting,
                name: name.to_string(),
                meant,
            }));
        }
    }
}

/// `POST` needs no listing: a policy without it in the list can be meant for forms, or for reading only.
fn warn_of_missing_content_type(policy: &Policy, warnings: &mut Vec<Warning>) {
    let headers = &policy.request_headers;
    if headers.is_any() || headers.contains(b"content-type") {
        return;
    }
    let mut with_body = policy
        .methods
        .listed()
        .filter(|method| matches!(*method, "PUT" | "PATCH" | "QUERY"));
    let first = with_body.next().map(ToString::to_string);
    warnings.extend(first.map(Warning::MethodWithoutContentType));
}

fn patterns(set: &OriginSet) -> impl Iterator<Item = OriginPattern<'_>> {
    // They were parsed when the policy was built.
    set.patterns()
        .filter_map(|text| OriginPattern::parse(text).ok())
}

fn warn_of_loopback(set: &OriginSet, warnings: &mut Vec<Warning>) {
    if patterns(set).all(|pattern| pattern.is_loopback()) {
        warnings.push(Warning::OnlyLoopbackOrigins);
    }
}

/// An application whose own pages have an origin of its own scheme (`capacitor://localhost`) has `https://localhost`, or
/// `http://tauri.localhost`, on another system: these have the default port, and are no mistake.
fn warn_of_loopback_beside_others(set: &OriginSet, warnings: &mut Vec<Warning>) {
    let is_of_application = patterns(set).any(|pattern| !pattern.is_of_web());
    let is_development = |pattern: &OriginPattern<'_>| {
        pattern.is_loopback()
            && !(is_of_application && pattern.is_exact() && pattern.has_default_port())
    };
    let is_of_network = |pattern: OriginPattern<'_>| pattern.is_of_web() && !pattern.is_loopback();
    if !patterns(set).any(is_of_network) {
        return;
    }
    let mut loopback = patterns(set).filter(is_development);
    if let Some(first) = loopback.next() {
        warnings.push(Warning::LoopbackOriginsWithCredentials {
            first: first.to_string(),
            count: 1 + loopback.count(),
        });
    }
}

fn is_insecure(pattern: &OriginPattern<'_>) -> bool {
    !pattern.is_potentially_trustworthy() && !pattern.is_opaque()
}

fn warn_of_insecure(set: &OriginSet, warnings: &mut Vec<Warning>) {
    let mut insecure = patterns(set).filter(is_insecure);
    if let Some(first) = insecure.next() {
        warnings.push(Warning::InsecureOrigins {
            first: first.to_string(),
            count: 1 + insecure.count(),
        });
    }
}

/// Returns true if anyone can register a name that the pattern allows.
fn is_open(pattern: &OriginPattern<'_>) -> bool {
    pattern.wildcard_parent().is_some_and(|parent| {
        public_suffix(parent).is_some()
            || pattern.is_of_whole_labels() && has_public_suffixes_below(parent)
    })
}

fn warn_of_wildcards(set: &OriginSet, credentials: bool, warnings: &mut Vec<Warning>) {
    let wild: Vec<_> = set
        .wild_patterns()
        .filter_map(|text| OriginPattern::parse(text).ok())
        .collect();
    if !credentials {
        // With credentials these are faults.
        for pattern in &wild {
            if is_open(pattern) && !pattern.is_loopback() {
                warnings.push(Warning::OpenWildcard(pattern.to_string()));
            }
        }
    }
    warn_of_covered(set, &wild, warnings);
}

/// Asks the matcher about the exact origins, and compares the first 1000 patterns that have a wildcard with each other, so that a
/// policy of any size is checked quickly.
fn warn_of_covered(set: &OriginSet, wild: &[OriginPattern<'_>], warnings: &mut Vec<Warning>) {
    const MOST: usize = 1000;
    let exact = patterns(set).filter_map(|pattern| pattern.origin());
    let covered = exact.filter_map(|origin| {
        let (pattern, by) = (origin.to_string(), set.wild_that_allows(&origin)?);
        Some(Warning::CoveredPattern { pattern, by })
    });
    warnings.extend(covered.take(MOST));
    let wild = wild.get(..MOST).unwrap_or(wild);
    for pattern in wild {
        let covers = |other: &&OriginPattern<'_>| {
            other.as_str() != pattern.as_str() && other.covers(pattern)
        };
        if let Some(by) = wild.iter().find(covers) {
            let (pattern, by) = (pattern.to_string(), by.to_string());
            warnings.push(Warning::CoveredPattern { pattern, by });
        }
    }
}

/// Returns true if a regular expression needs the opt-out for any origin. Without the opt-out, none does.
fn has_regex_for_any_site(policy: &Policy) -> bool {
    #[cfg(feature = "regex")]
    if policy.dangerously_allow_any_origin_with_credentials {
        return policy.origins.has_regex_for_any_site();
    }
    let _ = policy;
    false
}

fn warn_of_opt_outs(policy: &Policy, warnings: &mut Vec<Warning>) {
    let listed = policy.origins.listed.as_ref();
    let any_origin = listed.is_none();
    let asks_further = listed.is_some_and(ListedOrigins::asks_further);
    let credentials = policy.credentials;
    let one_is = |check: &dyn Fn(&OriginPattern<'_>) -> bool| {
        policy
            .origins()
            .is_some_and(|set| patterns(set).any(|pattern| check(&pattern)))
    };
    // Without the Public Suffix List, any wildcard may need the opt-out.
    let may_be_under_suffix = |pattern: &OriginPattern<'_>| {
        let is_open = if cfg!(feature = "public-suffix") {
            is_open(pattern)
        } else {
            pattern.wildcard_parent().is_some()
        };
        is_open && !pattern.is_loopback()
    };
    let needs = [
        (
            Setting::DangerouslyAllowOpaqueOrigins,
            policy.origins.allow_opaque,
            (any_origin && credentials) || asks_further || one_is(&|pattern| pattern.is_opaque()),
        ),
        (
            Setting::DangerouslyAllowAnyOriginWithCredentials,
            policy.dangerously_allow_any_origin_with_credentials,
            credentials
                && (any_origin
                    || has_regex_for_any_site(policy)
                    || one_is(&|pattern| pattern.any_host_of().is_some())),
        ),
        (
            Setting::DangerouslyAllowInsecureOrigins,
            policy.origins.allow_insecure,
            credentials && (asks_further || one_is(&|pattern| is_insecure(pattern))),
        ),
        (
            Setting::DangerouslyAllowPublicSuffixSubdomains,
            policy.dangerously_allow_public_suffix_subdomains,
            credentials && one_is(&may_be_under_suffix),
        ),
    ];
    for (name, is_set, is_needed) in needs {
        if is_set && !is_needed {
            warnings.push(Warning::UnusedOptOut(name));
        }
    }
}

#[cfg(test)]
mod tests;
