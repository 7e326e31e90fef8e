use alloc::string::String;
use core::fmt;

/// One step of an [`Explanation`](super::Explanation).
///
/// ```
/// use omnicors_core::{PolicyConfig, RequestParts};
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let explanation = policy.explain(&RequestParts::new("GET").origin("https://example.com"));
/// for step in explanation.steps() {
///     println!("{step}");
/// }
/// assert_eq!(
///     explanation.steps()[1].to_string(),
///     "Origin: passed: https://example.com is allowed by `https://example.com` (Fetch, \"CORS check\")"
/// );
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub(super) subject: &'static str,
    pub(super) found: String,
    pub(super) standard: &'static str,
    pub(super) outcome: Outcome,
}

/// The outcome of a [`Step`].
///
/// This enum is exhaustive.
///
/// ```
/// use omnicors_core::{Outcome, PolicyConfig, RequestParts};
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let explanation = policy.explain(&RequestParts::new("GET").origin("https://other.example"));
/// let outcomes = explanation.steps().iter().map(|step| step.outcome());
/// assert!(outcomes.eq([Outcome::Noted, Outcome::Failed, Outcome::Noted]));
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The step was not a check.
    Noted,
    /// The check passed.
    Passed,
    /// The check failed, so the request is denied.
    Failed,
}

impl Step {
    /// Returns the subject of the step: the request, one of its fields, or the response.
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    /// let explanation = policy.explain(&RequestParts::new("GET").origin("https://example.com"));
    /// let subjects = explanation.steps().iter().map(|step| step.subject());
    /// assert!(subjects.eq(["request", "Origin", "credentials", "response"]));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn subject(&self) -> &'static str {
        self.subject
    }

    /// Returns a description of what was found.
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    /// let explanation = policy.explain(&RequestParts::new("GET"));
    /// assert_eq!(explanation.steps()[0].found(), "GET without Origin: not a CORS request");
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn found(&self) -> &str {
        &self.found
    }

    /// Returns the section of the standard that defines the step.
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    /// let explanation = policy.explain(&RequestParts::new("GET").origin("https://example.com"));
    /// assert_eq!(explanation.steps()[1].standard(), "Fetch, \"CORS check\"");
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn standard(&self) -> &'static str {
        self.standard
    }

    /// Returns the outcome of the step.
    ///
    /// ```
    /// use omnicors_core::{Outcome, PolicyConfig, RequestParts};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    /// let explanation = policy.explain(&RequestParts::new("GET").origin("https://example.com"));
    /// assert_eq!(explanation.steps()[1].outcome(), Outcome::Passed);
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
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
