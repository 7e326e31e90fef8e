//! The observations that are judged.

use omnicors_browser::Credentials;

use crate::probe::audit::finding::{Finding, Section, Severity};
use crate::probe::audit::observation::{Observation, Purpose};

/// Everything that has been observed.
#[derive(Clone, Copy, Debug)]
pub(in crate::probe::audit) struct Observed<'a>(pub(in crate::probe::audit) &'a [Observation]);

impl<'a> Observed<'a> {
    pub(in crate::probe::audit) fn all(
        self,
        purpose: Purpose,
    ) -> impl Iterator<Item = &'a Observation> {
        self.0
            .iter()
            .filter(move |observation| observation.purpose == purpose)
    }

    pub(in crate::probe::audit) fn get(self, purpose: Purpose) -> Option<&'a Observation> {
        self.all(purpose).next()
    }

    /// Returns a response to an origin that is allowed: the one that was given, or any.
    pub(in crate::probe::audit) fn allowed(self) -> Option<&'a Observation> {
        let is_allowed = |observation: &&Observation| admits(observation).is_some();
        let given = self.get(Purpose::Given).filter(is_allowed);
        given.or_else(|| self.get(Purpose::Stranger).filter(is_allowed))
    }
}

/// Returns the most that a page can do with a response.
pub(in crate::probe::audit) fn admits(observation: &Observation) -> Option<Credentials> {
    let modes = [Credentials::Include, Credentials::Omit];
    modes.into_iter().find(|&mode| observation.is_allowed(mode))
}

/// Makes a finding that some observations show.
pub(super) fn finding(
    id: &str,
    severity: Severity,
    section: Section,
    shown_by: &[&Observation],
    [title, text]: [&str; 2],
) -> Finding {
    Finding {
        id: id.to_owned(),
        severity,
        title: title.to_owned(),
        text: text.to_owned(),
        section,
        exchanges: shown_by
            .iter()
            .map(|observation| observation.number)
            .collect(),
    }
}
