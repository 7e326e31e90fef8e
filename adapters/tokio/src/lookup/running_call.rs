use std::sync::Arc;

use omnicors_core::LookupResult;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::failure::LookupFailure;
use super::moment::Moment;
use super::panics;
use super::result_cache::CallResult;
use super::shared::Shared;
use super::single_flight::Progress;

/// A call that has started. It runs in its own task, so that it continues when its waiters are cancelled.
pub(super) struct RunningCall {
    shared: Arc<Shared>,
    origin: Arc<str>,
    progress: watch::Sender<Progress>,
    begun: Moment,
    completed: bool,
}

impl RunningCall {
    /// Runs a call that is marked as started.
    pub(super) fn spawn(
        shared: Arc<Shared>,
        origin: Arc<str>,
        progress: watch::Sender<Progress>,
        permit: OwnedSemaphorePermit,
    ) {
        let begun = shared.cache.now();
        let call = Self {
            shared,
            origin,
            progress,
            begun,
            completed: false,
        };
        tokio::spawn(call.run(permit));
    }

    /// Holds the permit until the lookup function has returned, or has been dropped after its timeout.
    async fn run(mut self, permit: OwnedSemaphorePermit) {
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
            if calls.complete(&self.origin, &self.progress) {
                shared.store(&self.origin, self.begun, outcome)
            } else {
                match outcome {
                    Ok(is_allowed) => shared.call_result(self.begun, *is_allowed),
                    Err(LookupFailure::TimedOut) => CallResult::of_failure(LookupResult::TimedOut),
                    Err(_) => CallResult::of_failure(LookupResult::Failed),
                }
            }
        };
        self.progress.send_replace(Progress::Completed {
            result,
            has_unreported_stop: matches!(outcome, Err(LookupFailure::Stopped)),
        });
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
