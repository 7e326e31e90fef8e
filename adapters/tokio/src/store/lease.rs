use std::time::Duration;

use super::clock::Clock;
use crate::sync::atomic::{AtomicU64, Ordering};

/// How long a node may use what it read from the store without contact to it.
///
/// A lease counts from the moment before a read was sent, because the store may have changed while the answer was on its way.
#[derive(Debug)]
pub(super) struct Lease {
    length: Duration,
    clock: Clock,
    /// The beginning of the last read that reached the present, in nanoseconds of the clock. 0 if there was none.
    contact: AtomicU64,
}

impl Lease {
    pub(super) fn new(length: Duration, clock: Clock) -> Self {
        Self {
            length,
            clock,
            contact: AtomicU64::new(0),
        }
    }

    pub(super) fn length(&self) -> Duration {
        self.length
    }

    /// Returns the time at which a read begins.
    pub(super) fn begin(&self) -> Duration {
        self.clock.now()
    }

    /// Renews the lease by a read that began at `begun` and returned everything up to the present.
    pub(super) fn renew(&self, begun: Duration) {
        let nanoseconds = u64::try_from(begun.as_nanos()).unwrap_or(u64::MAX);
        self.contact.fetch_max(nanoseconds, Ordering::AcqRel);
    }

    /// Returns the time since the last contact, or `None` if there was none.
    #[inline]
    pub(super) fn age(&self) -> Option<Duration> {
        let contact = match self.contact.load(Ordering::Acquire) {
            0 => return None,
            nanoseconds => Duration::from_nanos(nanoseconds),
        };
        Some(self.clock.now().saturating_sub(contact))
    }

    #[inline]
    pub(super) fn is_valid(&self) -> bool {
        self.age().is_some_and(|age| age < self.length)
    }

    /// Returns for how long the lease is valid if there is no other contact.
    pub(super) fn remaining(&self) -> Duration {
        self.age()
            .map_or(Duration::ZERO, |age| self.length.saturating_sub(age))
    }
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
        let begun = clock.now();
        assert!(begun > Duration::from_secs(365 * 24 * 60 * 60), "{begun:?}");
        while clock.now() == begun {}
    }
}
