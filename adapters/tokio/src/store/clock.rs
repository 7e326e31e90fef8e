use std::time::Duration;

#[cfg(test)]
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// What the clock says when the machine is started. So a contact may have been before that, by more than the longest lease.
const START: Duration = Duration::from_secs(2 * 365 * 24 * 60 * 60);

/// A clock that is never set, and that continues while the process is stopped.
///
/// On Linux it also counts the time for which the machine was suspended, which [`std::time::Instant`] does not.
#[derive(Clone, Debug)]
pub(super) enum Clock {
    System,
    /// A number of nanoseconds.
    #[cfg(test)]
    Manual(Arc<AtomicU64>),
}

impl Clock {
    /// Returns the time since a fixed moment. It is never zero.
    #[inline]
    pub(super) fn now(&self) -> Duration {
        match self {
            Self::System => system_time(),
            #[cfg(test)]
            Self::Manual(nanoseconds) => Duration::from_nanos(nanoseconds.load(Ordering::SeqCst)),
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn system_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    // The time since the machine was started is not negative.
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or_default();
    START + Duration::new(seconds, nanoseconds)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn system_time() -> Duration {
    use std::sync::LazyLock;
    use std::time::Instant;

    static FIRST: LazyLock<Instant> = LazyLock::new(Instant::now);
    START + FIRST.elapsed()
}
