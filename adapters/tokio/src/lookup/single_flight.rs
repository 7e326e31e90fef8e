//! Single-flight: at most one call of the lookup function per origin, however many requests wait for its result.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use omnicors_core::LookupResult;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::result_cache::CachedResult;
use super::{LookupFailure, Shared, panics};

/// Holds the call for each origin. A call without waiters that has not started is removed.
#[derive(Default)]
pub(super) struct SingleFlight {
    calls: Mutex<HashMap<Arc<str>, Call>>,
}

/// A call of the lookup function, before and while it runs.
struct Call {
    /// Sends the completion to the waiters. It identifies the call as well: each call has its own channel.
    completion: watch::Sender<Option<Completion>>,
    waiters: usize,
    started: bool,
}

#[derive(Clone, Copy)]
struct Completion {
    result: LookupResult,
    /// The call was stopped, and no waiter has reported it yet.
    has_unreported_stop: bool,
}

/// Joins the call for an origin, or starts one. Returns its result.
pub(super) async fn join(shared: &Arc<Shared>, origin: &str) -> LookupResult {
    let mut waiter = match Waiter::new(shared, origin) {
        Ok(waiter) => waiter,
        Err(result) => return result,
    };
    // All waiters of an origin wait for a permit, and the first one that gets a permit starts the call. If one of them is
    // cancelled, the others do not notice.
    tokio::select! {
        biased;
        result = waiter.result() => return result,
        permit = Arc::clone(&shared.running).acquire_owned() => {
            // The semaphore is never closed.
            if let Ok(permit) = permit {
                waiter.start(permit);
            }
        }
    }
    waiter.result().await
}

impl SingleFlight {
    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Call>> {
        // No code panics under this lock while the map is inconsistent.
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes the call for an origin if it has started, because it may have read old data. Its waiters still get its result,
    /// but the cache does not.
    pub(super) fn invalidate(&self, origin: &str, remove_cached: impl FnOnce()) {
        let mut calls = self.lock();
        if calls.get(origin).is_some_and(|call| call.started) {
            calls.remove(origin);
        }
        remove_cached();
    }

    /// Does for all origins what `invalidate` does for one.
    pub(super) fn invalidate_all(&self, clear_cache: impl FnOnce()) {
        let mut calls = self.lock();
        calls.retain(|_, call| !call.started);
        clear_cache();
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }
}

/// A request that waits for a call to complete.
struct Waiter<'a> {
    shared: &'a Arc<Shared>,
    origin: Arc<str>,
    sender: watch::Sender<Option<Completion>>,
    completion: watch::Receiver<Option<Completion>>,
}

impl<'a> Waiter<'a> {
    /// Returns the cached result as an error if a call has just completed.
    fn new(shared: &'a Arc<Shared>, origin: &str) -> Result<Self, LookupResult> {
        let mut calls = shared.single_flight.lock();
        if let Some(CachedResult::Fresh(result)) = shared.cache.get(origin) {
            return Err(result);
        }
        let origin = match calls.get_key_value(origin) {
            Some((origin, _)) => Arc::clone(origin),
            None => Arc::from(origin),
        };
        let call = calls.entry(Arc::clone(&origin)).or_insert_with(|| Call {
            completion: watch::Sender::new(None),
            waiters: 0,
            started: false,
        });
        call.waiters += 1;
        Ok(Self {
            shared,
            origin,
            completion: call.completion.subscribe(),
            sender: call.completion.clone(),
        })
    }

    /// Waits for the call to complete. Returns its result.
    async fn result(&mut self) -> LookupResult {
        let completion = match self.completion.wait_for(Option::is_some).await {
            Ok(completion) => *completion,
            // Unreachable: `self.sender` keeps the channel open.
            Err(_) => None,
        };
        // The first waiter that sees a stopped call reports it.
        let must_report = self.sender.send_if_modified(|completion| {
            completion
                .as_mut()
                .is_some_and(|completion| mem::take(&mut completion.has_unreported_stop))
        });
        if must_report {
            self.shared.report(&self.origin, &LookupFailure::Stopped);
        }
        completion.map_or(LookupResult::Failed, |completion| completion.result)
    }

    /// Starts the call, unless another waiter has.
    fn start(&self, permit: OwnedSemaphorePermit) {
        {
            let mut calls = self.shared.single_flight.lock();
            match calls.get_mut(&self.origin) {
                Some(call) if call.completion.same_channel(&self.sender) && !call.started => {
                    call.started = true;
                }
                _ => return,
            }
        }
        let call = RunningCall {
            shared: Arc::clone(self.shared),
            origin: Arc::clone(&self.origin),
            sender: self.sender.clone(),
            completed: false,
        };
        tokio::spawn(call.run(permit));
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut calls = self.shared.single_flight.lock();
        if let Some(call) = calls.get_mut(&self.origin)
            && call.completion.same_channel(&self.sender)
        {
            call.waiters -= 1;
            if call.waiters == 0 && !call.started {
                calls.remove(&self.origin);
            }
        }
    }
}

/// A call that has started. It runs in its own task, so that it continues when its waiters are cancelled.
struct RunningCall {
    shared: Arc<Shared>,
    origin: Arc<str>,
    sender: watch::Sender<Option<Completion>>,
    completed: bool,
}

impl RunningCall {
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
