use std::time::Duration;

use crate::clock::Clock;
use crate::sync::atomic::{AtomicU64, Ordering};

/// How long a node may use what it read from the store without contact to it.
///
/// A lease counts from the moment before a read was sent, because the store may have changed while the answer was on its way.
#[derive(Debug)]
pub(super) struct Lease {
    length: Duration,
    clock: Clock,
    /// The end of the lease, in nanoseconds of the clock. 0 if there was no contact. So a request only compares it with the clock.
    end: AtomicU64,
}

/// The end of a lease, read before the data that the lease is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct LeaseEnd(u64);

impl Lease {
    pub(super) fn new(length: Duration, clock: Clock) -> Self {
        Self {
            length,
            clock,
            end: AtomicU64::new(0),
        }
    }

    /// Returns the time at which a read begins.
    pub(super) fn begin(&self) -> Duration {
        Duration::from_nanos(self.clock.nanoseconds())
    }

    /// Renews the lease by a read that began at `begun` and returned everything up to the present.
    pub(super) fn renew(&self, begun: Duration) {
        let end = nanoseconds(begun.saturating_add(self.length));
        self.end.fetch_max(end, Ordering::AcqRel);
    }

    /// Returns the time since the last contact, or `None` if there was none.
    pub(super) fn age(&self) -> Option<Duration> {
        let end = match self.end.load(Ordering::Acquire) {
            0 => return None,
            nanoseconds => Duration::from_nanos(nanoseconds),
        };
        Some(self.begin().saturating_sub(end.saturating_sub(self.length)))
    }

    /// Returns the end of the lease as it is now.
    ///
    /// Read the end first, then the data, then the clock. A process that was stopped after it read the data sees the end that was valid for
    /// them, although the lease may have been renewed since, for newer data.
    #[inline]
    pub(super) fn end(&self) -> LeaseEnd {
        LeaseEnd(self.end.load(Ordering::Acquire))
    }

    /// Returns true if this end is in the future.
    #[inline]
    pub(super) fn is_before(&self, end: LeaseEnd) -> bool {
        self.clock.nanoseconds() < end.0
    }

    pub(super) fn is_valid(&self) -> bool {
        self.is_before(self.end())
    }

    /// Returns for how long the lease is valid if there is no other contact.
    pub(super) fn remaining(&self) -> Duration {
        self.age()
            .map_or(Duration::ZERO, |age| self.length.saturating_sub(age))
    }
}

/// The longest lease is a year, and the clock counts from the start of the machine, so this saturates after centuries.
fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_lease_counts_from_the_beginning_of_the_last_read() {
        let time = Arc::new(AtomicU64::new(1_000));
        let lease = Lease::new(Duration::from_nanos(100), Clock::Manual(Arc::clone(&time)));
        assert!(!lease.is_valid());
        assert_eq!(lease.remaining(), Duration::ZERO);

        let begun = lease.begin();
        time.store(1_090, Ordering::SeqCst);
        lease.renew(begun);
        assert_eq!(lease.remaining(), Duration::from_nanos(10));
        time.store(1_099, Ordering::SeqCst);
        assert!(lease.is_valid());
        time.store(1_100, Ordering::SeqCst);
        assert!(!lease.is_valid());
    }

    #[test]
    fn an_end_that_was_read_before_a_renewal_is_not_renewed() {
        let time = Arc::new(AtomicU64::new(1_000));
        let lease = Lease::new(Duration::from_nanos(100), Clock::Manual(Arc::clone(&time)));
        let never = lease.end();
        lease.renew(lease.begin());
        let end = lease.end();
        assert!(lease.is_before(end) && !lease.is_before(never));
        time.store(1_100, Ordering::SeqCst);
        lease.renew(lease.begin());
        assert!(!lease.is_before(end));
        assert!(lease.is_valid());
    }

    #[test]
    fn a_read_that_began_earlier_does_not_shorten_the_lease() {
        let time = Arc::new(AtomicU64::new(1_000));
        let lease = Lease::new(Duration::from_nanos(100), Clock::Manual(Arc::clone(&time)));
        lease.renew(Duration::from_micros(1));
        lease.renew(Duration::from_nanos(950));
        assert_eq!(lease.remaining(), Duration::from_nanos(100));
    }

    #[test]
    fn the_clock_of_the_system_runs() {
        let clock = Clock::System;
        let begun = clock.nanoseconds();
        let year = Duration::from_secs(365 * 24 * 60 * 60);
        assert!(Duration::from_nanos(begun) > year, "{begun}");
        while clock.nanoseconds() == begun {}
    }
}
