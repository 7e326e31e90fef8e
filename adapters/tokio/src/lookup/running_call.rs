use std::sync::Arc;

use omnicors_core::LookupResult;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::failure::LookupFailure;
use super::panics;
use super::shared::Shared;
use super::single_flight::Completion;

/// A call that has started. It runs in its own task, so that it continues when its waiters are cancelled.
pub(super) struct RunningCall {
    pub(super) shared: Arc<Shared>,
    pub(super) origin: Arc<str>,
    pub(super) sender: watch::Sender<Option<Completion>>,
    pub(super) completed: bool,
}

impl RunningCall {
    /// Holds the permit until the lookup function has returned, or has been dropped after its timeout.
    pub(super) async fn run(mut self, permit: OwnedSemaphorePermit) {
        let outcome = self.shared.call(&self.origin).await;
        drop(permit);
        self.complete(&outcome);
        if let Err(failure) = &outcome {
            self.shared.report(&self.origin, failure);
        }
        panics::discard(outcome);
    }

    /// Stores the outcome and wakes the waiters. Runs no user code.
    fn complete(&mut self, outcome: &Result<bool, LookupFailure>) {
        self.completed = true;
        let shared = &self.shared;
        let result = {
            let mut calls = shared.single_flight.lock();
            // Another call, or none, if this one was invalidated.
            let is_valid = calls
                .get(&self.origin)
                .is_some_and(|call| call.completion.same_channel(&self.sender));
            if is_valid {
                calls.remove(&self.origin);
                shared.store(&self.origin, outcome)
            } else {
                outcome
                    .as_ref()
                    .map_or(LookupResult::Failed, |allowed| (*allowed).into())
            }
        };
        self.sender.send_replace(Some(Completion {
            result,
            has_unreported_stop: matches!(outcome, Err(LookupFailure::Stopped)),
        }));
    }
}

impl Drop for RunningCall {
    /// Does not report the failure, because that runs user code. A waiter reports it.
    fn drop(&mut self) {
        if !self.completed {
            self.complete(&Err(LookupFailure::Stopped));
        }
    }
}
