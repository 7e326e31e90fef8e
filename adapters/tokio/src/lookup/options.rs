use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::failure::LookupFailure;
use super::permits;
use super::when_failed::WhenFailed;

/// The limits of an [`OriginLookup`](super::OriginLookup), and its behavior when a lookup fails.
///
/// ```
/// use omnicors_tokio::{LookupOptions, OriginLookup};
/// use std::time::Duration;
///
/// let options = LookupOptions::new()
///     .keep_allowed(Duration::from_secs(120))
///     .lease(Duration::from_secs(600))
///     .max_lookups(32)
///     .on_failure(|origin, failure| eprintln!("{origin}: {failure:#}"));
///
/// let tenants = OriginLookup::with_options(options, is_tenant);
///
/// /// Asks the database.
/// async fn is_tenant(origin: String) -> Result<bool, std::io::Error> {
///     Ok(origin == "https://tenant.example")
/// }
/// ```
#[derive(Clone)]
#[must_use = "options do nothing until you pass them to `OriginLookup::with_options`"]
pub struct LookupOptions {
    pub(super) max_origins: u64,
    pub(super) keep_allowed: Duration,
    pub(super) lease: Duration,
    pub(super) keep_denied: Duration,
    pub(super) keep_failed: Duration,
    pub(super) timeout: Duration,
    pub(super) max_lookups: usize,
    /// `None` for the default, which depends on `max_lookups`.
    pub(super) reserved: Option<usize>,
    pub(super) when_failed: WhenFailed,
    pub(super) report: Option<Arc<Report>>,
}

type Report = dyn Fn(&str, &LookupFailure) + Send + Sync;

impl LookupOptions {
    /// Returns the default options. Each method states its default.
    ///
    /// ```
    /// use omnicors_tokio::LookupOptions;
    ///
    /// let options = LookupOptions::new();
    /// ```
    pub fn new() -> Self {
        Self {
            max_origins: 20_000,
            keep_allowed: Duration::from_secs(60),
            lease: Duration::from_secs(300),
            keep_denied: Duration::from_secs(10),
            keep_failed: Duration::from_secs(1),
            timeout: Duration::from_millis(400),
            max_lookups: 16,
            reserved: None,
            when_failed: WhenFailed::default(),
            report: None,
        }
    }

    /// Sets how many allowed origins the cache holds, and also how many denied and failed ones. The default is 20,000 of each. With
    /// 0, nothing is cached.
    ///
    /// Denied and failed origins never evict allowed ones. An origin has at most 512 bytes, and an entry needs a few hundred bytes
    /// more. The cache may exceed each limit by one or two thousand entries until it evicts them.
    ///
    /// ```
    /// use omnicors_tokio::LookupOptions;
    ///
    /// let options = LookupOptions::new().max_origins(100_000);
    /// ```
    pub fn max_origins(mut self, count: u64) -> Self {
        self.max_origins = count;
        self
    }

    /// Sets how long an allowed origin stays allowed without another lookup. The time counts from the beginning of the lookup, on
    /// Linux also while the machine is suspended. The default is 60 s, the maximum the [`lease`](Self::lease).
    ///
    /// A request in the last fifth of this time starts a lookup in the background, at a moment that differs by origin. So requests
    /// of an origin that is requested often never wait for a lookup.
    ///
    /// While lookups succeed, an origin that you remove from the database is denied after this time at the latest, or at once after
    /// [`OriginLookup::invalidate`](super::OriginLookup::invalidate).
    ///
    /// ```
    /// use omnicors_tokio::LookupOptions;
    /// use std::time::Duration;
    ///
    /// let options = LookupOptions::new().keep_allowed(Duration::from_secs(20));
    /// ```
    pub fn keep_allowed(mut self, time: Duration) -> Self {
        self.keep_allowed = bounded(time);
        self
    }

    /// Sets how long an origin stays allowed while all later lookups fail or time out. The time counts from the beginning of the last
    /// lookup that allowed the origin, on Linux also while the machine is suspended. The default is 300 s, the minimum
    /// [`keep_allowed`](Self::keep_allowed), the maximum 365 days.
    ///
    /// So an origin that you remove from the database is always denied after this time at the latest. An outage of the database that
    /// is shorter does not affect origins that were looked up shortly before it. With [`WhenFailed::Deny`], an origin is denied
    /// after [`keep_allowed`](Self::keep_allowed) already.
    ///
    /// ```
    /// use omnicors_tokio::LookupOptions;
    /// use std::time::Duration;
    ///
    /// let options = LookupOptions::new().lease(Duration::from_secs(15 * 60));
    /// ```
    pub fn lease(mut self, time: Duration) -> Self {
        self.lease = bounded(time);
        self
    }

    /// Sets how long a denied origin stays denied without another lookup. The default is 10 s, the maximum 365 days.
    ///
    /// ```
    /// use omnicors_tokio::LookupOptions;
    /// use std::time::Duration;
    ///
    /// let options = LookupOptions::new().keep_denied(Duration::from_secs(2));
    /// ```
    pub fn keep_denied(mut self, time: Duration) -> Self {
        self.keep_denied = bounded(time);
        self
    }

    /// Sets how long an origin is not looked up again after a failed lookup. The default is 1 s, the maximum 365 days.
    ///
    /// This protects an overloaded database from the same query for each request. With zero, every request tries again.
    ///
    /// ```
    /// use omnicors_tokio::LookupOptions;
    /// use std::time::Duration;
    ///
    /// let options = LookupOptions::new().keep_failed(Duration::from_secs(5));
    /// ```
    pub fn keep_failed(mut self, time: Duration) -> Self {
        self.keep_failed = bounded(time);
        self
    }

    /// Sets how long a lookup may run. The default is 400 ms, the maximum 365 days.
    ///
    /// A request waits for the same time at most: first for a free lookup, then for the result. A request from an unknown origin waits
    /// for a free lookup for at most half of the time, so that the other half remains for the result.
    ///
    /// ```
    /// use omnicors_tokio::LookupOptions;
    /// use std::time::Duration;
    ///
    /// let options = LookupOptions::new().timeout(Duration::from_secs(1));
    /// ```
    pub fn timeout(mut self, time: Duration) -> Self {
        self.timeout = bounded(time);
        self
    }

    /// Sets how many lookups run at once, over all origins. The default is 16, the minimum 1, the maximum
    /// [`Semaphore::MAX_PERMITS`](tokio::sync::Semaphore::MAX_PERMITS). Use at most as many as your database has connections.
    ///
    /// A lookup that times out is dropped and no longer counts. If dropping does not end the work, as with `spawn_blocking`, limit
    /// that work in the function.
    ///
    /// ```
    /// use omnicors_tokio::LookupOptions;
    ///
    /// let options = LookupOptions::new().max_lookups(32);
    /// ```
    pub fn max_lookups(mut self, count: usize) -> Self {
        // A semaphore panics if it has more permits.
        self.max_lookups = count.clamp(1, permits::MAX);
        self
    }

    /// Sets how many of the [`max_lookups`](Self::max_lookups) are reserved for known origins. The default is a quarter, at least 1.
    /// The maximum is one less than `max_lookups`, so that there is always one for other origins.
    ///
    /// An origin is known if the last successful lookup allowed it, at most 24 hours ago or during the [`lease`](Self::lease), and
    /// the cache still holds it. Known origins can use the other lookups as well.
    ///
    /// Unknown origins share the lookups that are not reserved, and clients can invent any number of them. With the default options
    /// and 50 ms per lookup, 12 lookups at once are 240 unknown origins a second. For each of these lookups, 32 more origins may
    /// wait. Beyond that, the result is [`LookupResult::NotBegun`](omnicors_core::LookupResult::NotBegun).
    ///
    /// ```
    /// use omnicors_tokio::LookupOptions;
    ///
    /// let options = LookupOptions::new().max_lookups(32).reserve_for_known(16);
    /// ```
    pub fn reserve_for_known(mut self, count: usize) -> Self {
        self.reserved = Some(count);
        self
    }

    /// Sets whether an origin is allowed when its lookup fails. The default is [`WhenFailed::LastResult`].
    ///
    /// ```
    /// use omnicors_tokio::{LookupOptions, WhenFailed};
    ///
    /// let options = LookupOptions::new().when_failed(WhenFailed::Deny);
    /// ```
    pub fn when_failed(mut self, when_failed: WhenFailed) -> Self {
        self.when_failed = when_failed;
        self
    }

    /// Sets a function that is called with the origin and the failure of each failed lookup. It is also called, at most once a second,
    /// for requests whose lookup was [not begun](LookupFailure::NotBegun). The default is none.
    ///
    /// It must not block. It should not log each failure: clients decide how many lookups fail, because they can send any origin. A
    /// panic in it is caught and ignored.
    ///
    /// ```
    /// use omnicors_tokio::LookupOptions;
    /// use std::sync::atomic::{AtomicU64, Ordering};
    ///
    /// static FAILURES: AtomicU64 = AtomicU64::new(0);
    ///
    /// let options = LookupOptions::new().on_failure(|_origin, _failure| {
    ///     FAILURES.fetch_add(1, Ordering::Relaxed);
    /// });
    /// ```
    pub fn on_failure(
        mut self,
        report: impl Fn(&str, &LookupFailure) + Send + Sync + 'static,
    ) -> Self {
        self.report = Some(Arc::new(report));
        self
    }

    /// Returns how long an allowed origin may be used without a successful lookup.
    pub(super) fn usable_for(&self) -> Duration {
        match self.when_failed {
            WhenFailed::Deny => self.keep_allowed,
            WhenFailed::LastResult | WhenFailed::DangerouslyAllow => self.lease,
        }
    }

    /// # Panics
    ///
    /// If an option contradicts another one.
    #[track_caller]
    pub(super) fn assert_consistent(&self) {
        let (keep, lease) = (self.keep_allowed, self.lease);
        assert!(
            keep <= lease,
            "`keep_allowed` is {keep:?}, which is longer than the lease of {lease:?}: call `lease` with at least {keep:?}, \
             or `keep_allowed` with at most {lease:?}",
        );
    }
}

/// The maximum of all times, so that no sum of times overflows.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

fn bounded(time: Duration) -> Duration {
    time.min(LONGEST)
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
            .field("lease", &self.lease)
            .field("keep_denied", &self.keep_denied)
            .field("keep_failed", &self.keep_failed)
            .field("timeout", &self.timeout)
            .field("max_lookups", &self.max_lookups)
            .field("reserve_for_known", &self.reserved)
            .field("when_failed", &self.when_failed)
            .finish_non_exhaustive()
    }
}
