use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use crate::limits;
use crate::origin::{OriginError, OriginPatternError};

/// The reason why a setting is a fault.
///
/// `Display` explains it. This enum is non-exhaustive: causes may be added in a minor version.
///
/// ```
/// use omnicors_core::{FaultCause, PolicyConfig};
///
/// let config = PolicyConfig::new().allow_origin("https://example.com").allow_method("patch");
/// let error = config.build().unwrap_err();
/// assert_eq!(error.faults()[0].cause(), &FaultCause::MethodCase);
/// assert_eq!(error.faults()[0].cause().to_string(), "methods are case-sensitive");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultCause {
    /// The name is not the name of a setting.
    UnknownSetting,
    /// The name is an old name of a setting.
    Renamed,
    /// The setting was replaced by another one, which has other values.
    Replaced,
    /// The setting is written twice.
    Repeated,
    /// The value has the wrong type. The field describes the expected value.
    Expected(&'static str),
    /// The environment variable is not valid Unicode.
    NotUnicode,
    /// The setting takes a function or a set, so it works only in code.
    OnlyInCode,
    /// The setting works only in policy files.
    OnlyInPolicyFile,
    /// The setting needs the feature `regex`.
    NeedsRegex,
    /// No setting allows any origin.
    NoOrigin,
    /// The origin pattern is invalid.
    OriginPattern(OriginPatternError),
    /// `*` is combined with other patterns, or with other settings that allow origins.
    AnyOriginNotAlone,
    /// `null` is the origin of every sandboxed frame.
    NullOrigin,
    /// `file://` is the origin of every file that a browser or an application opens.
    FileOrigin,
    /// `*` is combined with credentials.
    AnyOriginWithCredentials,
    /// The pattern allows, with credentials, any host of this scheme.
    AnyHostWithCredentials(String),
    /// The pattern allows, with credentials, an origin that is neither https nor loopback.
    InsecureOriginWithCredentials,
    /// The pattern is invalid, and the pattern that was probably meant is unsafe.
    UnsafeOriginPattern {
        /// Why the pattern is invalid.
        error: OriginPatternError,
        /// The pattern that was probably meant.
        meant: String,
        /// Why that pattern is unsafe.
        danger: Box<FaultCause>,
    },
    /// The pattern has, with credentials, a `*` directly under this public suffix.
    PublicSuffix(String),
    /// The pattern has, with credentials, a `*` for whole labels under this domain, and there are public suffixes under the domain.
    PublicSuffixesBelow(String),
    /// Anyone can have an origin that the pattern or regular expression allows, and listed origins pass the guard. The field is the fault
    /// that it would have with credentials.
    AnyonePassesGuard(Box<FaultCause>),
    /// The patterns under one domain have more than [`limits::LABEL_SHAPES`] combinations of lengths before and after the `*`. The field is
    /// the pattern for all subdomains of the domain, if the policy can have it.
    TooManyLabelShapes(Option<String>),
    /// The exact origins together are longer than 4 GiB.
    TooManyOrigins,
    /// The regular expression is invalid. The field is the message of the parser.
    Regex(String),
    /// The regular expression can match, with credentials, an origin of any site, because it does not end with literal hosts.
    RegexWithCredentials,
    /// The regular expression has, with credentials, too many hosts, or is too complex to list the hosts that it ends with.
    RegexOfTooManyHosts,
    /// The regular expressions together compile to more than 1 MiB.
    RegexTooLarge,
    /// `static_origin` is set without exactly one origin, or together with a setting that makes responses depend on the request.
    StaticOrigin,
    /// `allow_others_without_credentials` is set without `allow_credentials`.
    OthersWithoutCredentials,
    /// `allow_others_without_credentials` is combined with the guard `all`.
    OthersRejected,
    /// The guard is combined with `*`.
    GuardWithAnyOrigin,
    /// The pattern would let every origin send navigations.
    NavigationsFromAnyOrigin,
    /// Every site can send a form with an opaque origin (`null` or `file://`).
    NavigationsFromOpaqueOrigin,
    /// The entry is not a host.
    Host,
    /// The method or header is `any` or `all`, which browsers read as the name of a single one.
    AnyName,
    /// The method is not a [token](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2), or is in quotes.
    Method,
    /// The method is a standard one, but is not in upper case.
    MethodCase,
    /// The method is a [forbidden method](https://fetch.spec.whatwg.org/#forbidden-method): `CONNECT`, `TRACE` or `TRACK`.
    ForbiddenMethod,
    /// The header name is not a [token](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2), or is in quotes.
    HeaderName,
    /// The header is a [forbidden request-header](https://fetch.spec.whatwg.org/#forbidden-request-header): pages cannot set it.
    ForbiddenRequestHeader,
    /// The name is a [forbidden response-header name](https://fetch.spec.whatwg.org/#forbidden-response-header-name): pages cannot
    /// read it.
    ForbiddenResponseHeader,
    /// A response header of CORS is listed as a request header, or a request header of CORS as a response header.
    HeaderOnWrongSide,
    /// `*` in `expose_headers` is combined with credentials.
    ExposeAnyWithCredentials,
    /// The max age is longer than [`limits::MAX_AGE`] seconds.
    MaxAgeTooLong,
    /// The max age has a fraction of a second.
    MaxAgeFraction,
    /// The status for preflights is not from 200 to 299.
    PreflightStatus,
}

impl fmt::Display for FaultCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::UnknownSetting => "unknown setting",
            Self::Renamed => "the setting was renamed",
            Self::Replaced => {
                "the setting was replaced by guard; if it was `true`, write `all` as the value of guard"
            }
            Self::Repeated => "the setting is written twice; remove one of the two",
            Self::Expected(expected) => expected,
            Self::NotUnicode => "not valid Unicode (UTF-8)",
            Self::OnlyInCode | Self::OnlyInPolicyFile | Self::NeedsRegex => not_here(self),
            Self::NoOrigin => {
                "no origin is allowed; list at least one, such as `https://example.com`, or `*` for any origin"
            }
            Self::OriginPattern(OriginPatternError::Origin(OriginError::FileScheme)) => {
                "a page opened from a file has the origin `null` or `file://`, without a host or path; serve it from \
                 `http://localhost`, or list its origin with `dangerously_allow_opaque_origins`"
            }
            Self::OriginPattern(error) => return error.fmt(f),
            Self::AnyOriginNotAlone => {
                "it already allows any origin, so the other origin settings have no effect; remove it, or remove the others"
            }
            Self::NullOrigin => "any site can create a page with this origin, in a sandboxed frame",
            Self::FileOrigin => {
                "every file that a visitor opens has this origin, including downloaded files; if the pages belong to your own \
                 application, serve them from a custom scheme, such as `app://localhost`"
            }
            Self::AnyHostWithCredentials(_)
            | Self::PublicSuffix(_)
            | Self::PublicSuffixesBelow(_)
            | Self::RegexWithCredentials
            | Self::RegexOfTooManyHosts => return write_danger(self, Trust::Credentials, f),
            Self::AnyonePassesGuard(danger) => return write_danger(danger, Trust::Guard, f),
            Self::AnyOriginWithCredentials => {
                "with credentials (cookies), any site could read everything that its visitors can read here; list the origins you trust"
            }
            Self::InsecureOriginWithCredentials => {
                "with credentials (cookies), anyone who controls a visitor's network can impersonate an origin without https and act \
                 as the visitor; serve its pages over https, and list that origin"
            }
            Self::UnsafeOriginPattern {
                error,
                meant,
                danger,
            } => return write!(f, "{error}; `{meant}` would be unsafe: {danger}"),
            Self::TooManyLabelShapes(subdomains) => {
                return write_too_many_label_shapes(subdomains.as_deref(), f);
            }
            Self::TooManyOrigins => {
                "the exact origins together are longer than 4 GiB; use `lookup_origins`"
            }
            Self::Regex(message) => return write!(f, "not a valid regular expression: {message}"),
            Self::RegexTooLarge => {
                "the regular expressions together compile to more than 1 MiB; use smaller repetition counts"
            }
            Self::StaticOrigin => {
                "it requires exactly one origin in allow_origins, without a wildcard; remove allow_origin_regexes, \
                 allow_origins_if, allow_origins_in, lookup_origins, allow_others_without_credentials and guard, and, with \
                 allow_credentials, `*` from allow_methods and allow_headers"
            }
            Self::OthersRejected
            | Self::GuardWithAnyOrigin
            | Self::NavigationsFromAnyOrigin
            | Self::NavigationsFromOpaqueOrigin
            | Self::Host => of_guard(self),
            Self::OthersWithoutCredentials => {
                "it requires allow_credentials; to allow any origin without credentials, list `*` in allow_origins"
            }
            Self::AnyName => {
                "browsers read this as the name of one method or header; only `*` means any"
            }
            Self::Method => "not a valid method: use letters, digits, `-` and `_`",
            Self::MethodCase => "methods are case-sensitive",
            Self::ForbiddenMethod => {
                "browsers do not let a page use this method (Fetch, \"forbidden method\"); remove it"
            }
            Self::HeaderName => "not a valid header name: use letters, digits, `-` and `_`",
            Self::ForbiddenRequestHeader => {
                "only the browser sets this header (Fetch, \"forbidden request-header\"); remove it"
            }
            Self::ForbiddenResponseHeader => {
                "browsers do not let a page read this header (Fetch, \"forbidden response-header name\"); remove it"
            }
            Self::HeaderOnWrongSide => {
                "the headers of CORS itself do not need to be listed; remove it"
            }
            Self::ExposeAnyWithCredentials => {
                "with credentials, browsers read `*` literally, as the name of a header; list the names to expose"
            }
            Self::MaxAgeTooLong => {
                "no browser keeps the response to a preflight for longer than 86400 seconds"
            }
            Self::MaxAgeFraction => "max age is sent in whole seconds",
            Self::PreflightStatus => {
                "a browser accepts a preflight only with a status from 200 to 299"
            }
        };
        f.write_str(text)
    }
}

/// Returns the text of a fault of the guard.
fn of_guard(cause: &FaultCause) -> &'static str {
    match cause {
        FaultCause::OthersRejected => {
            "the guard `all` rejects the origins that this setting allows; remove one of the two, or set guard to `unsafe-methods`"
        }
        FaultCause::GuardWithAnyOrigin => {
            "with `*` in allow_origins, no origin is listed, so the guard would reject the requests of all other origins; list the \
             origins whose requests are run, or remove the guard"
        }
        FaultCause::NavigationsFromAnyOrigin => {
            "any site could send forms in the name of a visitor; list the origins whose forms are accepted"
        }
        FaultCause::NavigationsFromOpaqueOrigin => {
            "any site can send a form with this origin; list the origin of the site, which must not have the referrer policy \
             `no-referrer`"
        }
        // `Host`.
        _ => {
            "not a host: write it as in `api.example`, `localhost:3000` or `[::1]`, without a scheme, a path or a wildcard"
        }
    }
}

/// What an origin may do, so that a pattern or regular expression must not allow an origin that anyone can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// Its requests have the cookies of the visitor.
    Credentials,
    /// It passes the guard.
    Guard,
}

impl Trust {
    /// Returns the cause of a fault, given its cause with credentials.
    pub(super) fn cause(self, with_credentials: FaultCause) -> FaultCause {
        match self {
            Self::Credentials => with_credentials,
            Self::Guard => FaultCause::AnyonePassesGuard(Box::new(with_credentials)),
        }
    }
}

/// Writes why it is dangerous that anyone can have an origin that is allowed.
fn write_danger(danger: &FaultCause, trust: Trust, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (reason, would_be) = match trust {
        Trust::Credentials => (
            "with credentials (cookies),",
            "would be trusted with credentials (cookies)",
        ),
        Trust::Guard => (
            "listed origins pass the guard, so",
            "would pass the guard, because listed origins do",
        ),
    };
    match danger {
        FaultCause::AnyHostWithCredentials(scheme) => {
            let could = match trust {
                Trust::Credentials => "could read everything that its users can read here",
                Trust::Guard => "would pass it",
            };
            write!(
                f,
                "{reason} every application or extension with the scheme `{scheme}` {could}; list the origins you trust"
            )
        }
        FaultCause::PublicSuffix(suffix) => {
            f.write_str("anyone can register a name ")?;
            if suffix.is_empty() {
                f.write_str("that this pattern allows")?;
            } else {
                write!(f, "under `{suffix}` (a public suffix)")?;
            }
            write!(
                f,
                ", and {would_be}; put a domain that you own after the `*`"
            )
        }
        FaultCause::PublicSuffixesBelow(domain) => write!(
            f,
            "`{domain}` has public suffixes under it, so anyone can register a name that this pattern allows, and {would_be}; put a \
             longer domain, one that you own, after the `*`"
        ),
        FaultCause::RegexWithCredentials => write!(
            f,
            "{reason} it must not match a site that others can register; end it with a host that you own, after `\\.` or `//`, and \
             escape each dot, as in `https://.+\\.example\\.com`"
        ),
        FaultCause::RegexOfTooManyHosts => write!(
            f,
            "{reason} each host that it can end with is checked, and there are more than {} or they cannot be listed; use a simpler \
             expression, or list the origins",
            limits::REGEX_HOSTS
        ),
        // No other cause is about an origin that anyone can have.
        other => fmt::Display::fmt(other, f),
    }
}

fn write_too_many_label_shapes(
    subdomains: Option<&str>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let most = limits::LABEL_SHAPES;
    write!(
        f,
        "the patterns have more than {most} combinations of lengths before and after the `*`, and each combination makes matching slower; "
    )?;
    if let Some(subdomains) = subdomains {
        write!(f, "allow `{subdomains}`, or ")?;
    }
    f.write_str("list origins one by one")
}

/// Returns why a setting cannot be used where it is written.
fn not_here(cause: &FaultCause) -> &'static str {
    match cause {
        FaultCause::OnlyInCode => {
            "it can only be set in code; list patterns in allow_origins, or use lookup_origins"
        }
        FaultCause::OnlyInPolicyFile => {
            "it works only in a policy file that `PolicyFile` (omnicors-tokio) reads; list the origins in allow_origins"
        }
        _ => {
            "regular expressions need the feature `regex` of omnicors; enable it, or use patterns in allow_origins"
        }
    }
}
