use std::mem;
use std::sync::Arc;

use omnicors_core::LookupResult;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, timeout_at};

use super::failure::LookupFailure;
use super::result_cache::{CachedResult, CallResult};
use super::running_call::RunningCall;
use super::shared::Shared;
use super::single_flight::Progress;

/// Joins the call for an origin, or starts one. Returns its result, or after the timeout the last result.
pub(super) async fn join(shared: &Arc<Shared>, origin: &str) -> LookupResult {
    let mut waiter = match Waiter::new(shared, origin) {
        Ok(waiter) => waiter,
        Err(NoWaiter::Cached(result)) => return result,
        Err(NoWaiter::TooMany) => return shared.result_without_call(origin),
    };
    let joined = Instant::now();
    let timeout = shared.options.timeout;
    // If a request waited for a permit for the whole timeout, it could not wait for the result of the lookup.
    let max_wait_for_start = if waiter.is_known {
        timeout
    } else {
        timeout / 2
    };
    if timeout_at(joined + max_wait_for_start, waiter.started())
        .await
        .is_err()
    {
        return shared.result_without_call(origin);
    }
    timeout_at(joined + timeout, waiter.result())
        .await
        .unwrap_or_else(|_| shared.last_result(origin, LookupResult::TimedOut))
}

/// Starts a call for a known origin, and waits neither for a permit nor for the result.
pub(super) fn refresh(shared: &Arc<Shared>, origin: &str) {
    let (origin, progress, permit) = {
        let mut calls = shared.single_flight.lock();
        // A call may have just completed.
        let Some(CachedResult::Fresh {
            needs_refresh: true,
            ..
        }) = shared.cache.get(origin)
        else {
            return;
        };
        // If all permits are in use, a later request tries again.
        let Some(permit) = shared.permits.try_acquire() else {
            return;
        };
        let Some((origin, progress)) = calls.start_alone(origin) else {
            return;
        };
        (origin, progress, permit)
    };
    RunningCall::spawn(Arc::clone(shared), origin, progress, permit);
}

/// A request that waits for a call to complete.
struct Waiter<'a> {
    shared: &'a Arc<Shared>,
    origin: Arc<str>,
    is_known: bool,
    sender: watch::Sender<Progress>,
    progress: watch::Receiver<Progress>,
}

/// The reason why a request does not wait.
enum NoWaiter {
    /// A call has just completed.
    Cached(LookupResult),
    /// Too many unknown origins wait.
    TooMany,
}

impl<'a> Waiter<'a> {
    fn new(shared: &'a Arc<Shared>, origin: &str) -> Result<Self, NoWaiter> {
        let mut calls = shared.single_flight.lock();
        let is_known = match shared.cache.get(origin) {
            Some(CachedResult::Fresh { result, .. }) => return Err(NoWaiter::Cached(result)),
            Some(CachedResult::Known { .. }) => true,
            None => false,
        };
        let (origin, sender) = calls
            .join(origin, is_known, shared.permits.max_waiting)
            .ok_or(NoWaiter::TooMany)?;
        Ok(Self {
            shared,
            origin,
            is_known,
            progress: sender.subscribe(),
            sender,
        })
    }

    /// Waits until the call has started. All waiters of an origin wait for a permit, and the first one that gets a permit starts the
    /// call. If one of them is cancelled, the others do not notice.
    async fn started(&mut self) {
        let (permits, progress) = (&self.shared.permits, &mut self.progress);
        let permit = tokio::select! {
            biased;
            // Another waiter has started the call. This one leaves the queue for permits.
            _ = progress.wait_for(|progress| !matches!(progress, Progress::Waiting)) => None,
            permit = permits.acquire(self.is_known) => permit,
        };
        if let Some(permit) = permit {
            self.start(permit);
        }
    }

    /// Starts the call, unless another waiter has.
    fn start(&self, permit: OwnedSemaphorePermit) {
        let must_start = {
            let mut calls = self.shared.single_flight.lock();
            calls.start(&self.origin, &self.sender)
        };
        if must_start {
            self.sender.send_replace(Progress::Started);
            RunningCall::spawn(
                Arc::clone(self.shared),
                Arc::clone(&self.origin),
                self.sender.clone(),
                permit,
            );
        }
    }

    /// Waits for the call to complete. Returns its result.
    async fn result(&mut self) -> LookupResult {
        let completed = self
            .progress
            .wait_for(|progress| matches!(progress, Progress::Completed { .. }))
            .await;
        let result = match completed.as_deref() {
            Ok(Progress::Completed { result, .. }) => *result,
            // Unreachable: `self.sender` keeps the channel open.
            _ => CallResult::of_failure(LookupResult::Failed),
        };
        drop(completed);
        // The first waiter that sees a stopped call reports it.
        let must_report = self.sender.send_if_modified(|progress| match progress {
            Progress::Completed {
                has_unreported_stop,
                ..
            } => mem::take(has_unreported_stop),
            Progress::Waiting | Progress::Started => false,
        });
        if must_report {
            self.shared.report(&self.origin, &LookupFailure::Stopped);
        }
        // The process may have been stopped since the call has completed.
        result.at(self.shared.cache.now())
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut calls = self.shared.single_flight.lock();
        calls.leave(&self.origin, &self.sender);
    }
}
