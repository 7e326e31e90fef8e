use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::limits;
use crate::origin::{OriginError, OriginPatternError};

/// Every fault of a policy config, all at once.
///
/// ```
/// use omnicors_core::PolicyConfig;
///
/// let error = PolicyConfig::new()
///     .allow_origins(["https://Example.com/"])
///     .allow_methods(["patch"])
///     .build()
///     .unwrap_err();
/// assert_eq!(error.to_string(), "\
/// the CORS policy has 2 faults:
///   allow_origins[0]: `https://Example.com/` is invalid: it has an upper-case letter; browsers send lower case; \
///     write `https://example.com`
///   allow_methods[0]: `patch` is invalid: methods are case-sensitive; write `PATCH`");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// Not empty.
    pub(super) faults: Vec<Fault>,
}

impl PolicyError {
    /// The faults, one at least, in the order of the settings.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl fmt::Display for PolicyError {
    /// All faults, a line each; of very many, the first hundred and how many more there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 100;
        match &*self.faults {
            [fault] => return write!(f, "the CORS policy has a fault:\n  {fault}"),
            faults => write!(f, "the CORS policy has {} faults:", faults.len())?,
        }
        for fault in self.faults.iter().take(SHOWN) {
            write!(f, "\n  {fault}")?;
        }
        match self.faults.len().checked_sub(SHOWN) {
            None | Some(0) => Ok(()),
            Some(more) => write!(f, "\n  … and {more} more"),
        }
    }
}

/// The same: it is what a `main` that returns an error prints, and `unwrap`, where an operator most wants to be told what to
/// write instead.
impl fmt::Debug for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl core::error::Error for PolicyError {}

/// One fault of a policy config: the offending text, its place, the reason and, where there is one, the fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub(super) field: &'static str,
    pub(super) index: Option<usize>,
    pub(super) text: String,
    pub(super) cause: FaultCause,
    pub(super) fix: Option<String>,
}

/// In which of three ways a setting is at fault.
///
/// Exhaustive: these are the three words of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// It has no valid syntax, or no valid value.
    Invalid,
    /// Fetch forbids it: no browser would honour it.
    Forbidden,
    /// This library refuses it, because of what it would allow; [`Fault::opt_out`] names the setting that permits it,
    /// where there is one.
    Refused,
}

/// What is wrong with a setting.
///
/// Non-exhaustive: a finer distinction may be added without a new major version.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultCause {
    /// No origin is allowed by any of the settings.
    NoOrigin,
    /// A pattern that is none.
    OriginPattern(OriginPatternError),
    /// `*` beside other patterns, or beside other means of allowing origins.
    AnyOriginNotAlone,
    /// `null`, which is the origin of any sandboxed frame.
    NullOrigin,
    /// `*` with credentials.
    AnyOriginWithCredentials,
    /// With credentials, an origin that is neither https nor loopback.
    InsecureOriginWithCredentials,
    /// With credentials, a `*` directly under this public suffix.
    PublicSuffix(String),
    /// Patterns of more than [`limits::LABEL_SHAPES`] shapes under this domain.
    TooManyLabelShapes(String),
    /// More than 4 GiB of exact origins.
    TooManyOrigins,
    /// A regular expression that does not parse, with what the parser says.
    Regex(String),
    /// With credentials, a regular expression that can match an origin of any site: it does not end in literal hosts.
    RegexWithCredentials,
    /// Regular expressions that together would compile to more than 1 MiB.
    RegexTooLarge,
    /// A method that is no token.
    Method,
    /// A standard method that is not in upper case.
    MethodCase,
    /// A method longer than [`limits::REQUEST_METHOD`]: a request that names it is denied.
    MethodTooLong,
    /// `CONNECT`, `TRACE` or `TRACK`.
    ForbiddenMethod,
    /// A header name that is no token.
    HeaderName,
    /// A forbidden request-header name: a page cannot set it.
    ForbiddenRequestHeader,
    /// A forbidden response-header name: a page cannot read it.
    ForbiddenResponseHeader,
    /// A header of a CORS response among those of requests, or the other way round.
    HeaderOnWrongSide,
    /// All response headers exposed, with credentials.
    ExposeAnyWithCredentials,
    /// A max age over [`limits::MAX_AGE`] seconds.
    MaxAgeTooLong,
    /// A max age with a fraction of a second.
    MaxAgeFraction,
    /// A status for preflights outside 200 to 299.
    PreflightStatus,
}

impl Fault {
    /// The name of the setting.
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// The place in the list, counted from 0, where the setting is a list.
    pub fn index(&self) -> Option<usize> {
        self.index
    }

    /// The offending text, as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is wrong with it.
    pub fn cause(&self) -> &FaultCause {
        &self.cause
    }

    /// What to write instead, where that is known.
    pub fn fix(&self) -> Option<&str> {
        self.fix.as_deref()
    }

    /// True for a text such as `GET, PUT` in a place for one name.
    fn may_be_several(&self) -> bool {
        let is_single = matches!(
            self.cause,
            FaultCause::OriginPattern(_) | FaultCause::Method | FaultCause::HeaderName
        );
        let parts = self
            .text
            .split(|character: char| matches!(character, ',' | ';') || character.is_whitespace());
        is_single && parts.filter(|part| !part.is_empty()).nth(1).is_some()
    }

    /// In which of three ways this is a fault.
    pub fn kind(&self) -> FaultKind {
        match self.cause {
            FaultCause::OriginPattern(OriginPatternError::Origin(OriginError::FileScheme))
            | FaultCause::NullOrigin
            | FaultCause::AnyOriginWithCredentials
            | FaultCause::InsecureOriginWithCredentials
            | FaultCause::PublicSuffix(_)
            | FaultCause::RegexWithCredentials
            | FaultCause::ExposeAnyWithCredentials => FaultKind::Refused,
            FaultCause::ForbiddenMethod
            | FaultCause::ForbiddenRequestHeader
            | FaultCause::ForbiddenResponseHeader
            | FaultCause::HeaderOnWrongSide => FaultKind::Forbidden,
            _ => FaultKind::Invalid,
        }
    }

    /// The setting that permits what is refused, for those who know what they are doing.
    pub fn opt_out(&self) -> Option<&'static str> {
        match self.cause {
            FaultCause::NullOrigin => Some("dangerously_allow_null_origin"),
            FaultCause::AnyOriginWithCredentials | FaultCause::RegexWithCredentials => {
                Some("dangerously_allow_any_origin_with_credentials")
            }
            FaultCause::InsecureOriginWithCredentials => Some("dangerously_allow_insecure_origins"),
            FaultCause::PublicSuffix(_) => Some("dangerously_allow_public_suffix_subdomains"),
            _ => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field)?;
        if let Some(index) = self.index {
            write!(f, "[{index}]")?;
        }
        let kind = match self.kind() {
            FaultKind::Invalid => "invalid",
            FaultKind::Forbidden => "forbidden",
            FaultKind::Refused => "refused",
        };
        if self.text.is_empty() {
            write!(f, ": {kind}: {}", self.cause)?;
        } else {
            write!(f, ": `{}` is {kind}: {}", Quoted(&self.text), self.cause)?;
        }
        if let Some(fix) = &self.fix {
            write!(f, "; write `{fix}`")?;
        } else if self.may_be_several() {
            f.write_str("; if these are several, list each by itself")?;
        }
        if let Some(opt_out) = self.opt_out() {
            write!(f, "; to permit it all the same, set `{opt_out}`")?;
        }
        Ok(())
    }
}

/// The offending text in one line of bearable length, whatever it contains.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 100;
        for character in self.0.chars().take(LONGEST) {
            // What cannot be seen is spelled out, such as a zero-width space in a name that looks right.
            if character.is_control() || !(character.is_ascii() || character.is_alphanumeric()) {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        if self.0.chars().nth(LONGEST).is_some() {
            f.write_str("…")
        } else {
            Ok(())
        }
    }
}

impl fmt::Display for FaultCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::NoOrigin => {
                "no origin is allowed; list at least one, such as `https://example.com`, or `*` for any origin"
            }
            Self::OriginPattern(OriginPatternError::Origin(OriginError::FileScheme)) => {
                "a page opened from a file has the origin `null`, which any site can give itself, too; \
                 serve the page from `http://localhost`, or else list `null`"
            }
            Self::OriginPattern(error) => return error.fmt(f),
            Self::AnyOriginNotAlone => {
                "it allows any origin, so that nothing beside it has a meaning; remove it or everything else"
            }
            Self::NullOrigin => "any site can make a page with this origin, in a sandboxed frame",
            Self::AnyOriginWithCredentials => {
                "with credentials (cookies), any site could read what its visitors can read here; list the origins you trust"
            }
            Self::InsecureOriginWithCredentials => {
                "with credentials (cookies), an origin without https lets whoever controls a visitor's network act in the \
                 visitor's name"
            }
            Self::PublicSuffix(suffix) if suffix.is_empty() => {
                "anyone could take a name that this admits, and would be trusted with credentials (cookies); \
                 put a domain of your own behind the `*`"
            }
            Self::PublicSuffix(suffix) => {
                return write!(
                    f,
                    "anyone can register a name under `{suffix}` (a public suffix), and would be trusted with credentials \
                     (cookies); put a domain of your own behind the `*`"
                );
            }
            Self::TooManyLabelShapes(domain) => {
                let most = limits::LABEL_SHAPES;
                write!(
                    f,
                    "there are patterns with more than {most} different lengths before and behind the `*`, each of which \
                     costs a look-up; "
                )?;
                return if domain.is_empty() {
                    f.write_str("list origins one by one")
                } else {
                    write!(f, "allow `*.{domain}`, or list origins one by one")
                };
            }
            Self::TooManyOrigins => {
                "the exact origins are longer than 4 GiB together; use `decide_origins_outside`"
            }
            Self::Regex(message) => return write!(f, "it is no regular expression: {message}"),
            Self::RegexWithCredentials => {
                "with credentials (cookies), sites that others register can match it; end it in a host that you own, after \
                 `\\.` or `//`, and escape each dot, as in `https://.+\\.example\\.com`"
            }
            Self::RegexTooLarge => {
                "the regular expressions together would take more than 1 MiB when compiled; use smaller repetitions"
            }
            Self::Method => {
                "it is no method: that is one word of letters, digits, `-`, `_` and a few more signs"
            }
            Self::MethodCase => "methods are case-sensitive",
            Self::MethodTooLong => "it is longer than the 64 bytes that are read of a method",
            Self::ForbiddenMethod => {
                "no page can use this method (Fetch, \"forbidden method\"); remove it"
            }
            Self::HeaderName => {
                "it is no header name: that is one word of letters, digits, `-`, `_` and a few more signs"
            }
            Self::ForbiddenRequestHeader => {
                "the browser sets this header, no page can (Fetch, \"forbidden request-header\"); remove it"
            }
            Self::ForbiddenResponseHeader => {
                "no page can read this header (Fetch, \"forbidden response-header name\"); remove it"
            }
            Self::HeaderOnWrongSide => {
                "it is a header of CORS itself, which browser and server exchange without being told to; remove it"
            }
            Self::ExposeAnyWithCredentials => {
                "with credentials, a browser takes `*` for a header of that name; list the names to expose"
            }
            Self::MaxAgeTooLong => {
                "no browser keeps the answer to a preflight for longer than 86400 seconds"
            }
            Self::MaxAgeFraction => "it is sent in whole seconds",
            Self::PreflightStatus => {
                "a browser takes an answer to a preflight for a success from 200 to 299 only"
            }
        };
        f.write_str(text)
    }
}
