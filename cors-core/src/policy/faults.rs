use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use super::setting::Setting;
use crate::limits;
use crate::origin::{OriginError, OriginPatternError};

/// All faults of a policy config.
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
///   allow_origins[0]: `https://Example.com/` is invalid: origin has an upper-case letter; browsers send lower case; \
///     write `https://example.com`
///   allow_methods[0]: `patch` is invalid: methods are case-sensitive; write `PATCH`");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// Not empty.
    pub(super) faults: Vec<Fault>,
}

impl PolicyError {
    /// Returns the faults, at least one, in the order of the settings.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl fmt::Display for PolicyError {
    /// Writes one fault per line, as many as a screen shows (20 lines and about 2 KB), and how many more there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LINES: usize = 20;
        const LENGTH: usize = 2400;
        match &*self.faults {
            [fault] => return write!(f, "the CORS policy has a fault:\n  {fault}"),
            faults => write!(f, "the CORS policy has {} faults:", faults.len())?,
        }
        let mut left = LENGTH;
        let mut shown = 0;
        for fault in self.faults.iter().take(LINES) {
            let line = fault.to_string();
            left = match left.checked_sub(line.len()) {
                Some(left) => left,
                None if shown == 0 => 0,
                None => break,
            };
            write!(f, "\n  {line}")?;
            shown += 1;
        }
        match self.faults.len() - shown {
            0 => Ok(()),
            more => write!(f, "\n  … and {more} more"),
        }
    }
}

/// The same text as `Display`: it is what `unwrap`, and a `main` that returns an error, print.
impl fmt::Debug for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl core::error::Error for PolicyError {}

/// One fault of a policy config: what was found, where, why it is a fault and, if it is known, what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub(super) setting: Option<Setting>,
    pub(super) index: Option<usize>,
    /// The environment variable, if that is where the setting comes from.
    pub(super) variable: Option<String>,
    pub(super) text: String,
    pub(super) cause: FaultCause,
    pub(super) suggestion: Option<String>,
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
    /// It would allow something dangerous. [`Fault::opt_out`] returns the setting that permits it, where there is one.
    Unsafe,
}

/// What is wrong with a setting.
///
/// Non-exhaustive: a finer distinction may be added without a new major version.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultCause {
    /// A name that is not the name of a setting.
    UnknownSetting,
    /// An old name of a setting.
    Renamed,
    /// A setting that is written twice.
    Repeated,
    /// A value of the wrong type, with the expected one.
    Expected(&'static str),
    /// An environment variable that is not valid Unicode.
    NotUnicode,
    /// A setting that only code can have, because it is a function.
    OnlyInCode,
    /// A setting that only policy files can have.
    OnlyInPolicyFile,
    /// A setting that needs the feature `regex`.
    NeedsRegex,
    /// No origin is allowed by any of the settings.
    NoOrigin,
    /// A pattern that is not valid.
    OriginPattern(OriginPatternError),
    /// `*` beside other patterns, or beside other means of allowing origins.
    AnyOriginNotAlone,
    /// `null`, which is the origin of any sandboxed frame.
    NullOrigin,
    /// `file://`, which is the origin of any file that is opened.
    FileOrigin,
    /// `*` with credentials.
    AnyOriginWithCredentials,
    /// With credentials, any host of this scheme.
    AnyHostWithCredentials(String),
    /// With credentials, an origin that is neither https nor loopback.
    InsecureOriginWithCredentials,
    /// With credentials, a host without a scheme whose pages usually have http: the origin that is probably meant.
    InsecureOriginWithoutScheme(String),
    /// With credentials, a `*` directly under this public suffix.
    PublicSuffix(String),
    /// With credentials, a `*` for whole labels under this domain, under which there are public suffixes.
    PublicSuffixesBelow(String),
    /// Patterns of more than [`limits::LABEL_SHAPES`] shapes under this domain.
    TooManyLabelShapes(String),
    /// More than 4 GiB of exact origins.
    TooManyOrigins,
    /// A regular expression that does not parse, with what the parser says.
    Regex(String),
    /// With credentials, a regular expression that can match an origin of any site: it does not end in literal hosts.
    RegexWithCredentials,
    /// With credentials, a regular expression of too many hosts, or too complex, to find out whether it ends in literal hosts.
    RegexOfTooManyHosts,
    /// Regular expressions that together would compile to more than 1 MiB.
    RegexTooLarge,
    /// `static_origin` without exactly one origin, or with something else that decides.
    StaticOrigin,
    /// `allow_others_without_credentials` without `allow_credentials`.
    OthersWithoutCredentials,
    /// `allow_others_without_credentials` with `refuse_disallowed_origins`.
    OthersRefused,
    /// `any` or `all` among methods or headers, which is the name of one to a browser.
    AnyName,
    /// A method that is not a token, or one in quotes.
    Method,
    /// A standard method that is not in upper case.
    MethodCase,
    /// `CONNECT`, `TRACE` or `TRACK`.
    ForbiddenMethod,
    /// A header name that is not a token, or one in quotes.
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
    pub(super) fn new(
        setting: Option<Setting>,
        text: impl Into<String>,
        cause: FaultCause,
    ) -> Self {
        Self {
            setting,
            index: None,
            variable: None,
            text: text.into(),
            cause,
            suggestion: None,
        }
    }

    /// Returns the setting; for an unknown or an old name, the setting that was probably meant. Returns `None` for an unknown
    /// name that resembles no setting.
    pub fn setting(&self) -> Option<Setting> {
        self.setting
    }

    /// Returns the environment variable that the setting comes from, if it comes from one: see
    /// [`PolicyConfig::from_pairs`](crate::PolicyConfig::from_pairs).
    pub fn variable(&self) -> Option<&str> {
        self.variable.as_deref()
    }

    /// Returns the index in the list, counted from 0, if the setting is a list.
    pub fn index(&self) -> Option<usize> {
        self.index
    }

    /// Returns the text at fault, as it was written: a value, or the name if that is unknown or old.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns what is wrong with it.
    pub fn cause(&self) -> &FaultCause {
        &self.cause
    }

    /// Returns what to write instead, if that is known and is one item.
    pub fn suggestion(&self) -> Option<&str> {
        let is_single = self.suggested_items().nth(1).is_none();
        self.suggestion.as_deref().filter(|_| is_single)
    }

    /// Returns the items to write instead, if they are known: several for a text such as `GET, PUT`, where one item belongs.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::new().allow_origins(["https://example.com"]).allow_methods(["GET, PUT"]);
    /// let error = config.build().unwrap_err();
    /// assert!(error.faults()[0].suggested_items().eq(["GET", "PUT"]));
    /// ```
    pub fn suggested_items(&self) -> impl Iterator<Item = &str> {
        // No origin, method or header name contains this.
        self.suggestion.iter().flat_map(|text| text.split(", "))
    }

    /// Returns true for a text such as `GET, PUT` where one name belongs.
    pub(super) fn may_be_several(&self) -> bool {
        let is_single = matches!(
            self.cause,
            FaultCause::OriginPattern(
                OriginPatternError::Origin(_) | OriginPatternError::Delimiter(_)
            ) | FaultCause::Method
                | FaultCause::HeaderName
        );
        let parts = self
            .text
            .split(|character: char| matches!(character, ',' | ';') || character.is_whitespace());
        is_single && parts.filter(|part| !part.is_empty()).nth(1).is_some()
    }

    /// Returns in which of three ways this is a fault.
    pub fn kind(&self) -> FaultKind {
        match self.cause {
            FaultCause::NullOrigin
            | FaultCause::FileOrigin
            | FaultCause::AnyOriginWithCredentials
            | FaultCause::AnyHostWithCredentials(_)
            | FaultCause::InsecureOriginWithCredentials
            | FaultCause::PublicSuffix(_)
            | FaultCause::PublicSuffixesBelow(_)
            | FaultCause::RegexWithCredentials
            | FaultCause::RegexOfTooManyHosts
            | FaultCause::ExposeAnyWithCredentials => FaultKind::Unsafe,
            FaultCause::ForbiddenMethod
            | FaultCause::ForbiddenRequestHeader
            | FaultCause::ForbiddenResponseHeader
            | FaultCause::HeaderOnWrongSide => FaultKind::Forbidden,
            _ => FaultKind::Invalid,
        }
    }

    /// Returns the setting that permits what is unsafe, if there is one.
    pub fn opt_out(&self) -> Option<Setting> {
        match self.cause {
            FaultCause::NullOrigin | FaultCause::FileOrigin => {
                Some(Setting::DangerouslyAllowOpaqueOrigins)
            }
            FaultCause::AnyOriginWithCredentials
            | FaultCause::AnyHostWithCredentials(_)
            | FaultCause::RegexWithCredentials
            | FaultCause::RegexOfTooManyHosts => {
                Some(Setting::DangerouslyAllowAnyOriginWithCredentials)
            }
            FaultCause::InsecureOriginWithCredentials
            | FaultCause::InsecureOriginWithoutScheme(_) => {
                Some(Setting::DangerouslyAllowInsecureOrigins)
            }
            FaultCause::PublicSuffix(_) | FaultCause::PublicSuffixesBelow(_) => {
                Some(Setting::DangerouslyAllowPublicSuffixSubdomains)
            }
            _ => None,
        }
    }
}

impl core::error::Error for Fault {}

fn write_public_suffixes_below(domain: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(
        f,
        "`{domain}` has public suffixes under it, where anyone can register a name that this allows and that would be trusted \
         with credentials (cookies); put a longer domain of your own after the `*`"
    )
}

fn write_too_many_label_shapes(domain: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let most = limits::LABEL_SHAPES;
    write!(
        f,
        "there are patterns with more than {most} different lengths before and after the `*`, each of which costs a lookup; "
    )?;
    if domain.is_empty() {
        f.write_str("list origins one by one")
    } else {
        write!(f, "allow `*.{domain}`, or list origins one by one")
    }
}

/// Says why a setting cannot be used where it is written.
fn not_here(cause: &FaultCause) -> &'static str {
    match cause {
        FaultCause::OnlyInCode => {
            "a function can only be set in code; list patterns in allow_origins, or use lookup_origins"
        }
        FaultCause::OnlyInPolicyFile => {
            "only a policy file read by `PolicyFile` (omnicors-tokio) can name a list of origins; use allow_origins"
        }
        _ => {
            "regular expressions need the feature `regex` of omnicors; enable it, or use patterns in allow_origins"
        }
    }
}

impl fmt::Display for FaultCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::UnknownSetting => "unknown setting",
            Self::Renamed => "the setting has a new name",
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
                "it allows any origin, so other items have no effect; remove it or everything else"
            }
            Self::NullOrigin => "any site can create a page with this origin, in a sandboxed frame",
            Self::FileOrigin => {
                "every file that a visitor opens has this origin, downloaded ones included; in an application of your own, serve pages \
                 from a scheme of its own, such as `app://localhost`"
            }
            Self::AnyHostWithCredentials(scheme) => {
                return write!(
                    f,
                    "with credentials (cookies), every application or extension with the scheme `{scheme}` could read what its users \
                     can read here; list the origins you trust"
                );
            }
            Self::AnyOriginWithCredentials => {
                "with credentials (cookies), any site could read what its visitors can read here; list the origins you trust"
            }
            Self::InsecureOriginWithCredentials => {
                "with credentials (cookies), an origin without https lets whoever controls a visitor's network act in the \
                 visitor's name; serve its pages over https, and list that origin"
            }
            Self::InsecureOriginWithoutScheme(meant) => {
                return write!(
                    f,
                    "origin has no scheme; if `{meant}` is meant, it is unsafe with credentials (cookies), since it has no https"
                );
            }
            Self::PublicSuffix(suffix) if suffix.is_empty() => {
                "anyone could register a name that this allows, and would be trusted with credentials (cookies); \
                 put a domain of your own after the `*`"
            }
            Self::PublicSuffix(suffix) => {
                return write!(
                    f,
                    "anyone can register a name under `{suffix}` (a public suffix), and would be trusted with credentials \
                     (cookies); put a domain of your own after the `*`"
                );
            }
            Self::PublicSuffixesBelow(domain) => return write_public_suffixes_below(domain, f),
            Self::TooManyLabelShapes(domain) => return write_too_many_label_shapes(domain, f),
            Self::TooManyOrigins => {
                "the exact origins are longer than 4 GiB together; use `lookup_origins`"
            }
            Self::Regex(message) => {
                return write!(f, "not a valid regular expression: {message}");
            }
            Self::RegexWithCredentials => {
                "with credentials (cookies), sites that others register can match it; end it in a host that you own, after \
                 `\\.` or `//`, and escape each dot, as in `https://.+\\.example\\.com`"
            }
            Self::RegexOfTooManyHosts => {
                return write!(
                    f,
                    "with credentials (cookies), it must end in at most {} hosts that can be checked one by one; use simpler \
                     expressions, or list the origins",
                    limits::REGEX_HOSTS
                );
            }
            Self::RegexTooLarge => {
                "the regular expressions together would take more than 1 MiB when compiled; use smaller repetitions"
            }
            Self::StaticOrigin => {
                "it requires exactly one origin in allow_origins, without a wildcard, and no allow_origin_regexes, \
                 allow_origins_if, lookup_origins, allow_others_without_credentials or refuse_disallowed_origins; nor, with \
                 allow_credentials, `*` in allow_methods or allow_headers, where the response names what is asked for"
            }
            Self::OthersRefused => {
                "refuse_disallowed_origins refuses the others; remove one of the two"
            }
            Self::OthersWithoutCredentials => {
                "it requires allow_credentials; without credentials, list `*` to allow any origin"
            }
            Self::AnyName => {
                "to a browser, this is the name of one method or header, and only `*` means any"
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
            Self::HeaderOnWrongSide => "a header of CORS itself needs no listing; remove it",
            Self::ExposeAnyWithCredentials => {
                "with credentials, a browser takes `*` literally, as the name of a header; list the names to expose"
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

/// The faults found so far.
#[derive(Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn add(
        &mut self,
        setting: Setting,
        index: Option<usize>,
        text: impl Into<String>,
        cause: FaultCause,
        suggestion: Option<String>,
    ) {
        self.push(Fault {
            index,
            suggestion,
            ..Fault::new(Some(setting), text, cause)
        });
    }

    pub(super) fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Fault> {
        self.0.iter_mut()
    }

    pub(super) fn retain(&mut self, predicate: impl FnMut(&Fault) -> bool) {
        self.0.retain(predicate);
    }

    /// Removes the suggestion `*` for names, where it is a fault itself.
    pub(super) fn suggest_no_any_name(&mut self) {
        let Self(faults) = self;
        for fault in faults {
            fault
                .suggestion
                .take_if(|_| fault.cause == FaultCause::AnyName);
        }
    }

    /// Returns an error if there is any.
    pub(super) fn none(self) -> Result<(), PolicyError> {
        let Self(faults) = self;
        if faults.is_empty() {
            Ok(())
        } else {
            Err(PolicyError { faults })
        }
    }
}
