use alloc::string::String;
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
    MisspelledName {
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
                "FOR DEVELOPMENT ONLY: the policy allows only pages served from this machine; list your site's origins before you deploy",
            ),
            Self::LoopbackOriginWithCredentials(first) => write!(
                f,
                "with credentials (cookies), `{first}` lets a page served by any program on a visitor's machine read everything that the \
                 visitor can read here; remove it from the policy that you deploy"
            ),
            Self::InsecureOrigins { first, count: 1 } => {
                write!(f, "`{first}` does not use https: anyone who controls the network can impersonate it; use https")
            }
            Self::InsecureOrigins { first, count } => write!(
                f,
                "`{first}` and {} more origins do not use https: anyone who controls the network can impersonate them; use https",
                count - 1
            ),
            Self::OpenWildcard(pattern) => write!(
                f,
                "`{pattern}` allows domains that anyone can register; to allow all subdomains of your own domain, write \
                 `https://*.example.com`"
            ),
            Self::RegexWithoutEffect(text) => write!(
                f,
                "`{text}` in allow_origin_regexes cannot match any origin: an origin has a scheme and a lower-case host, without a slash \
                 at the end and without the default port; write it as in `https://.+\\.example\\.com`"
            ),
            Self::CoveredPattern { pattern, by } => {
                write!(f, "`{pattern}` can be left out: `{by}` allows the same origins")
            }
            Self::SafelistedMethod(method) => {
                write!(f, "{method} can be left out of allow_methods: it is safelisted and always allowed")
            }
            Self::OptionsMethod => f.write_str(
                "OPTIONS can be left out of allow_methods: preflights do not need it; keep it only if pages send OPTIONS requests \
                 themselves",
            ),
            Self::SafelistedRequestHeader(name) => write!(
                f,
                "{name} can be left out of allow_headers: it is safelisted, for values of up to 128 bytes without special characters"
            ),
            Self::AnyHeaderWithoutAuthorization => f.write_str(
                "without credentials, `*` in allow_headers does not cover Authorization; if pages send that header, list \
                 `authorization` as well",
            ),
            Self::SafelistedResponseHeader(name) => {
                write!(f, "{name} can be left out of expose_headers: it is safelisted and always readable")
            }
            Self::LiteralWildcard { setting, name } => write!(
                f,
                "browsers read `{name}` in {setting} literally: `*` is a wildcard only if it is the whole name; list each name"
            ),
            Self::MisspelledName { setting, name, meant } => {
                write!(f, "`{name}` in {setting} looks like a misspelling; did you mean `{meant}`?")
            }
            Self::MethodWithoutContentType(method) => write!(
                f,
                "pages cannot send JSON with {method}, because `content-type` is not in allow_headers; add `content-type` to \
                 allow_headers"
            ),
            Self::MaxAgeAboveChromium(seconds) => {
                write!(f, "max_age is {seconds} s, but Chromium keeps the response to a preflight for at most {CHROMIUM_MAX_AGE} s")
            }
            Self::UnusedOptOut(name) => write!(f, "{name} can be left out: nothing in the policy needs it"),
        }
    }
}
