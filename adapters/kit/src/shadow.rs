//! The comparison of the policy in force with a candidate: see [`PolicyHandle::shadow`](crate::PolicyHandle::shadow).

mod difference;
mod report;
mod top;

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use omnicors_core::adapter::RequestField;
use omnicors_core::{Decision, Policy, RequestParts, evaluate};

#[cfg(feature = "metrics")]
use crate::counters;
use crate::panics::with_caught_panics;
pub use difference::ShadowDifference;
pub use report::{ShadowOrigin, ShadowReport};
use top::Top;

/// A candidate, and what differs between it and the policy in force.
#[derive(Debug)]
pub(crate) struct Shadow {
    candidate: Policy,
    since: Instant,
    requests: AtomicU64,
    differences: [AtomicU64; ShadowDifference::ALL.len()],
    origins: Mutex<Top>,
    /// The keys of the hashes in `origins`. They are random, so a client cannot find two origins with the same hash.
    keys: RandomState,
    /// [`Shadow::compare_now`]. Called by a pointer, so that servers without a candidate contain neither it nor the explanations of the core.
    compare: Compare,
}

type Compare = for<'a> fn(&'a Shadow, &Policy, &RequestParts<'a>, &Decision<'a>);

impl Shadow {
    pub(crate) fn new(candidate: Policy) -> Self {
        Self {
            candidate: with_caught_panics(candidate),
            since: Instant::now(),
            requests: AtomicU64::new(0),
            differences: Default::default(),
            origins: Mutex::default(),
            keys: RandomState::new(),
            compare: Self::compare_now,
        }
    }

    /// Decides a request by the candidate, and records what differs from the decision that is obeyed.
    pub(crate) fn compare<'a>(
        &'a self,
        policy: &Policy,
        request: &RequestParts<'a>,
        decision: &Decision<'a>,
    ) {
        (self.compare)(self, policy, request, decision);
    }

    fn compare_now<'a>(
        &'a self,
        policy: &Policy,
        request: &RequestParts<'a>,
        decision: &Decision<'a>,
    ) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let candidate = evaluate(&self.candidate, request);
        let difference =
            ShadowDifference::between((policy, decision), (&self.candidate, &candidate), request);
        if let Some(difference) = difference {
            self.record(request, difference);
        }
    }

    #[cold]
    fn record(&self, request: &RequestParts<'_>, difference: ShadowDifference) {
        if let Some(counter) = self.differences.get(difference as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        #[cfg(feature = "metrics")]
        counters::count_difference(difference.as_str());
        let origin = request.value(RequestField::Origin, 0);
        let hash = self.keys.hash_one(origin);
        let is_unexplained = self.with_origins(|origins| origins.add(hash, origin, difference));
        if is_unexplained {
            // Without the lock, because an explanation takes long.
            let explanation = self.candidate.explain(request).to_string();
            self.with_origins(|origins| origins.explain(hash, &explanation));
        }
    }

    /// Returns what differs until now.
    pub(crate) fn report(&self) -> ShadowReport {
        let count = |difference: &ShadowDifference| {
            let counter = self.differences.get(*difference as usize);
            let count = counter.map_or(0, |counter| counter.load(Ordering::Relaxed));
            (*difference, count)
        };
        ShadowReport {
            duration: self.since.elapsed(),
            requests: self.requests.load(Ordering::Relaxed),
            differences: ShadowDifference::ALL.each_ref().map(count),
            origins: self.with_origins(|origins| origins.sorted()),
        }
    }

    fn with_origins<O>(&self, then: impl FnOnce(&mut Top) -> O) -> O {
        then(&mut self.origins.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
