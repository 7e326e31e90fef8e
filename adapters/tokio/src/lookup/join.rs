use std::mem;
use std::sync::Arc;

use omnicors_core::LookupResult;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::failure::LookupFailure;
use super::result_cache::CachedResult;
use super::running_call::RunningCall;
use super::shared::Shared;
use super::single_flight::{Call, Completion};

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
