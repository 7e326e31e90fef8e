use alloc::string::String;
use core::fmt;

/// One step of an [`Explanation`](super::Explanation).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub(super) subject: &'static str,
    pub(super) found: String,
    pub(super) standard: &'static str,
    pub(super) outcome: Outcome,
}

/// How a step ends.
///
/// Exhaustive: a check passes or fails, and what is not a check is noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing was checked.
    Noted,
    /// The check passed.
    Passed,
    /// The check failed: here the request is denied.
    Failed,
}

impl Step {
    /// Returns what the step is about: a field of the request, or the response.
    pub fn subject(&self) -> &'static str {
        self.subject
    }

    /// Returns what was found.
    pub fn found(&self) -> &str {
        &self.found
    }

    /// Returns the section of the standard.
    pub fn standard(&self) -> &'static str {
        self.standard
    }

    /// Returns how the step ends.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match self.outcome {
            Outcome::Noted => "",
            Outcome::Passed => "passed: ",
            Outcome::Failed => "failed: ",
        };
        write!(
            f,
            "{}: {outcome}{} ({})",
            self.subject, self.found, self.standard
        )
    }
}
