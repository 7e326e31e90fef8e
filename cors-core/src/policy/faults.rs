use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use super::fault_cause::FaultCause;
use super::setting::Setting;

use crate::origin::OriginPatternError;

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
    /// What the names of the variables begin with.
    pub(super) prefix: Option<String>,
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
            Self::UnsafeOriginPattern { danger, .. } => danger.opt_out(),
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
