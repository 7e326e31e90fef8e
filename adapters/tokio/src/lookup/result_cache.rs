//! The results of earlier lookups, limited in number and in time.

use std::sync::Arc;
use std::time::Duration;

use moka::Expiry;
use moka::sync::Cache;
use omnicors_core::LookupResult;
use tokio::time::Instant;

/// Maps origins to lookup results.
///
/// This uses moka's synchronous cache. Its async cache has single-flight as well, but it stores the result of a call that started
/// before an invalidation, and it starts a call again when the request that drives it is cancelled.
pub(super) struct ResultCache {
    cache: Cache<Arc<str>, Entry>,
}

#[derive(Clone, Copy)]
struct Entry {
    result: LookupResult,
    /// Until then, no lookup is needed.
    fresh_until: Instant,
    /// Until then, the result may be used if a lookup fails.
    stale_until: Option<Instant>,
}

/// A lookup result from the cache.
#[derive(Clone, Copy)]
pub(super) enum CachedResult {
    /// Can be used without a lookup.
    Fresh(LookupResult),
    /// Can be used only if a lookup fails.
    Stale {
        result: LookupResult,
        until: Instant,
    },
}

impl ResultCache {
    pub(super) fn new(max_origins: u64) -> Self {
        Self {
            cache: Cache::builder()
                .max_capacity(max_origins)
                .expire_after(ExpireUnusable)
                .build(),
        }
    }

    pub(super) fn get(&self, origin: &str) -> Option<CachedResult> {
        let entry = self.cache.get(origin)?;
        let now = Instant::now();
        if now < entry.fresh_until {
            return Some(CachedResult::Fresh(entry.result));
        }
        let until = entry.stale_until.filter(|until| now < *until)?;
        Some(CachedResult::Stale {
            result: entry.result,
            until,
        })
    }

    pub(super) fn insert(
        &self,
        origin: &Arc<str>,
        result: LookupResult,
        fresh_until: Instant,
        stale_until: Option<Instant>,
    ) {
        let entry = Entry {
            result,
            fresh_until,
            stale_until,
        };
        self.cache.insert(Arc::clone(origin), entry);
    }

    pub(super) fn remove(&self, origin: &str) {
        self.cache.invalidate(origin);
    }

    pub(super) fn clear(&self) {
        self.cache.invalidate_all();
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> u64 {
        // Does not run moka's pending evictions, because a server does not run them either.
        self.cache.iter().count() as u64
    }
}

/// Frees the memory of entries that are neither fresh nor stale. `ResultCache::get` does not rely on it.
struct ExpireUnusable;

impl Entry {
    fn time_to_live(&self) -> Duration {
        let until = self
            .stale_until
            .map_or(self.fresh_until, |until| until.max(self.fresh_until));
        until.saturating_duration_since(Instant::now())
    }
}

impl Expiry<Arc<str>, Entry> for ExpireUnusable {
    fn expire_after_create(
        &self,
        _: &Arc<str>,
        entry: &Entry,
        _: std::time::Instant,
    ) -> Option<Duration> {
        Some(entry.time_to_live())
    }

    fn expire_after_update(
        &self,
        _: &Arc<str>,
        entry: &Entry,
        _: std::time::Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.time_to_live())
    }
}
