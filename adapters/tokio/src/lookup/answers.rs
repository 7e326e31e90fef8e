//! What is known about origins: bounded, and for a time.

use std::sync::Arc;
use std::time::Duration;

use moka::Expiry;
use moka::sync::Cache;
use tokio::time::Instant;

/// The cache waits for nothing: it is moka's plain one. Its async one has one lookup at a time per key as well, but puts
/// into the cache what began before an invalidation, and begins a lookup anew when the request that drives it is gone.
pub(super) struct Answers {
    cache: Cache<Arc<str>, Answer>,
}

/// What is known about an origin.
#[derive(Clone, Copy)]
struct Answer {
    allowed: bool,
    /// Until when nobody has to be asked.
    fresh_until: Instant,
    /// Until when it may stand in for an answer that cannot be had.
    last_until: Option<Instant>,
}

/// What is found.
pub(super) enum Found {
    /// To be answered.
    Fresh(bool),
    /// To be answered only where no new answer can be had.
    Stale {
        last: bool,
        until: Instant,
    },
    Nothing,
}

impl Answers {
    pub(super) fn new(max_origins: u64) -> Self {
        Self {
            cache: Cache::builder()
                .max_capacity(max_origins)
                .expire_after(WhenUseless)
                .build(),
        }
    }

    pub(super) fn find(&self, origin: &str) -> Found {
        let Some(answer) = self.cache.get(origin) else {
            return Found::Nothing;
        };
        let now = Instant::now();
        match answer.last_until {
            _ if now < answer.fresh_until => Found::Fresh(answer.allowed),
            Some(until) if now < until => Found::Stale {
                last: answer.allowed,
                until,
            },
            _ => Found::Nothing,
        }
    }

    pub(super) fn keep(
        &self,
        origin: &Arc<str>,
        allowed: bool,
        fresh_until: Instant,
        last_until: Option<Instant>,
    ) {
        let answer = Answer {
            allowed,
            fresh_until,
            last_until,
        };
        self.cache.insert(Arc::clone(origin), answer);
    }

    pub(super) fn forget(&self, origin: &str) {
        self.cache.invalidate(origin);
    }

    pub(super) fn forget_all(&self) {
        self.cache.invalidate_all();
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> u64 {
        // Without the work that is pending done: as a server has it.
        self.cache.iter().count() as u64
    }
}

/// Gives memory back when an answer is of no more use. Whether it is of use, `find` sees for itself.
struct WhenUseless;

impl Answer {
    fn useful_for(&self) -> Duration {
        let until = self
            .last_until
            .map_or(self.fresh_until, |until| until.max(self.fresh_until));
        until.saturating_duration_since(Instant::now())
    }
}

impl Expiry<Arc<str>, Answer> for WhenUseless {
    fn expire_after_create(
        &self,
        _: &Arc<str>,
        answer: &Answer,
        _: std::time::Instant,
    ) -> Option<Duration> {
        Some(answer.useful_for())
    }

    fn expire_after_update(
        &self,
        _: &Arc<str>,
        answer: &Answer,
        _: std::time::Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(answer.useful_for())
    }
}
