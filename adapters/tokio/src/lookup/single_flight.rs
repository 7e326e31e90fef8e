//! Single-flight: at most one call of the lookup function per origin, however many requests wait for its result.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use omnicors_core::LookupResult;
use tokio::sync::watch;

/// Holds the call for each origin. A call without waiters that has not started is removed.
#[derive(Default)]
pub(super) struct SingleFlight {
    calls: Mutex<HashMap<Arc<str>, Call>>,
}

/// A call of the lookup function, before and while it runs.
pub(super) struct Call {
    /// Sends the completion to the waiters. It identifies the call as well: each call has its own channel.
    pub(super) completion: watch::Sender<Option<Completion>>,
    pub(super) waiters: usize,
    pub(super) started: bool,
}

#[derive(Clone, Copy)]
pub(super) struct Completion {
    pub(super) result: LookupResult,
    /// The call was stopped, and no waiter has reported it yet.
    pub(super) has_unreported_stop: bool,
}

impl SingleFlight {
    pub(super) fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Call>> {
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
