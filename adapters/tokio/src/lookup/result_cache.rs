//! The results of earlier lookups, limited in number and in time.

use std::hash::{DefaultHasher, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use moka::Expiry;
use moka::sync::Cache;
use omnicors_core::LookupResult;
use tokio::time::Instant;

use super::moment::Moment;
use crate::clock::Clock;
use crate::random;
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How long an origin that was allowed stays known, unless a lookup denies it. This decides only which permits its next lookup can
/// use. It is longer than a night, so that tenants that return in the morning do not compete with invented origins.
const KNOWN: Duration = Duration::from_secs(24 * 60 * 60);

/// How long an origin that was looked up stays fresh while invalidations may be missed.
const UNCONFIRMED: Duration = Duration::from_secs(1);

/// Maps origins to lookup results.
///
/// There are two caches, so that denied origins, which any client can invent, never evict an allowed one. An origin is in at most
/// one of them.
///
/// This uses moka's synchronous cache. Its async cache has single-flight as well, but it stores the result of a call that started
/// before an invalidation, and it starts a call again when the request that drives it is cancelled.
pub(super) struct ResultCache {
    clock: Clock,
    known: Cache<Arc<str>, Known>,
    unknown: Cache<Arc<str>, Unknown>,
    /// The number of times that all results were invalidated.
    generation: AtomicU64,
    /// The number of times that invalidations may have been missed.
    epoch: AtomicU64,
    /// Invalidations may be missed now.
    misses_invalidations: AtomicBool,
    /// Differs by cache.
    spread: u64,
}

/// An origin that the last successful lookup has allowed.
#[derive(Clone, Copy)]
struct Known {
    /// `Allowed`, or the result of a failed lookup.
    result: LookupResult,
    /// From then on, a request starts a lookup in the background.
    refresh_at: Moment,
    /// Until then, no request waits for a lookup.
    fresh_until: Moment,
    /// Until then, the origin stays allowed if a lookup fails. An allowed origin is not fresh for longer.
    usable_until: Moment,
    /// Until then, the origin is known.
    end: Instant,
    generation: u64,
    /// In another epoch, the result is not fresh.
    epoch: u64,
}

/// An origin that was denied, or whose lookup has failed.
#[derive(Clone, Copy)]
struct Unknown {
    result: LookupResult,
    fresh_until: Moment,
}

/// A lookup result from the cache.
#[derive(Clone, Copy)]
pub(super) enum CachedResult {
    /// Can be used without a lookup.
    Fresh {
        result: LookupResult,
        needs_refresh: bool,
    },
    /// The origin was allowed before, and needs a lookup.
    Known {
        /// The origin stays allowed if the lookup fails.
        is_usable: bool,
    },
}

/// The result of a call, for the requests that wait for it.
#[derive(Clone, Copy)]
pub(super) struct CallResult {
    result: LookupResult,
    /// When the data of the result becomes too old, and the result from then on. `None` if the result is that of a failure.
    expiry: Option<(Moment, LookupResult)>,
}

impl CallResult {
    /// Returns the result of a call that has failed, if no earlier result is used.
    pub(super) fn of_failure(result: LookupResult) -> Self {
        Self {
            result,
            expiry: None,
        }
    }

    /// Returns a result that becomes `then` at its end.
    pub(super) fn until(end: Moment, result: LookupResult, then: LookupResult) -> Self {
        Self {
            result,
            expiry: Some((end, then)),
        }
    }

    /// Returns the result at this time, which must be read after the result.
    pub(super) fn at(self, now: Moment) -> LookupResult {
        match self.expiry {
            Some((end, then)) if !now.is_before(end) => then,
            _ => self.result,
        }
    }
}

impl ResultCache {
    pub(super) fn new(max_origins: u64, clock: Clock) -> Self {
        Self {
            clock,
            known: Cache::builder()
                .max_capacity(max_origins)
                .expire_after(ExpireAtEnd)
                .build(),
            unknown: Cache::builder()
                .max_capacity(max_origins)
                .expire_after(ExpireAtEnd)
                .build(),
            generation: AtomicU64::new(0),
            epoch: AtomicU64::new(0),
            misses_invalidations: AtomicBool::new(false),
            spread: random::number(),
        }
    }

    /// Returns the present, for the times of results.
    pub(super) fn now(&self) -> Moment {
        Moment::now(&self.clock)
    }

    pub(super) fn get(&self, origin: &str) -> Option<CachedResult> {
        if let Some((known, now)) = self.get_known(origin) {
            let is_valid = self.is_valid(&known);
            return Some(
                if is_valid && self.is_of_epoch(&known) && now.is_before(known.fresh_until) {
                    CachedResult::Fresh {
                        result: known.result,
                        needs_refresh: !now.is_before(known.refresh_at),
                    }
                } else {
                    CachedResult::Known {
                        is_usable: is_valid && now.is_before(known.usable_until),
                    }
                },
            );
        }
        let unknown = self.unknown.get(origin)?;
        self.now()
            .is_before(unknown.fresh_until)
            .then_some(CachedResult::Fresh {
                result: unknown.result,
                needs_refresh: false,
            })
    }

    /// Stores that a lookup that began at `begun` has allowed the origin: it is fresh for `keep`, and usable for `usable`.
    pub(super) fn insert_allowed(
        &self,
        origin: &Arc<str>,
        begun: Moment,
        keep: Duration,
        usable: Duration,
    ) {
        // First, so that a result that is stored while it changes is not fresh.
        let epoch = self.epoch.load(Ordering::Acquire);
        let keep = if self.misses_invalidations.load(Ordering::Acquire) {
            keep.min(UNCONFIRMED)
        } else {
            keep
        };
        let known = Known {
            result: LookupResult::Allowed,
            refresh_at: begun + self.until_refresh(origin, keep),
            fresh_until: begun + keep,
            usable_until: begun + usable,
            end: begun.instant + KNOWN.max(usable),
            generation: self.generation.load(Ordering::Acquire),
            epoch,
        };
        self.known.insert(Arc::clone(origin), known);
        self.unknown.invalidate(origin);
    }

    /// Stores that a lookup has denied the origin.
    pub(super) fn insert_denied(&self, origin: &Arc<str>, fresh_until: Moment) {
        let unknown = Unknown {
            result: LookupResult::NotAllowed,
            fresh_until,
        };
        self.unknown.insert(Arc::clone(origin), unknown);
        self.known.invalidate(origin);
    }

    /// Stores that a lookup has failed, and that the next one starts after `wait`. Returns the result until then: `Allowed` while
    /// the origin is usable, or else `otherwise`.
    pub(super) fn insert_failed(
        &self,
        origin: &Arc<str>,
        wait: Duration,
        otherwise: LookupResult,
    ) -> CallResult {
        let Some((mut known, now)) = self.get_known(origin) else {
            let unknown = Unknown {
                result: otherwise,
                fresh_until: self.now() + wait,
            };
            self.unknown.insert(Arc::clone(origin), unknown);
            return CallResult::of_failure(otherwise);
        };
        let retry_at = now + wait;
        known.refresh_at = retry_at;
        let result = if self.is_valid(&known) && now.is_before(known.usable_until) {
            known.result = LookupResult::Allowed;
            let retry_at = retry_at.min(known.usable_until);
            // A failed refresh does not shorten the time for which the origin is fresh.
            known.fresh_until = if self.is_of_epoch(&known) {
                known.fresh_until.max(retry_at)
            } else {
                retry_at
            };
            CallResult::until(known.usable_until, LookupResult::Allowed, otherwise)
        } else {
            known.result = otherwise;
            known.fresh_until = retry_at;
            known.usable_until = now;
            known.generation = self.generation.load(Ordering::Acquire);
            CallResult::of_failure(otherwise)
        };
        known.epoch = self.epoch.load(Ordering::Acquire);
        self.known.insert(Arc::clone(origin), known);
        result
    }

    /// Removes the result for an origin. The origin stays known, so that its next lookup does not wait for lookups of invented origins.
    pub(super) fn remove(&self, origin: &str) {
        self.unknown.invalidate(origin);
        if let Some((known, now)) = self.get_known(origin) {
            let known = Known {
                fresh_until: now,
                usable_until: now,
                ..known
            };
            self.known.insert(Arc::from(origin), known);
        }
    }

    /// Does for all origins what `remove` does for one.
    pub(super) fn clear(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
        self.unknown.invalidate_all();
    }

    /// Makes all results old. Each origin must be looked up again; if that fails, an allowed one stays usable.
    #[cfg(feature = "store")]
    pub(super) fn expire(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        self.unknown.invalidate_all();
    }

    /// From now on, invalidations may be missed.
    #[cfg(feature = "store")]
    pub(super) fn begin_missing_invalidations(&self) {
        self.misses_invalidations.store(true, Ordering::Release);
    }

    /// The invalidations that were missed were made up for.
    #[cfg(feature = "store")]
    pub(super) fn end_missing_invalidations(&self) {
        self.misses_invalidations.store(false, Ordering::Release);
    }

    fn is_of_epoch(&self, known: &Known) -> bool {
        known.epoch == self.epoch.load(Ordering::Acquire)
    }

    /// Returns a known origin and the present, which is read after it.
    fn get_known(&self, origin: &str) -> Option<(Known, Moment)> {
        let known = self.known.get(origin)?;
        let now = self.now();
        (now.instant < known.end).then_some((known, now))
    }

    fn is_valid(&self, known: &Known) -> bool {
        known.generation == self.generation.load(Ordering::Acquire)
    }

    /// Returns a time between 8 and 9 tenths of `keep`, which differs by origin, so that origins that were looked up together are
    /// not refreshed together. A tenth is left for the lookup.
    fn until_refresh(&self, origin: &str, keep: Duration) -> Duration {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(self.spread);
        hasher.write(origin.as_bytes());
        let [step, ..] = hasher.finish().to_le_bytes();
        keep / 10 * 8 + keep / 10 / 256 * u32::from(step)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> u64 {
        // Does not run moka's pending evictions, because a server does not run them either.
        (self.known.iter().count() + self.unknown.iter().count()) as u64
    }
}

/// Frees the memory of entries that are no longer used. `ResultCache::get` does not rely on it.
struct ExpireAtEnd;

trait Entry {
    fn end(&self) -> Instant;
}

impl Entry for Known {
    fn end(&self) -> Instant {
        self.end
    }
}

impl Entry for Unknown {
    fn end(&self) -> Instant {
        self.fresh_until.instant
    }
}

impl<E: Entry> Expiry<Arc<str>, E> for ExpireAtEnd {
    fn expire_after_create(
        &self,
        _: &Arc<str>,
        entry: &E,
        _: std::time::Instant,
    ) -> Option<Duration> {
        Some(entry.end().saturating_duration_since(Instant::now()))
    }

    fn expire_after_update(
        &self,
        _: &Arc<str>,
        entry: &E,
        _: std::time::Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.end().saturating_duration_since(Instant::now()))
    }
}
