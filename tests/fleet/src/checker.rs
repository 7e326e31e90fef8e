//! Decides whether a history is one that docs/fleet.md promises. It does no I/O, and knows no clock.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::Duration;

use crate::history::{Answer, Change, Cut, History, Moment};

/// What nodes promise.
#[derive(Clone, Copy, Debug)]
pub struct Promise {
    /// The time after which a node with contact knows a change.
    pub bound: Duration,
    /// The time for which a node without contact allows what was withdrawn.
    pub lease: Duration,
    /// The time after the end of a fault until a node follows the store again.
    pub recovery: Duration,
}

/// An answer or a cut that breaks the promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A node allows an origin that the store never contained.
    NeverAdded {
        /// The number of the node.
        node: usize,
        /// The origin.
        origin: String,
    },
    /// A node allows an origin after the moment from which it must deny.
    Allows {
        /// The number of the node.
        node: usize,
        /// The origin.
        origin: String,
        /// The time between the moment and the request.
        late: Duration,
    },
    /// A node allows an origin without contact, after the lease.
    AllowsWithoutContact {
        /// The number of the node.
        node: usize,
        /// The origin.
        origin: String,
        /// The time between the end of the lease and the request.
        late: Duration,
    },
    /// A node with contact denies an origin after the moment from which it must allow.
    Denies {
        /// The number of the node.
        node: usize,
        /// The origin.
        origin: String,
        /// The time between the moment and the request.
        late: Duration,
    },
    /// A node did not follow again in time.
    DoesNotFollow {
        /// The number of the node.
        node: usize,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeverAdded { node, origin } => {
                write!(f, "node {node} allows {origin}, which was never added")
            }
            Self::Allows { node, origin, late } => {
                write!(f, "node {node} allows {origin}, {late:?} too late")
            }
            Self::AllowsWithoutContact { node, origin, late } => {
                write!(
                    f,
                    "node {node} allows {origin} without contact, {late:?} after the lease"
                )
            }
            Self::Denies { node, origin, late } => {
                write!(f, "node {node} denies {origin}, {late:?} too late")
            }
            Self::DoesNotFollow { node } => {
                write!(f, "node {node} does not follow again in time")
            }
        }
    }
}

/// What the answers of a correct history show.
#[derive(Clone, Debug, Default)]
pub struct Checked(BTreeMap<usize, OfNode>);

/// What the answers of a node show.
#[derive(Clone, Copy, Debug, Default)]
pub struct OfNode {
    /// The answers that had to be "allowed".
    pub must_allow: usize,
    /// The answers about withdrawn origins that had to be "denied".
    pub must_deny: usize,
    /// The answers without contact after the lease, which had to be "denied".
    pub after_lease: usize,
    /// The longest time between the confirmation of a withdrawal and a request that was still allowed.
    pub allowed_for: Duration,
}

impl Checked {
    /// Returns what the answers of a node show.
    #[must_use]
    pub fn node(&self, node: usize) -> OfNode {
        self.0.get(&node).copied().unwrap_or_default()
    }
}

/// Checks a history. A request is decided at some moment between its begin and its end, so an answer is a violation only if it would be one
/// at each of these moments.
///
/// # Errors
///
/// Returns all violations.
pub fn check(history: &History, promise: Promise) -> Result<Checked, Vec<Violation>> {
    let mut of_origin: HashMap<&str, Vec<&Change>> = HashMap::new();
    for change in &history.changes {
        of_origin.entry(&change.origin).or_default().push(change);
    }
    let mut checked = Checked::default();
    let mut violations = Vec::new();
    for answer in &history.answers {
        let changes = of_origin.get(answer.origin.as_str());
        let cuts = Cuts {
            node: answer.node,
            cuts: &history.cuts,
        };
        let of_node = checked.0.entry(answer.node).or_default();
        violations.extend(check_answer(
            answer,
            changes.map_or(&[], Vec::as_slice),
            cuts,
            promise,
            of_node,
        ));
    }
    for cut in &history.cuts {
        if let (Some(mended), Some(followed)) = (cut.mended, cut.followed)
            && followed > mended + promise.recovery
        {
            violations.push(Violation::DoesNotFollow { node: cut.node });
        }
    }
    if violations.is_empty() {
        Ok(checked)
    } else {
        Err(violations)
    }
}

fn check_answer(
    answer: &Answer,
    changes: &[&Change],
    cuts: Cuts<'_>,
    promise: Promise,
    of_node: &mut OfNode,
) -> Option<Violation> {
    let (node, origin) = (answer.node, answer.origin.clone());
    if let Some(late) = cuts.after_lease(answer, promise.lease) {
        of_node.after_lease += 1;
        if answer.is_allowed {
            return Some(Violation::AllowsWithoutContact { node, origin, late });
        }
    }
    // A change that began later cannot be the reason for the answer. An earlier one is, or the node does not know it yet.
    let begun_before = changes.iter().filter(|change| change.begun < answer.ended);
    let Some(last) = begun_before.max_by_key(|change| change.begun) else {
        return answer
            .is_allowed
            .then_some(Violation::NeverAdded { node, origin });
    };
    let known = cuts.known(last, promise.bound);
    if last.is_added {
        let late = answer.begun.checked_sub(known?)?;
        // Without contact, a node may deny.
        if late.is_zero() || cuts.overlapping(answer.begun, answer.ended).is_some() {
            return None;
        }
        of_node.must_allow += 1;
        return (!answer.is_allowed).then_some(Violation::Denies { node, origin, late });
    }
    if answer.is_allowed {
        let allowed_for = answer.begun.saturating_sub(last.acknowledged);
        of_node.allowed_for = of_node.allowed_for.max(allowed_for);
    }
    let lease_over = last.acknowledged + promise.lease;
    let must_deny = known.map_or(lease_over, |known| known.min(lease_over));
    let late = answer.begun.checked_sub(must_deny)?;
    if late.is_zero() {
        return None;
    }
    of_node.must_deny += 1;
    answer
        .is_allowed
        .then_some(Violation::Allows { node, origin, late })
}

/// The times without contact of a node.
#[derive(Clone, Copy)]
struct Cuts<'a> {
    node: usize,
    cuts: &'a [Cut],
}

impl<'a> Cuts<'a> {
    /// Returns a cut that has a moment in common with this time.
    fn overlapping(self, begin: Moment, end: Moment) -> Option<&'a Cut> {
        self.cuts.iter().find(|cut| {
            let is_before = cut.followed.is_some_and(|followed| followed <= begin);
            cut.node == self.node && cut.begun < end && !is_before
        })
    }

    /// If the node had no contact for the lease before the request, and until the response, returns by how much the lease was exceeded.
    fn after_lease(self, answer: &Answer, lease: Duration) -> Option<Duration> {
        let of_node = self.cuts.iter().filter(|cut| cut.node == self.node);
        let lasting =
            of_node.filter(|cut| cut.mending.is_none_or(|mending| answer.ended < mending));
        let late = lasting.filter_map(|cut| answer.begun.checked_sub(cut.in_force + lease));
        late.filter(|late| !late.is_zero()).max()
    }

    /// Returns the moment from which the node must know the change: it has had contact for the whole time of the bound. `None` if there is
    /// no such moment.
    fn known(self, change: &Change, bound: Duration) -> Option<Moment> {
        let mut begin = change.acknowledged;
        while let Some(cut) = self.overlapping(begin, begin + bound) {
            begin = cut.followed?;
        }
        Some(begin + bound)
    }
}

#[cfg(test)]
mod tests;
