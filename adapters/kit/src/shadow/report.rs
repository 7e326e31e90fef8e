use std::fmt;
use std::time::Duration;

use super::difference::ShadowDifference;

/// What differs between the policy in force and a candidate, by [`ShadowDifference`] and by origin: see
/// [`PolicyHandle::shadow_report`](crate::PolicyHandle::shadow_report).
///
/// `Display` prints all of it, with an explanation for each origin.
///
/// ```
/// use omnicors_adapter::omnicors_core::{RequestParts, evaluate};
/// use omnicors_adapter::{ShadowDifference, NoPreparedValues, PolicyConfig, PolicyHandle};
///
/// let handle = PolicyHandle::<NoPreparedValues>::new(PolicyConfig::new().allow_origins(["*"]).build()?);
/// handle.shadow(PolicyConfig::new().allow_origins(["https://app.example"]).build()?);
///
/// // An adapter does this for each request:
/// let policy = handle.load();
/// let request = RequestParts::new("GET").origin("https://shop.example");
/// policy.observe(&request, &evaluate(policy.policy(), &request), || "/".into());
///
/// let report = handle.shadow_report().ok_or("there is a candidate")?;
/// assert_eq!(report.count(ShadowDifference::Blocked), 1);
/// let [origin] = report.origins() else { panic!() };
/// assert_eq!(origin.origin(), Some("https://shop.example"));
/// assert!(report.to_string().contains("add `https://shop.example` to allow_origins"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ShadowReport {
    pub(super) duration: Duration,
    pub(super) requests: u64,
    pub(super) differences: [(ShadowDifference, u64); ShadowDifference::ALL.len()],
    pub(super) origins: Vec<ShadowOrigin>,
}

impl ShadowReport {
    /// Returns how long the two policies were compared. See the example of
    /// [`PolicyHandle::shadow`](crate::PolicyHandle::shadow).
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// Returns how many requests both policies decided. See the example of
    /// [`PolicyHandle::shadow_report`](crate::PolicyHandle::shadow_report).
    pub fn count_requests(&self) -> u64 {
        self.requests
    }

    /// Returns for how many requests the decisions differ. See the example of
    /// [`PolicyHandle::shadow_report`](crate::PolicyHandle::shadow_report).
    pub fn count_differences(&self) -> u64 {
        self.differences.iter().map(|(_, count)| count).sum()
    }

    /// Returns for how many requests the decisions differ in this way. See the example of [`ShadowReport`].
    pub fn count(&self, difference: ShadowDifference) -> u64 {
        let mut counts = self.differences.iter();
        counts
            .find(|(other, _)| *other == difference)
            .map_or(0, |(_, count)| *count)
    }

    /// Returns the origins with the most differences, at most 100, the most frequent first. See the example of [`ShadowReport`].
    pub fn origins(&self) -> &[ShadowOrigin] {
        &self.origins
    }
}

/// An origin whose requests a candidate decides differently.
///
/// See the example of [`ShadowReport`].
#[derive(Clone, Debug)]
pub struct ShadowOrigin {
    pub(super) origin: Option<String>,
    pub(super) count: u64,
    pub(super) overestimate: u64,
    pub(super) difference: ShadowDifference,
    pub(super) explanation: Option<String>,
}

impl ShadowOrigin {
    /// Returns the origin, escaped and cut to 128 bytes, or `None` for requests without `Origin`. See the example of [`ShadowReport`].
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// Returns how many requests differ. This is never too small. If more than 100 origins differ, it can be too large, by at most the
    /// [overestimate](Self::overestimate). See the example of [`ShadowReport`].
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns by how much the [count](Self::count) is too large at most. See the example of [`ShadowReport`].
    pub fn overestimate(&self) -> u64 {
        self.overestimate
    }

    /// Returns how the first request of this origin differs. See the example of [`ShadowReport`].
    pub fn difference(&self) -> ShadowDifference {
        self.difference
    }

    /// Returns the [explanation](omnicors_core::Policy::explain) of the candidate's decision about one request. Returns `None` for an
    /// origin that was seen once, after 100 others. See the example of [`ShadowReport`].
    pub fn explanation(&self) -> Option<&str> {
        self.explanation.as_deref()
    }
}

impl fmt::Display for ShadowReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.duration.as_secs() / 60;
        write!(
            f,
            "{} requests in {} minutes, {} differ",
            self.requests,
            minutes,
            self.count_differences()
        )?;
        for (difference, count) in self.differences.iter().filter(|(_, count)| *count > 0) {
            write!(f, "\n* {difference}: {count}")?;
        }
        for origin in &self.origins {
            write!(f, "\n\n{origin}")?;
        }
        Ok(())
    }
}

impl fmt::Display for ShadowOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.origin().unwrap_or("(requests without Origin)");
        write!(f, "{origin}: {} requests", self.count)?;
        if self.overestimate > 0 {
            write!(f, " or up to {} fewer", self.overestimate)?;
        }
        write!(f, "; {}", self.difference)?;
        for line in self.explanation().unwrap_or_default().lines() {
            write!(f, "\n    {line}")?;
        }
        Ok(())
    }
}
