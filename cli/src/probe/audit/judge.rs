//! Judges what has been observed. Sends nothing.

mod admitted;
mod caching;
mod fields;
mod preflights;

use omnicors_browser::Credentials;

use super::finding::{Finding, Section, Severity};
use super::observation::{Observation, Purpose};

/// Returns the findings, those that matter most first.
pub(super) fn judge(observed: &Observed<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    admitted::judge(observed, &mut findings);
    caching::judge(observed, &mut findings);
    preflights::judge(observed, &mut findings);
    fields::judge(observed, &mut findings);
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// Everything that has been observed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Observed<'a>(pub(super) &'a [Observation]);

impl<'a> Observed<'a> {
    pub(super) fn all(self, purpose: Purpose) -> impl Iterator<Item = &'a Observation> {
        self.0
            .iter()
            .filter(move |observation| observation.purpose == purpose)
    }

    pub(super) fn get(self, purpose: Purpose) -> Option<&'a Observation> {
        self.all(purpose).next()
    }

    /// Returns a response to an origin that is allowed: the one that was given, or any.
    pub(super) fn allowed(self) -> Option<&'a Observation> {
        let is_allowed = |observation: &&Observation| admits(observation).is_some();
        let given = self.get(Purpose::Given).filter(is_allowed);
        given.or_else(|| self.get(Purpose::Stranger).filter(is_allowed))
    }
}

/// Returns the most that a page can do with a response.
pub(super) fn admits(observation: &Observation) -> Option<Credentials> {
    let modes = [Credentials::Include, Credentials::Omit];
    modes.into_iter().find(|&mode| observation.is_allowed(mode))
}

/// Makes a finding that some observations show.
fn finding(
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
