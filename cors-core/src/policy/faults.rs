use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use super::fault_cause::FaultCause;
use super::setting::Setting;

use crate::origin::OriginPatternError;

/// The error of [`PolicyConfig::build`](crate::PolicyConfig::build): all faults of a policy config.
///
/// `Display` writes each fault on a line of its own, for a log or a terminal.
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
    /// Returns the faults in the order of the settings. There is at least one.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::new().allow_origins(["https://a.example/", "https://B.example"]);
    /// assert_eq!(config.build().unwrap_err().faults().len(), 2);
    /// ```
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl fmt::Display for PolicyError {
    /// Writes one fault per line, up to 20 lines and about 2 KB, and then the number of the other faults.
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
            let Some(rest) = left.checked_sub(line.len()) else {
                break;
            };
            left = rest;
            write!(f, "\n  {line}")?;
            shown += 1;
        }
        match self.faults.len() - shown {
            0 => Ok(()),
            more => write!(f, "\n  … and {more} more"),
        }
    }
}

/// Writes the same text as `Display`, because `unwrap`, and a `main` that returns an error, print the `Debug` output.
impl fmt::Debug for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl core::error::Error for PolicyError {}

/// A fault of a policy config: where it is, what was written, why it is a fault, and, if known, what to write instead.
///
/// ```
/// use omnicors_core::{FaultKind, PolicyConfig, Setting};
///
/// let config = PolicyConfig::new().allow_origins(["https://example.org", "https://Example.com"]);
/// let error = config.build().unwrap_err();
/// let fault = &error.faults()[0];
/// assert_eq!(fault.kind(), FaultKind::Invalid);
/// assert_eq!(fault.setting(), Some(Setting::AllowOrigins));
/// assert_eq!(fault.index(), Some(1));
/// assert_eq!(fault.text(), "https://Example.com");
/// assert_eq!(fault.cause().to_string(), "origin has an upper-case letter; browsers send lower case");
/// assert_eq!(fault.suggestion(), Some("https://example.com"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub(super) setting: Option<Setting>,
    pub(super) index: Option<usize>,
    /// The environment variable that the setting comes from.
    pub(super) variable: Option<String>,
    /// The prefix of the environment variables.
    pub(super) prefix: Option<String>,
    pub(super) text: String,
    pub(super) cause: FaultCause,
    pub(super) suggestion: Option<String>,
}

/// The kind of a fault.
///
/// This enum is exhaustive.
///
/// ```
/// use omnicors_core::{FaultKind, PolicyConfig};
///
/// let config = PolicyConfig::new().allow_origins(["https://example.com/", "null"]).allow_method("TRACE");
/// let error = config.build().unwrap_err();
/// let kinds = error.faults().iter().map(|fault| fault.kind());
/// assert!(kinds.eq([FaultKind::Invalid, FaultKind::Unsafe, FaultKind::Forbidden]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// The syntax or the value is invalid.
    Invalid,
    /// Fetch forbids it, so that browsers ignore it.
    Forbidden,
    /// It would be dangerous. [`Fault::opt_out`] returns the setting that permits it, if there is one.
    Unsafe,
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
            prefix: None,
            text: text.into(),
            cause,
            suggestion: None,
        }
    }

    /// Returns the setting. For an unknown or an old name, this is the setting that was probably meant, or `None` if the name
    /// resembles no setting.
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, Setting};
    ///
    /// let error = PolicyConfig::new().allow_origin("https://example.com/").build().unwrap_err();
    /// assert_eq!(error.faults()[0].setting(), Some(Setting::AllowOrigins));
    /// ```
    pub fn setting(&self) -> Option<Setting> {
        self.setting
    }

    /// Returns the environment variable that the setting comes from, or `None` if it does not come from one. See
    /// [`PolicyConfig::from_pairs`](crate::PolicyConfig::from_pairs).
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::from_pairs("CORS_", [("CORS_ALLOW_ORIGINS", "https://example.com/")]);
    /// let error = config.build().unwrap_err();
    /// assert_eq!(error.faults()[0].variable(), Some("CORS_ALLOW_ORIGINS"));
    /// ```
    pub fn variable(&self) -> Option<&str> {
        self.variable.as_deref()
    }

    /// Returns the index of the item, counted from 0, or `None` if the fault is not in an item of a list.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::new().allow_origins(["https://example.com", "https://example.org/"]);
    /// assert_eq!(config.build().unwrap_err().faults()[0].index(), Some(1));
    /// ```
    pub fn index(&self) -> Option<usize> {
        self.index
    }

    /// Returns the faulty text as it was written. This is the value, or the name of the setting if that is unknown or old.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let error = PolicyConfig::new().allow_origin("https://example.com/").build().unwrap_err();
    /// assert_eq!(error.faults()[0].text(), "https://example.com/");
    /// ```
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the cause of the fault.
    ///
    /// ```
    /// use omnicors_core::{FaultCause, PolicyConfig};
    ///
    /// let error = PolicyConfig::new().allow_origin("null").build().unwrap_err();
    /// assert_eq!(error.faults()[0].cause(), &FaultCause::NullOrigin);
    /// ```
    pub fn cause(&self) -> &FaultCause {
        &self.cause
    }

    /// Returns the item to write instead, or `None` if it is unknown or there are several: see
    /// [`suggested_items`](Self::suggested_items).
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let error = PolicyConfig::new().allow_origin("https://example.com/").build().unwrap_err();
    /// assert_eq!(error.faults()[0].suggestion(), Some("https://example.com"));
    /// ```
    pub fn suggestion(&self) -> Option<&str> {
        let is_single = self.suggested_items().nth(1).is_none();
        self.suggestion.as_deref().filter(|_| is_single)
    }

    /// Returns the items to write instead, if known. There are several if the text is a list where one item is expected, such as
    /// `GET, PUT`.
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

    /// Returns true if the text looks like a list where one item is expected, such as `GET, PUT`.
    pub(super) fn may_be_several(&self) -> bool {
        let is_single = matches!(
            self.cause,
            FaultCause::OriginPattern(
                OriginPatternError::Origin(_)
                    | OriginPatternError::Several
                    | OriginPatternError::Delimiter(_)
            ) | FaultCause::Method
                | FaultCause::HeaderName
        );
        let parts = self
            .text
            .split(|character: char| matches!(character, ',' | ';') || character.is_whitespace());
        is_single && parts.filter(|part| !part.is_empty()).nth(1).is_some()
    }

    /// Returns the kind of the fault.
    ///
    /// ```
    /// use omnicors_core::{FaultKind, PolicyConfig};
    ///
    /// let error = PolicyConfig::new().allow_origin("null").build().unwrap_err();
    /// assert_eq!(error.faults()[0].kind(), FaultKind::Unsafe);
    /// ```
    pub fn kind(&self) -> FaultKind {
        match self.cause {
            FaultCause::NullOrigin
            | FaultCause::FileOrigin
            | FaultCause::AnyOriginWithCredentials
            | FaultCause::AnyHostWithCredentials(_)
            | FaultCause::InsecureOriginWithCredentials
            | FaultCause::PublicSuffix(_)
            | FaultCause::PublicSuffixesBelow(_)
            | FaultCause::AnyonePassesGuard(_)
            | FaultCause::RegexWithCredentials
            | FaultCause::RegexOfTooManyHosts
            | FaultCause::NavigationsFromAnyOrigin
            | FaultCause::NavigationsFromOpaqueOrigin
            | FaultCause::ExposeAnyWithCredentials => FaultKind::Unsafe,
            FaultCause::ForbiddenMethod
            | FaultCause::ForbiddenRequestHeader
            | FaultCause::ForbiddenResponseHeader
            | FaultCause::HeaderOnWrongSide => FaultKind::Forbidden,
            _ => FaultKind::Invalid,
        }
    }

    /// Returns the setting that permits an unsafe value, if there is one.
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, Setting};
    ///
    /// let error = PolicyConfig::new().allow_origin("null").build().unwrap_err();
    /// assert_eq!(error.faults()[0].opt_out(), Some(Setting::DangerouslyAllowOpaqueOrigins));
    /// ```
    pub fn opt_out(&self) -> Option<Setting> {
        self.cause.opt_out()
    }
}

impl FaultCause {
    fn opt_out(&self) -> Option<Setting> {
        match self {
            Self::NullOrigin | Self::FileOrigin => Some(Setting::DangerouslyAllowOpaqueOrigins),
            Self::AnyOriginWithCredentials
            | Self::AnyHostWithCredentials(_)
            | Self::RegexWithCredentials
            | Self::RegexOfTooManyHosts => Some(Setting::DangerouslyAllowAnyOriginWithCredentials),
            Self::InsecureOriginWithCredentials => Some(Setting::DangerouslyAllowInsecureOrigins),
            Self::UnsafeOriginPattern { danger, .. } | Self::AnyonePassesGuard(danger) => {
                danger.opt_out()
            }
            Self::PublicSuffix(_) | Self::PublicSuffixesBelow(_) => {
                Some(Setting::DangerouslyAllowPublicSuffixSubdomains)
            }
            _ => None,
        }
    }
}

impl core::error::Error for Fault {}

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

    /// Removes the suggestion `*` for names, because `*` would be a fault as well.
    pub(super) fn suggest_no_any_name(&mut self) {
        let Self(faults) = self;
        for fault in faults {
            fault
                .suggestion
                .take_if(|_| fault.cause == FaultCause::AnyName);
        }
    }

    /// Returns an error if there are faults.
    pub(super) fn into_result(self) -> Result<(), PolicyError> {
        let Self(faults) = self;
        if faults.is_empty() {
            Ok(())
        } else {
            Err(PolicyError { faults })
        }
    }
}
