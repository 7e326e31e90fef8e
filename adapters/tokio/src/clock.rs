#[cfg(test)]
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

const SECOND: u64 = 1_000_000_000;

/// What the clock says when the machine is started, in nanoseconds. So a contact may have been before that, by more than the longest lease.
const START: u64 = 2 * 365 * 24 * 60 * 60 * SECOND;

/// A clock that is never set, and that continues while the process is stopped.
///
/// On Linux it also counts the time for which the machine was suspended, which [`std::time::Instant`] does not.
#[derive(Clone, Debug)]
pub(crate) enum Clock {
    System,
    /// A number of nanoseconds.
    #[cfg(test)]
    Manual(Arc<AtomicU64>),
}

impl Clock {
    /// Returns the nanoseconds since a fixed moment, which fit for centuries. It is never zero.
    #[inline]
    pub(crate) fn nanoseconds(&self) -> u64 {
        match self {
            Self::System => system_time(),
            #[cfg(test)]
            Self::Manual(nanoseconds) => nanoseconds.load(Ordering::SeqCst),
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
#[inline]
fn system_time() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    // The time since the machine was started is not negative.
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanoseconds = u64::try_from(time.tv_nsec).unwrap_or_default();
    START + seconds * SECOND + nanoseconds
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn system_time() -> u64 {
    use std::sync::LazyLock;
    use std::time::Instant;

    static FIRST: LazyLock<Instant> = LazyLock::new(Instant::now);
    START + u64::try_from(FIRST.elapsed().as_nanos()).unwrap_or_default()
}
