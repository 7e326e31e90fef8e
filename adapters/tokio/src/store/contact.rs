use std::time::Duration;

use super::events;
use super::gauges::Mode;
use super::lease::Lease;
use super::position::Position;
use super::store_error::StoreError;
use crate::clock::Clock;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Mutex, MutexGuard, PoisonError};

/// What a node knows about its contact to the store.
pub(super) struct Contact {
    mode: Mode,
    pub(super) lease: Lease,
    /// Up to where changes were applied.
    position: Mutex<Option<Position>>,
    is_connected: AtomicBool,
    /// The end of the lease was reported, and there was no contact since.
    has_reported_end: AtomicBool,
}

impl Contact {
    pub(super) fn new(
        mode: Mode,
        lease: Duration,
        clock: Clock,
        position: Option<Position>,
    ) -> Self {
        mode.begin(lease);
        Self {
            mode,
            lease: Lease::new(lease, clock),
            position: Mutex::new(position),
            is_connected: AtomicBool::new(false),
            has_reported_end: AtomicBool::new(false),
        }
    }

    pub(super) fn position(&self) -> Option<Position> {
        self.lock_position().clone()
    }

    pub(super) fn set_position(&self, position: Position) {
        *self.lock_position() = Some(position);
    }

    /// Returns the revision of the position.
    pub(super) fn revision(&self) -> Option<u64> {
        self.lock_position().as_ref().map(Position::revision)
    }

    pub(super) fn is_connected(&self) -> bool {
        self.is_connected.load(Ordering::Acquire)
    }

    /// A read that began at `begun` has returned everything up to the present. Returns true if there was no connection before.
    pub(super) fn renew(&self, begun: Duration) -> bool {
        self.lease.renew(begun);
        self.has_reported_end.store(false, Ordering::Release);
        let is_new = !self.is_connected.swap(true, Ordering::AcqRel);
        let revision = self.revision().unwrap_or_default();
        self.mode.contact(revision, self.lease.age());
        if is_new {
            events::connected(revision);
        }
        is_new
    }

    /// Marks the connection as lost. Returns true if there was one.
    pub(super) fn lose(&self) -> bool {
        self.is_connected.swap(false, Ordering::AcqRel)
    }

    /// Reports that there is no connection.
    pub(super) fn report_lost(&self, error: &StoreError) {
        self.mode.disconnected();
        events::disconnected(error, self.lease.remaining());
        self.report_lease();
    }

    /// Reports, once, that the lease is over, if it is.
    pub(super) fn report_lease(&self) {
        if !self.lease.is_valid() && !self.has_reported_end.swap(true, Ordering::AcqRel) {
            events::lease_ended(self.mode);
        }
    }

    fn lock_position(&self) -> MutexGuard<'_, Option<Position>> {
        self.position.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
