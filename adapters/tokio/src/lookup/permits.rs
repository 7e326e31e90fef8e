//! Limits how many lookups run at once, and reserves some of them for known origins.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The maximum number of unknown origins that wait for each permit. With more, the last ones would not get a permit in time: 32
/// lookups of 6 ms take half of the default timeout.
const WAITING_PER_PERMIT: usize = 32;

/// The permits to run a lookup: [`max_lookups`](super::LookupOptions::max_lookups) in all.
pub(super) struct Permits {
    /// For any origin.
    open: Arc<Semaphore>,
    /// For known origins only.
    reserved: Arc<Semaphore>,
    /// The maximum number of unknown origins that wait for a permit.
    pub(super) max_waiting: usize,
}

/// The most permits that a semaphore can count.
pub(super) const MAX: usize = Semaphore::MAX_PERMITS;

impl Permits {
    /// Reserves a quarter, and at least one, if no number is given. At least one is not reserved.
    pub(super) fn new(max_lookups: usize, reserved: Option<usize>) -> Self {
        let reserved = reserved
            .unwrap_or_else(|| (max_lookups / 4).max(1))
            .min(max_lookups - 1);
        let open = max_lookups - reserved;
        Self {
            open: Arc::new(Semaphore::new(open)),
            reserved: Arc::new(Semaphore::new(reserved)),
            max_waiting: open.saturating_mul(WAITING_PER_PERMIT),
        }
    }

    /// Waits for a permit. A known origin waits for either kind at once, so unknown origins never delay it while a reserved permit
    /// is free, and without a flood it can use all permits.
    pub(super) async fn acquire(&self, is_known: bool) -> Option<OwnedSemaphorePermit> {
        // The semaphores are never closed.
        let open = Arc::clone(&self.open).acquire_owned();
        if !is_known {
            return open.await.ok();
        }
        tokio::select! {
            biased;
            permit = open => permit.ok(),
            permit = Arc::clone(&self.reserved).acquire_owned() => permit.ok(),
        }
    }

    /// Returns a permit for a known origin if one is free.
    pub(super) fn try_acquire(&self) -> Option<OwnedSemaphorePermit> {
        let open = Arc::clone(&self.open).try_acquire_owned();
        open.or_else(|_| Arc::clone(&self.reserved).try_acquire_owned())
            .ok()
    }

    #[cfg(test)]
    pub(super) fn available(&self) -> usize {
        self.open.available_permits() + self.reserved.available_permits()
    }
}
