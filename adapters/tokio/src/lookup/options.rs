use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::LookupFailure;

/// The bounds of an [`OriginLookup`](super::OriginLookup).
///
/// ```
/// use omnicors_tokio::{LookupOptions, WhenFailed};
/// use std::time::Duration;
///
/// let options = LookupOptions::new()
///     .keep_allowed(Duration::from_secs(300))
///     .when_failed(WhenFailed::LastResult { keep: Duration::from_secs(3600) })
///     .on_failure(|origin, failure| eprintln!("{origin}: {failure}"));
/// ```
#[derive(Clone)]
#[must_use = "options do nothing until they are given to a lookup"]
pub struct LookupOptions {
    pub(super) max_origins: u64,
    pub(super) keep_allowed: Duration,
    pub(super) keep_denied: Duration,
    pub(super) keep_failed: Duration,
    pub(super) timeout: Duration,
    pub(super) max_lookups: usize,
    pub(super) when_failed: WhenFailed,
    pub(super) report: Option<Arc<Report>>,
}

type Report = dyn Fn(&str, &LookupFailure) + Send + Sync;

/// What a lookup that fails means for the origin.
///
/// Exhaustive: to deny, to allow, or as it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenFailed {
    /// It is denied.
    #[default]
    Deny,
    /// It is what it was when it was last looked up, for this long after that answer's time has passed; else denied.
    LastResult {
        /// How much longer an answer is kept for that.
        keep: Duration,
    },
    /// It is allowed: any site at all, while the function returns errors. Where a lookup takes too long, or cannot begin
    /// because too many run, the origin is denied all the same, since any stranger can cause that.
    DangerouslyAllow,
}

/// No answer is kept for longer, whatever is asked for: so that no sum of times overflows.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

pub(super) fn bounded(time: Duration) -> Duration {
    time.min(LONGEST)
}

impl LookupOptions {
    /// 20 000 origins; an allowed one kept for 60 s, a denied one for 10 s, a failed one for 1 s; 400 ms for a lookup, 16
    /// of them at once; denied where one fails.
    pub fn new() -> Self {
        Self {
            max_origins: 20_000,
            keep_allowed: Duration::from_secs(60),
            keep_denied: Duration::from_secs(10),
            keep_failed: Duration::from_secs(1),
            timeout: Duration::from_millis(400),
            max_lookups: 16,
            when_failed: WhenFailed::Deny,
            report: None,
        }
    }

    /// How many origins the cache holds, allowed and denied ones together. An origin has 512 bytes at most, and an entry
    /// a few hundred. (For a moment there may be a thousand or two more, which are then put out.)
    pub fn max_origins(mut self, count: u64) -> Self {
        self.max_origins = count;
        self
    }

    /// How long an allowed origin stays allowed without another lookup. At most a year, as with the times below.
    pub fn keep_allowed(mut self, time: Duration) -> Self {
        self.keep_allowed = bounded(time);
        self
    }

    /// How long a denied origin stays denied without another lookup.
    pub fn keep_denied(mut self, time: Duration) -> Self {
        self.keep_denied = bounded(time);
        self
    }

    /// For how long an origin is not looked up again after a lookup that failed, so that a database in trouble is not
    /// asked the same by each request. With zero, every request tries.
    pub fn keep_failed(mut self, time: Duration) -> Self {
        self.keep_failed = bounded(time);
        self
    }

    /// How long a lookup may take, and how long a request waits, for others to end and for its own.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.timeout = bounded(time);
        self
    }

    /// How many lookups run at once, over all origins: at least 1. No more than the database has connections for it.
    ///
    /// A lookup that has timed out is dropped and counts no more: if that does not end the work, as with
    /// `spawn_blocking`, the function has to bound it itself.
    pub fn max_lookups(mut self, count: usize) -> Self {
        // More than a semaphore can count would panic.
        self.max_lookups = count.clamp(1, tokio::sync::Semaphore::MAX_PERMITS);
        self
    }

    /// What a lookup that fails means for the origin.
    pub fn when_failed(mut self, when_failed: WhenFailed) -> Self {
        self.when_failed = when_failed;
        self
    }

    /// Is told of each lookup that fails, with its origin. It should not wait for anything, and not log each time:
    /// strangers set how many fail, with origins made up. A panic in it is caught, and changes nothing.
    pub fn on_failure(
        mut self,
        report: impl Fn(&str, &LookupFailure) + Send + Sync + 'static,
    ) -> Self {
        self.report = Some(Arc::new(report));
        self
    }
}

impl Default for LookupOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for LookupOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookupOptions")
            .field("max_origins", &self.max_origins)
            .field("keep_allowed", &self.keep_allowed)
            .field("keep_denied", &self.keep_denied)
            .field("keep_failed", &self.keep_failed)
            .field("timeout", &self.timeout)
            .field("max_lookups", &self.max_lookups)
            .field("when_failed", &self.when_failed)
            .finish_non_exhaustive()
    }
}
