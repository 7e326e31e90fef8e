//! Single-flight: at most one call of the lookup function per origin, however many requests wait for its result.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::watch;

use super::result_cache::CallResult;
use crate::sync::{Mutex, MutexGuard, PoisonError};

/// Holds the call for each origin.
#[derive(Default)]
pub(super) struct SingleFlight {
    calls: Mutex<Calls>,
}

/// The calls, before and while they run. A call without waiters that has not started is removed.
#[derive(Default)]
pub(super) struct Calls {
    by_origin: HashMap<Arc<str>, Call>,
    /// The number of calls for unknown origins that have not started.
    waiting: usize,
}

struct Call {
    progress: watch::Sender<Progress>,
    is_known: bool,
    waiters: usize,
    started: bool,
}

/// The progress of a call. Each call has a channel of its own, which identifies the call as well.
#[derive(Clone, Copy)]
pub(super) enum Progress {
    Waiting,
    Started,
    Completed {
        result: CallResult,
        /// The call was stopped, and no waiter has reported it yet.
        has_unreported_stop: bool,
    },
}

impl Calls {
    /// Adds a waiter to the call for an origin, or adds a call. Returns `None` if the origin is unknown and `max_waiting` others
    /// wait already.
    pub(super) fn join(
        &mut self,
        origin: &str,
        is_known: bool,
        max_waiting: usize,
    ) -> Option<(Arc<str>, watch::Sender<Progress>)> {
        if !self.by_origin.contains_key(origin) {
            if !is_known && self.waiting >= max_waiting {
                return None;
            }
            self.waiting += usize::from(!is_known);
            let call = Call {
                progress: watch::Sender::new(Progress::Waiting),
                is_known,
                waiters: 0,
                started: false,
            };
            self.by_origin.insert(Arc::from(origin), call);
        }
        let origin = Arc::clone(self.by_origin.get_key_value(origin)?.0);
        let call = self.by_origin.get_mut(&origin)?;
        call.waiters += 1;
        let progress = call.progress.clone();
        Some((origin, progress))
    }

    /// Adds a call without waiters that starts at once. Returns `None` if there is a call for the origin.
    pub(super) fn start_alone(
        &mut self,
        origin: &str,
    ) -> Option<(Arc<str>, watch::Sender<Progress>)> {
        if self.by_origin.contains_key(origin) {
            return None;
        }
        let origin = Arc::from(origin);
        let progress = watch::Sender::new(Progress::Started);
        let call = Call {
            progress: progress.clone(),
            is_known: true,
            waiters: 0,
            started: true,
        };
        self.by_origin.insert(Arc::clone(&origin), call);
        Some((origin, progress))
    }

    /// Marks a call as started. Returns false if it has started already or has been removed.
    pub(super) fn start(&mut self, origin: &str, progress: &watch::Sender<Progress>) -> bool {
        match self.by_origin.get_mut(origin) {
            Some(call) if call.progress.same_channel(progress) && !call.started => {
                call.started = true;
                self.waiting -= usize::from(!call.is_known);
                true
            }
            _ => false,
        }
    }

    /// Removes a waiter from a call.
    pub(super) fn leave(&mut self, origin: &str, progress: &watch::Sender<Progress>) {
        if let Some(call) = self.by_origin.get_mut(origin)
            && call.progress.same_channel(progress)
        {
            call.waiters -= 1;
            if call.waiters == 0 && !call.started {
                self.waiting -= usize::from(!call.is_known);
                self.by_origin.remove(origin);
            }
        }
    }

    /// Removes a call that has started. Returns false if it was invalidated.
    pub(super) fn complete(&mut self, origin: &str, progress: &watch::Sender<Progress>) -> bool {
        let is_valid = self
            .by_origin
            .get(origin)
            .is_some_and(|call| call.progress.same_channel(progress));
        if is_valid {
            self.by_origin.remove(origin);
        }
        is_valid
    }
}

impl SingleFlight {
    pub(super) fn lock(&self) -> MutexGuard<'_, Calls> {
        // No code panics under this lock while the calls are inconsistent.
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes the call for an origin if it has started, because it may have read old data. Its waiters still get its result,
    /// but the cache does not.
    pub(super) fn invalidate(&self, origin: &str, remove_cached: impl FnOnce()) {
        let mut calls = self.lock();
        if calls.by_origin.get(origin).is_some_and(|call| call.started) {
            calls.by_origin.remove(origin);
        }
        remove_cached();
    }

    /// Does for all origins what `invalidate` does for one.
    pub(super) fn invalidate_all(&self, clear_cache: impl FnOnce()) {
        let mut calls = self.lock();
        calls.by_origin.retain(|_, call| !call.started);
        clear_cache();
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.lock().by_origin.len()
    }
}
