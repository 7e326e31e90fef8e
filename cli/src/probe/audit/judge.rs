//! Judges what has been observed. Sends nothing.

mod admitted;
mod caching;
mod fields;
mod hosts;
mod observed;
mod preflights;
mod redirects;
mod sockets;

use super::finding::Finding;

pub(super) use hosts::is_unclear;
pub(super) use observed::{Observed, admits};

/// Returns the findings, those that matter most first.
pub(super) fn judge(observed: &Observed<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    admitted::judge(observed, &mut findings);
    caching::judge(observed, &mut findings);
    preflights::judge(observed, &mut findings);
    fields::judge(observed, &mut findings);
    sockets::judge(observed, &mut findings);
    hosts::judge(observed, &mut findings);
    findings.sort_by_key(|finding| finding.severity);
    findings
}
