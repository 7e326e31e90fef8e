use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::fault_text::Quoted;
use super::guard::Guard;
use super::setting::Setting;

/// A valid setting that is probably not intended: see [`Policy::warnings`](crate::Policy::warnings).
///
/// `Display` explains the problem and suggests a change. This enum is non-exhaustive: warnings may be added in a minor version.
///
/// ```
/// use omnicors_core::{PolicyConfig, Warning};
///
/// let policy = PolicyConfig::new().allow_origin("https://example.com").allow_method("GET").build()?;
/// assert_eq!(policy.warnings(), [Warning::SafelistedMethod("GET".to_string())]);
/// assert_eq!(
///     policy.warnings()[0].to_string(),
///     "GET can be left out of allow_methods: it is safelisted and always allowed",
/// );
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The policy allows only pages served from this machine, as for development.
    OnlyLoopbackOrigins,
    /// The policy allows, with credentials, pages served from this machine as well as other origins. The field is the first
    /// such pattern.
    LoopbackOriginWithCredentials(String),
    /// The policy allows, without credentials, origins that are neither https nor loopback.
    InsecureOrigins {
        /// The first such pattern.
        first: String,
        /// The number of such patterns.
        count: usize,
    },
    /// The pattern has, without credentials and without a guard, a `*` under or above a public suffix.
    OpenWildcard(String),
    /// Patterns or regular expressions with a wildcard that were not checked against the Public Suffix List, because the feature
    /// `public-suffix` is off. With it, an item that allows names under a public suffix would be a fault.
    UncheckedWildcards {
        /// The setting: `allow_origins` or `allow_origin_regexes`, with credentials or a guard, or `allow_navigations_from`.
        setting: Setting,
        /// The patterns or expressions.
        items: Vec<String>,
    },
    /// The regular expression matches no origin.
    RegexWithoutEffect(String),
    /// The [guard](crate::PolicyConfig::guard) never lets this opaque origin pass, so a page with it can only send the requests that
    /// the guard does not check.
    OpaqueOriginWithGuard(String),
    /// Another pattern allows all origins of this pattern.
    CoveredPattern {
        /// The pattern that can be left out.
        pattern: String,
        /// The pattern that allows the same origins.
        by: String,
    },
    /// The method is [safelisted](https://fetch.spec.whatwg.org/#cors-safelisted-method), so it does not need to be listed.
    SafelistedMethod(String),
    /// `OPTIONS` is listed. Preflights do not need it, and pages rarely send `OPTIONS` requests themselves.
    OptionsMethod,
    /// The policy allows any request header without credentials, but does not list `authorization`, which `*` does not cover.
    AnyHeaderWithoutAuthorization,
    /// The response header is [safelisted](https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name), so it does not
    /// need to be listed.
    SafelistedResponseHeader(String),
    /// A name contains a `*`, which browsers read literally.
    LiteralWildcard {
        /// The setting.
        setting: Setting,
        /// The name with the `*`.
        name: String,
    },
    /// The name differs in one letter, or in a `_`, from a well-known name.
    MisspelledName {
        /// The setting.
        setting: Setting,
        /// The name as it was written.
        name: String,
        /// The name that was probably meant.
        meant: &'static str,
    },
    /// The method has a body, but `content-type` is not an allowed request header, so pages cannot send JSON.
    MethodWithoutContentType(String),
    /// The max age, in seconds, is longer than the 7200 seconds for which Chromium keeps the response to a preflight.
    MaxAgeAboveChromium(u64),
    /// Nothing in the policy needs this opt-out.
    UnusedOptOut(Setting),
    /// The setting has no effect without the [guard](crate::PolicyConfig::guard).
    NeedsGuard {
        /// The setting.
        setting: Setting,
        /// The values for which the guard is not off, and which are not a fault in this policy. There are none with `*`, for example.
        guards: Vec<Guard>,
    },
}

/// The longest time, in seconds, for which Chromium keeps the response to a preflight.
pub(super) const CHROMIUM_MAX_AGE: u64 = 7200;

impl Warning {
    /// Returns the setting that the warning is about.
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, Setting};
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").allow_method("GET").build()?;
    /// assert_eq!(policy.warnings()[0].setting(), Setting::AllowMethods);
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn setting(&self) -> Setting {
        match self {
            Self::OnlyLoopbackOrigins
            | Self::LoopbackOriginWithCredentials(_)
            | Self::InsecureOrigins { .. }
            | Self::OpenWildcard(_)
            | Self::OpaqueOriginWithGuard(_)
            | Self::CoveredPattern { .. } => Setting::AllowOrigins,
            Self::RegexWithoutEffect(_) => Setting::AllowOriginRegexes,
            Self::SafelistedMethod(_) | Self::OptionsMethod | Self::MethodWithoutContentType(_) => {
                Setting::AllowMethods
            }
            Self::AnyHeaderWithoutAuthorization => Setting::AllowHeaders,
            Self::SafelistedResponseHeader(_) => Setting::ExposeHeaders,
            Self::UncheckedWildcards { setting, .. }
            | Self::LiteralWildcard { setting, .. }
            | Self::MisspelledName { setting, .. }
            | Self::UnusedOptOut(setting)
            | Self::NeedsGuard { setting, .. } => *setting,
            Self::MaxAgeAboveChromium(_) => Setting::MaxAge,
        }
    }

    /// Returns the item of the setting that the warning is about, or `None` if it is about the whole setting. Header names are in lower
    /// case, also if the setting has them in another case.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").allow_methods(["PUT", "GET"]).allow_headers(["*"]).build()?;
    /// assert_eq!(policy.warnings()[0].item(), Some("GET"));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn item(&self) -> Option<&str> {
        match self {
            Self::LoopbackOriginWithCredentials(item)
            | Self::InsecureOrigins { first: item, .. }
            | Self::OpenWildcard(item)
            | Self::RegexWithoutEffect(item)
            | Self::OpaqueOriginWithGuard(item)
            | Self::CoveredPattern { pattern: item, .. }
            | Self::SafelistedMethod(item)
            | Self::MethodWithoutContentType(item)
            | Self::SafelistedResponseHeader(item)
            | Self::LiteralWildcard { name: item, .. }
            | Self::MisspelledName { name: item, .. } => Some(item),
            Self::UncheckedWildcards { items, .. } => items.first().map(String::as_str),
            Self::OptionsMethod => Some("OPTIONS"),
            Self::AnyHeaderWithoutAuthorization => Some("*"),
            Self::OnlyLoopbackOrigins
            | Self::MaxAgeAboveChromium(_)
            | Self::UnusedOptOut(_)
            | Self::NeedsGuard { .. } => None,
        }
    }
}

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
            Self::UncheckedWildcards { setting, items } => write_unchecked_wildcards(*setting, items, f),
            Self::RegexWithoutEffect(text) => write!(
                f,
                "`{}` in allow_origin_regexes cannot match any origin: an origin has a scheme and a lower-case host, without a slash \
                 at the end and without the default port; write it as in `https://.+\\.example\\.com`",
                Quoted(text)
            ),
            Self::OpaqueOriginWithGuard(origin) => write!(
                f,
                "`{origin}` in allow_origins does not pass the guard, because pages of any site can have this origin: the requests that \
                 the guard checks are rejected; remove `{origin}`, or serve the paths that need it with a policy without a guard"
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
            Self::NeedsGuard { setting, guards } => {
                write!(f, "{setting} has no effect, because the guard is off; ")?;
                for (index, guard) in guards.iter().enumerate() {
                    let before = if index == 0 { "set guard to" } else { " or" };
                    write!(f, "{before} `{guard}`")?;
                }
                let separator = if guards.is_empty() { "" } else { ", or " };
                write!(f, "{separator}leave this out")
            }
            Self::UnusedOptOut(name) => write!(f, "{name} can be left out: nothing in the policy needs it"),
        }
    }
}

/// Names the first items only: a policy can have thousands.
fn write_unchecked_wildcards(
    setting: Setting,
    items: &[String],
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    const MOST: usize = 10;
    let example = match setting {
        Setting::AllowOriginRegexes => "an expression such as `https://.+\\.co\\.uk`",
        _ => "a wildcard such as `https://*.co.uk`",
    };
    write!(
        f,
        "these wildcards in {setting} were not checked against the Public Suffix List: "
    )?;
    for (index, item) in items.iter().take(MOST).enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        write!(f, "{separator}`{}`", Quoted(item))?;
    }
    if items.len() > MOST {
        write!(f, " and {} more", items.len() - MOST)?;
    }
    write!(
        f,
        "; enable the feature `public-suffix`, which makes {example} a fault here"
    )
}
