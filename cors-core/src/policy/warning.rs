use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::setting::Setting;

/// A setting that is valid but probably not intended. `Display` says what it does and what to write instead.
///
/// Non-exhaustive: warnings may be added without a new major version.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// Only pages of this machine are allowed: a policy for development.
    OnlyLoopbackOrigins,
    /// With credentials, pages of this machine beside other origins: the first of them.
    LoopbackOriginWithCredentials(String),
    /// Without credentials, origins that are neither https nor loopback: the first of them, and how many.
    InsecureOrigins {
        /// The first of them.
        first: String,
        /// How many there are.
        count: usize,
    },
    /// Without credentials, a `*` directly under a public suffix.
    OpenWildcard(String),
    /// With credentials, patterns with a wildcard that were not checked against the Public Suffix List: the feature
    /// `public-suffix` is off, and `dangerously_allow_public_suffix_subdomains` is not set.
    UncheckedWildcards(Vec<String>),
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
pub(super) const CHROMIUM_MAX_AGE: u64 = 7200;

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnlyLoopbackOrigins => f.write_str(
                "FOR DEVELOPMENT ONLY: only pages of this machine are allowed; list your site's origins before you deploy",
            ),
            Self::LoopbackOriginWithCredentials(first) => write!(
                f,
                "`{first}` with credentials (cookies) lets a page that any program on a visitor's machine serves read what the \
                 visitor can read here; leave it out of the policy that you deploy"
            ),
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
            Self::UncheckedWildcards(patterns) => write_unchecked_wildcards(patterns, f),
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

/// Names the first patterns only: a policy can have thousands.
fn write_unchecked_wildcards(patterns: &[String], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    const MOST: usize = 10;
    f.write_str("with credentials (cookies), these wildcards were not checked against the Public Suffix List: ")?;
    for (index, pattern) in patterns.iter().take(MOST).enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        write!(f, "{separator}`{pattern}`")?;
    }
    if patterns.len() > MOST {
        write!(f, " and {} more", patterns.len() - MOST)?;
    }
    f.write_str("; enable the feature `public-suffix`, which makes a wildcard such as `https://*.co.uk` a fault")
}
