//! Decides which denials are shown at info: each origin and reason once, and only a few a minute.

use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

/// The greatest number of events at info within a [`PERIOD`].
const MOST_SHOWN: usize = 10;

/// The time within which at most [`MOST_SHOWN`] events are shown, and at most one summary.
const PERIOD: Duration = Duration::from_secs(60);

/// The number of pairs of origin and reason that are remembered.
const MOST_REMEMBERED: usize = 1000;

/// Remembers what was shown. Its memory is bounded: it holds hashes, because clients choose the length of an origin.
///
/// The hashes have random keys, so a client cannot find two origins with the same hash.
#[derive(Debug, Default)]
pub(super) struct Limiter {
    /// The pairs that were shown, by their hash.
    remembered: HashSet<u64>,
    /// The same hashes, the oldest first.
    in_order: VecDeque<u64>,
    /// The times of the last events, at most [`MOST_SHOWN`].
    times: VecDeque<Instant>,
    hidden: Hidden,
}

/// The denials that were not shown since the last summary.
#[derive(Debug, Default)]
struct Hidden {
    since: Option<Instant>,
    denials: u64,
    /// The hashes of their origins, at most [`MOST_REMEMBERED`].
    origins: HashSet<u64>,
}

/// How many denials were not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Summary {
    pub(super) denials: u64,
    pub(super) origins: usize,
    /// There may be more origins.
    pub(super) is_at_least: bool,
}

impl Limiter {
    /// Records a denial. Returns whether to show it at info.
    pub(super) fn passes(&mut self, pair: u64, origin: u64, now: Instant) -> bool {
        if self.remembered.contains(&pair) {
            return false;
        }
        while self
            .times
            .front()
            .is_some_and(|time| now.saturating_duration_since(*time) >= PERIOD)
        {
            self.times.pop_front();
        }
        if self.times.len() >= MOST_SHOWN {
            self.hidden.add(origin, now);
            return false;
        }
        self.times.push_back(now);
        if self.in_order.len() >= MOST_REMEMBERED {
            let oldest = self.in_order.pop_front();
            oldest.map(|oldest| self.remembered.remove(&oldest));
        }
        self.in_order.push_back(pair);
        self.remembered.insert(pair);
        true
    }

    /// Returns the summary of the denials that were not shown, if it is time for one.
    pub(super) fn take_summary(&mut self, now: Instant) -> Option<Summary> {
        let since = self.hidden.since?;
        (now.saturating_duration_since(since) >= PERIOD).then(|| self.hidden.take())
    }
}

impl Hidden {
    fn add(&mut self, origin: u64, now: Instant) {
        self.since.get_or_insert(now);
        self.denials = self.denials.saturating_add(1);
        if self.origins.len() < MOST_REMEMBERED {
            self.origins.insert(origin);
        }
    }

    fn take(&mut self) -> Summary {
        let summary = Summary {
            denials: self.denials,
            origins: self.origins.len(),
            is_at_least: self.origins.len() >= MOST_REMEMBERED,
        };
        self.since = None;
        self.denials = 0;
        self.origins.clear();
        summary
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn a_pair_is_shown_once() {
        let mut limiter = Limiter::default();
        let now = Instant::now();
        assert!(limiter.passes(1, 1, now));
        assert!(!limiter.passes(1, 1, now));
        assert!(limiter.passes(2, 1, now));
        assert!(!limiter.passes(1, 1, seconds(now, 3600)));
        assert_eq!(limiter.take_summary(seconds(now, 3600)), None);
    }

    #[test]
    fn at_most_ten_are_shown_within_any_minute() {
        let mut limiter = Limiter::default();
        let start = Instant::now();
        // One pair a second.
        let shown: Vec<u64> = (0..200)
            .filter(|second| limiter.passes(*second, *second, seconds(start, *second)))
            .collect();
        for first in &shown {
            let within = shown
                .iter()
                .filter(|time| (*first..first + 60).contains(time));
            assert!(within.count() <= 10, "{shown:?}");
        }
        assert_eq!(shown.len(), 40);
    }

    #[test]
    fn a_pair_that_was_not_shown_can_be_shown_later() {
        let mut limiter = Limiter::default();
        let start = Instant::now();
        assert_eq!(
            (0..20)
                .filter(|pair| limiter.passes(*pair, 0, start))
                .count(),
            10
        );
        assert!(!limiter.passes(15, 0, start));
        assert!(limiter.passes(15, 0, seconds(start, 60)));
    }

    #[test]
    fn a_summary_counts_denials_and_origins_once_a_minute() {
        let mut limiter = Limiter::default();
        let start = Instant::now();
        for pair in 0..10 {
            assert!(limiter.passes(pair, pair, start));
        }
        for pair in 10..15 {
            assert!(!limiter.passes(pair, pair % 2, seconds(start, 5)));
        }
        // A pair that was shown is not in the summary.
        assert!(!limiter.passes(3, 3, seconds(start, 6)));
        assert_eq!(limiter.take_summary(seconds(start, 64)), None);
        let summary = Summary {
            denials: 5,
            origins: 2,
            is_at_least: false,
        };
        assert_eq!(limiter.take_summary(seconds(start, 65)), Some(summary));
        assert_eq!(limiter.take_summary(seconds(start, 200)), None);
    }

    #[test]
    fn memory_is_bounded() {
        let mut limiter = Limiter::default();
        let start = Instant::now();
        let mut count = 0;
        for pair in 0..1_000_000_u64 {
            // 100 a second.
            let shows = limiter.passes(pair, pair, seconds(start, pair / 100));
            count += usize::from(shows);
        }
        assert!((1660..=1680).contains(&count), "{count}");
        assert_eq!(limiter.remembered.len(), MOST_REMEMBERED);
        assert_eq!(limiter.in_order.len(), MOST_REMEMBERED);
        assert!(limiter.times.len() <= MOST_SHOWN);
        assert_eq!(limiter.hidden.origins.len(), MOST_REMEMBERED);
        let summary = limiter.take_summary(seconds(start, 20_000)).unwrap();
        assert!(summary.is_at_least && summary.denials > 990_000);
        // The oldest pairs were forgotten, the last ones were not.
        let now = seconds(start, 30_000);
        assert!(limiter.passes(0, 0, now));
        let last = *limiter.in_order.iter().rev().nth(1).unwrap();
        assert!(!limiter.passes(last, 0, now));
    }
}
