//! Time that passes only when a test says so, in place of tokio's.

use std::future::{pending, poll_fn};
use std::ops::Add;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use shuttle::sync::atomic::{AtomicU64, Ordering};

shuttle::lazy_static! {
    static ref NOW: AtomicU64 = AtomicU64::new(0);
    static ref SUSPENDED: AtomicU64 = AtomicU64::new(0);
    // Not a lock of shuttle, because it is not part of what is checked.
    static ref TIMERS: Mutex<Vec<(Instant, Waker)>> = Mutex::new(Vec::new());
}

/// A time since the beginning of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(Duration);

impl Instant {
    /// Returns the present.
    pub fn now() -> Self {
        Self(Duration::from_nanos(NOW.load(Ordering::SeqCst)))
    }

    /// Returns the time from an earlier time to this one.
    #[must_use]
    pub fn saturating_duration_since(&self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, time: Duration) -> Self {
        Self(self.0 + time)
    }
}

/// Returns the time since the beginning of the run, which counts while the machine is suspended.
pub fn boot_time() -> Duration {
    Instant::now().0 + Duration::from_nanos(SUSPENDED.load(Ordering::SeqCst))
}

/// Lets time pass.
pub fn advance(time: Duration) {
    NOW.fetch_add(nanoseconds(time), Ordering::SeqCst);
    let now = Instant::now();
    let mut timers = TIMERS.lock().unwrap_or_else(PoisonError::into_inner);
    let due: Vec<_> = timers
        .extract_if(.., |(deadline, _)| *deadline <= now)
        .collect();
    drop(timers);
    for (_, waker) in due {
        waker.wake();
    }
}

/// Suspends the machine. Only [`boot_time`] notices it.
pub fn suspend(time: Duration) {
    SUSPENDED.fetch_add(nanoseconds(time), Ordering::SeqCst);
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The time is over.
#[derive(Clone, Copy, Debug)]
pub struct Elapsed;

/// Limits the time of a future.
///
/// # Errors
///
/// If the time is over before the future is ready.
pub async fn timeout<T>(time: Duration, future: impl Future<Output = T>) -> Result<T, Elapsed> {
    timeout_at(Instant::now() + time, future).await
}

/// Does the same until a time.
///
/// # Errors
///
/// As [`timeout`].
pub async fn timeout_at<T>(
    deadline: Instant,
    future: impl Future<Output = T>,
) -> Result<T, Elapsed> {
    let mut future = pin!(future);
    poll_fn(|context| {
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return Poll::Ready(Ok(output));
        }
        // Registered first, so that no time passes in between.
        let mut timers = TIMERS.lock().unwrap_or_else(PoisonError::into_inner);
        timers.push((deadline, context.waker().clone()));
        drop(timers);
        if deadline <= Instant::now() {
            return Poll::Ready(Err(Elapsed));
        }
        Poll::Pending
    })
    .await
}

/// Waits.
pub async fn sleep(time: Duration) {
    // It is never ready.
    let _: Result<(), _> = timeout(time, pending()).await;
}
