use std::ops::Add;
use std::time::Duration;

use tokio::time::Instant;

use crate::clock::Clock;

/// A time on two clocks: that of tokio, which a test can pause, and that of the machine, which continues while the machine is suspended.
///
/// Read the result first, then the present. A process that was stopped in between must not use a result that is too old now.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    pub(super) instant: Instant,
    /// In nanoseconds of the [`Clock`].
    machine: u64,
}

impl Moment {
    /// Returns the present.
    pub(super) fn now(clock: &Clock) -> Self {
        Self {
            instant: Instant::now(),
            machine: clock.nanoseconds(),
        }
    }

    /// Returns true if neither clock has reached the end.
    pub(super) fn is_before(self, end: Self) -> bool {
        self.instant < end.instant && self.machine < end.machine
    }

    /// Returns the earlier time of each clock.
    pub(super) fn min(self, other: Self) -> Self {
        Self {
            instant: self.instant.min(other.instant),
            machine: self.machine.min(other.machine),
        }
    }

    /// Returns the later time of each clock.
    pub(super) fn max(self, other: Self) -> Self {
        Self {
            instant: self.instant.max(other.instant),
            machine: self.machine.max(other.machine),
        }
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    /// The longest time of a lookup is a year, and the clock counts from the start of the machine, so this saturates after centuries.
    fn add(self, time: Duration) -> Self {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        Self {
            instant: self.instant + time,
            machine: self.machine.saturating_add(nanoseconds),
        }
    }
}
