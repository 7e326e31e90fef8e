//! Counters of decisions, through the crate `metrics`. No label depends on the request, so that a client cannot create time series.

use std::sync::OnceLock;

use metrics::{Counter, Unit, counter, describe_counter};
use omnicors_core::Decision;

use crate::finding::Finding;
use crate::reason::Reason;

/// The number of requests, by decision and reason.
const DECISIONS: &str = "omnicors_decisions_total";

/// The number of requests about which a policy and its shadow differ, by the difference.
const DIFFERENCES: &str = "omnicors_shadow_differences_total";

/// The values of the label `decision`.
#[derive(Clone, Copy)]
enum Kind {
    Forward,
    Respond,
    Reject,
    WouldReject,
}

impl Kind {
    const ALL: [Self; 4] = [
        Self::Forward,
        Self::Respond,
        Self::Reject,
        Self::WouldReject,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Respond => "respond",
            Self::Reject => "reject",
            Self::WouldReject => "would_reject",
        }
    }

    /// Returns true if a decision of this kind can have the reason.
    const fn has(self, reason: Reason) -> bool {
        match self {
            Self::Forward | Self::Respond => !reason.is_rejection(),
            Self::Reject | Self::WouldReject => reason.is_rejection(),
        }
    }
}

/// The handles of all counters, registered with the recorder that was installed when the first request was decided. All are registered
/// together, so that an alert sees the first increase of each.
struct Handles {
    decisions: Vec<Counter>,
}

impl Handles {
    fn register() -> Self {
        describe_counter!(
            DECISIONS,
            Unit::Count,
            "Requests by the decision of the CORS policy and its reason."
        );
        let register = |kind: Kind, reason: Reason| {
            if kind.has(reason) {
                counter!(DECISIONS, "decision" => kind.as_str(), "reason" => reason.as_str())
            } else {
                Counter::noop()
            }
        };
        let of_kind = |kind| {
            Reason::ALL
                .iter()
                .map(move |reason| register(kind, *reason))
        };
        Self {
            decisions: Kind::ALL.into_iter().flat_map(of_kind).collect(),
        }
    }

    fn decision(&self, kind: Kind, reason: Reason) -> Option<&Counter> {
        let index = kind as usize * Reason::ALL.len() + reason as usize;
        self.decisions.get(index)
    }
}

/// Counts a decision.
pub(crate) fn count(decision: &Decision<'_>, finding: &Finding<'_>) {
    static HANDLES: OnceLock<Handles> = OnceLock::new();

    let kind = match (finding.rejection, finding.is_only_reported, decision) {
        (Some(_), true, _) => Kind::WouldReject,
        (Some(_), false, _) => Kind::Reject,
        (None, _, Decision::Forward { .. }) => Kind::Forward,
        (None, _, Decision::Respond { .. }) => Kind::Respond,
    };
    let handles = HANDLES.get_or_init(Handles::register);
    if let Some(counter) = handles.decision(kind, finding.reason()) {
        counter.increment(1);
    }
}

/// Counts a difference between a policy and its shadow.
pub(crate) fn count_difference(name: &'static str) {
    counter!(DIFFERENCES, "difference" => name).increment(1);
}
