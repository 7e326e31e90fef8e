//! The origins with the most differences, in bounded memory.
//!
//! The method is *Space-Saving* (Metwally, Agrawal, El Abbadi: "Efficient computation of frequent and top-k elements in data streams",
//! 2005). There are at most [`MOST`] counters. An origin without a counter takes over the smallest one, with its count:
//!
//! ```text
//! a: 9   b: 4   c: 2        and now d:        a: 9   b: 4   d: 3 (at most 2 of them are not of d)
//! ```
//!
//! A count is never too small, and too large by at most the count that was taken over. Of n requests that differ, each origin with more
//! than n / 100 is among the counters, whatever else clients send.

use std::collections::HashMap;

use super::difference::ShadowDifference;
use super::report::ShadowOrigin;

/// The number of origins that are kept.
const MOST: usize = 100;

/// The greatest length of an origin, in bytes before it is escaped.
const LONGEST_ORIGIN: usize = 128;

/// The greatest length of an explanation, in bytes.
const LONGEST_EXPLANATION: usize = 4096;

/// At most [`MOST`] origins, and how often each was counted.
#[derive(Debug, Default)]
pub(super) struct Top {
    /// The indices of the counters by the hash of the origin.
    by_hash: HashMap<u64, usize>,
    counters: Vec<Counter>,
}

#[derive(Debug)]
struct Counter {
    hash: u64,
    origin: ShadowOrigin,
}

impl Top {
    /// Counts an origin. Returns true if it needs an explanation.
    ///
    /// An origin that takes over a counter is explained when it is seen a second time. Explaining takes long, and a client could send
    /// many origins once.
    pub(super) fn add(
        &mut self,
        hash: u64,
        origin: Option<&[u8]>,
        difference: ShadowDifference,
    ) -> bool {
        if let Some(counter) = self.counter(hash) {
            counter.origin.count += 1;
            return counter.origin.explanation.is_none();
        }
        let mut counted = ShadowOrigin {
            origin: origin.map(escaped),
            count: 1,
            overestimate: 0,
            difference,
            explanation: None,
        };
        if self.counters.len() < MOST {
            self.by_hash.insert(hash, self.counters.len());
            self.counters.push(Counter {
                hash,
                origin: counted,
            });
            return true;
        }
        let smallest = self.counters.iter().enumerate();
        let smallest = smallest.min_by_key(|(_, counter)| counter.origin.count);
        let Some((index, _)) = smallest else {
            return false;
        };
        if let Some(counter) = self.counters.get_mut(index) {
            counted.overestimate = counter.origin.count;
            counted.count += counter.origin.count;
            self.by_hash.remove(&counter.hash);
            self.by_hash.insert(hash, index);
            *counter = Counter {
                hash,
                origin: counted,
            };
        }
        false
    }

    /// Stores the explanation of an origin, if it still has a counter and no explanation.
    pub(super) fn explain(&mut self, hash: u64, explanation: &str) {
        if let Some(counter) = self.counter(hash) {
            let explanation = || cut(explanation).to_owned();
            counter.origin.explanation.get_or_insert_with(explanation);
        }
    }

    /// Returns the origins, the most frequent first.
    pub(super) fn sorted(&self) -> Vec<ShadowOrigin> {
        let origins = self.counters.iter().map(|counter| &counter.origin);
        let mut origins: Vec<_> = origins.cloned().collect();
        origins.sort_by(|a, b| {
            let by_count = b.count.cmp(&a.count);
            by_count.then_with(|| a.origin.cmp(&b.origin))
        });
        origins
    }

    fn counter(&mut self, hash: u64) -> Option<&mut Counter> {
        let index = *self.by_hash.get(&hash)?;
        self.counters.get_mut(index)
    }
}

fn escaped(origin: &[u8]) -> String {
    match origin.get(..LONGEST_ORIGIN) {
        Some(start) if origin.len() > LONGEST_ORIGIN => format!("{}…", start.escape_ascii()),
        _ => origin.escape_ascii().to_string(),
    }
}

/// Returns the start of a text, at a boundary of characters.
fn cut(text: &str) -> &str {
    let mut end = LONGEST_EXPLANATION.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(number: u64) -> Vec<u8> {
        format!("https://{number}.example").into_bytes()
    }

    fn add(top: &mut Top, number: u64) -> bool {
        let needs = top.add(number, Some(&name(number)), ShadowDifference::Blocked);
        if needs {
            top.explain(number, "the explanation");
        }
        needs
    }

    #[test]
    fn frequent_origins_are_kept_among_a_flood_of_others() {
        let mut top = Top::default();
        let mut sent: HashMap<u64, u64> = HashMap::new();
        for round in 0..50_000_u64 {
            // 1 of 25 requests is of a frequent origin, one of three: each has more than 1 %.
            let number = if round % 25 == 0 {
                round / 25 % 3
            } else {
                1000 + round
            };
            *sent.entry(number).or_default() += 1;
            add(&mut top, number);
        }
        assert_eq!(top.counters.len(), MOST);
        assert_eq!(top.by_hash.len(), MOST);
        let sorted = top.sorted();
        for number in 0..3 {
            let name = String::from_utf8(name(number)).unwrap();
            let found = sorted.iter().find(|origin| origin.origin() == Some(&name));
            let found = found.unwrap();
            let exact = sent[&number];
            assert!(found.count() >= exact, "{found:?}");
            assert!(found.count() - found.overestimate() <= exact, "{found:?}");
            assert_eq!(found.explanation(), Some("the explanation"));
        }
        let all: u64 = sorted.iter().map(ShadowOrigin::count).sum();
        assert_eq!(all, 50_000, "each request is counted once");
    }

    #[test]
    fn origins_that_are_sent_once_are_not_explained_when_all_counters_are_used() {
        let mut top = Top::default();
        let explained = (0..10_000).filter(|number| add(&mut top, *number)).count();
        assert_eq!(explained, MOST);
        let last = 9_999;
        assert!(add(&mut top, last), "the second time");
        assert!(!add(&mut top, last), "the third time");
    }

    #[test]
    fn texts_of_clients_are_cut_and_escaped() {
        let mut top = Top::default();
        let long = "\u{7f}\n".repeat(10_000);
        assert!(top.add(1, Some(long.as_bytes()), ShadowDifference::Blocked));
        top.explain(1, &"ä".repeat(10_000));
        let sorted = top.sorted();
        let [origin] = sorted.as_slice() else {
            panic!()
        };
        let text = origin.origin().unwrap();
        assert!(
            text.starts_with(r"\x7f\n\x7f\n") && text.len() < 500,
            "{text}"
        );
        assert_eq!(origin.explanation().unwrap().len(), LONGEST_EXPLANATION);
    }
}
