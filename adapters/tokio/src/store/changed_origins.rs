//! The origins of a replica that were changed after its compact set was built.

use crate::random;
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A map that is read without locks, from each changed origin to whether it is in the store.
///
/// Nearly every request is about an origin that was not changed. Reading the map for it would cost more than the search in the compact set:
/// a guard, and a hash that resists attackers who choose the origins. So there are marks in front of the map: one bit for each changed
/// origin, found by a cheap hash with a random key. A request whose bit is not set does not read the map.
pub(super) struct ChangedOrigins {
    map: papaya::HashMap<Box<str>, bool>,
    marks: Box<[AtomicU64]>,
    has_any: AtomicBool,
    key: u64,
}

/// So many bits for each change that is expected leave one request of sixteen to the map before the changes are merged.
const BITS_FOR_EACH: usize = 16;

/// At most 128 KiB, so that the marks do not evict the set from the caches. If there are more changes, more requests read the map.
const MOST_BITS: usize = 1 << 20;

impl ChangedOrigins {
    /// Creates a map for about so many changes. More are possible.
    pub(super) fn new(expected: usize) -> Self {
        let bits = expected.saturating_mul(BITS_FOR_EACH).min(MOST_BITS);
        let words = (bits / 64).next_power_of_two();
        Self {
            map: papaya::HashMap::new(),
            marks: (0..words).map(|_| AtomicU64::new(0)).collect(),
            has_any: AtomicBool::new(false),
            key: random::number(),
        }
    }

    /// Returns whether the origin is in the store, if it was changed.
    #[inline]
    pub(super) fn get(&self, origin: &[u8]) -> Option<bool> {
        if !self.has_any.load(Ordering::Acquire) || !self.is_marked(origin) {
            return None;
        }
        self.get_marked(origin)
    }

    #[inline(never)]
    fn get_marked(&self, origin: &[u8]) -> Option<bool> {
        let origin = std::str::from_utf8(origin).ok()?;
        self.map.pin().get(origin).copied()
    }

    #[inline]
    fn is_marked(&self, origin: &[u8]) -> bool {
        let (word, bit) = self.mark_of(origin);
        word.is_some_and(|word| word.load(Ordering::Acquire) & bit != 0)
    }

    #[inline]
    fn mark_of(&self, origin: &[u8]) -> (Option<&AtomicU64>, u64) {
        let hash = hash(self.key, origin);
        // The number of words is a power of two.
        let index = (hash >> 6) & (self.marks.len() as u64 - 1);
        let word = usize::try_from(index).ok();
        (
            word.and_then(|index| self.marks.get(index)),
            1 << (hash % 64),
        )
    }

    pub(super) fn len(&self) -> usize {
        self.map.len()
    }

    /// Sets each origin. A request sees the changes in any order.
    pub(super) fn set_all<'o>(&self, changes: impl Iterator<Item = (&'o str, bool)>) {
        let map = self.map.pin();
        for (origin, is_in_store) in changes {
            map.insert(origin.into(), is_in_store);
            // After the origin, so that who sees the mark also sees the origin.
            if let (Some(word), bit) = self.mark_of(origin.as_bytes()) {
                word.fetch_or(bit, Ordering::Release);
            }
            self.has_any.store(true, Ordering::Release);
        }
    }

    /// Passes each changed origin, and whether it is in the store, to `each`.
    pub(super) fn for_each(&self, each: &mut dyn FnMut(&str, bool)) {
        for (origin, is_in_store) in &self.map.pin() {
            each(origin, *is_in_store);
        }
    }
}

const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// Hashes a text: a folded multiply of each word of 8 bytes, the last of which can overlap the one before. Few texts of less than 8 bytes are
/// origins, and those of one length have the same hash.
#[inline]
fn hash(key: u64, text: &[u8]) -> u64 {
    // Multiplied, so that another length is not the same as another first byte.
    let mut state = key ^ (text.len() as u64).wrapping_mul(MULTIPLIER);
    let (words, _) = text.as_chunks::<8>();
    for word in words.iter().chain(text.last_chunk()) {
        state = fold(state ^ u64::from_le_bytes(*word));
    }
    state
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the two halves of the product"
)]
#[inline]
fn fold(word: u64) -> u64 {
    let product = u128::from(word) * u128::from(MULTIPLIER);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn only_changed_origins_are_found() {
        for expected in [0, 1, 100, 4_096, usize::MAX] {
            let changed = ChangedOrigins::new(expected);
            assert_eq!(changed.get(b"https://0.example"), None);
            let origins: Vec<String> = (0..1_000)
                .map(|number| format!("https://{number}.example"))
                .collect();
            let is_in_store = |number: usize| number.is_multiple_of(3);
            let first = origins.iter().enumerate().take(500);
            changed.set_all(first.map(|(number, origin)| (&**origin, is_in_store(number))));
            for (number, origin) in origins.iter().enumerate() {
                let expected = (number < 500).then(|| is_in_store(number));
                assert_eq!(changed.get(origin.as_bytes()), expected, "{origin}");
            }
            assert_eq!(changed.get(b""), None);
            assert_eq!(changed.len(), 500);
        }
    }

    #[test]
    fn a_later_change_replaces_an_earlier_one() {
        let changed = ChangedOrigins::new(10);
        for is_in_store in [true, false, true] {
            changed.set_all([("https://a.example", is_in_store)].into_iter());
            assert_eq!(changed.get(b"https://a.example"), Some(is_in_store));
        }
        assert_eq!(changed.len(), 1);
    }

    #[test]
    fn few_origins_that_were_not_changed_are_marked() {
        let changed = ChangedOrigins::new(4_096);
        let tenant = |number: u32| format!("https://shop-{number}.example");
        let origins: Vec<String> = (0..4_096).map(tenant).collect();
        changed.set_all(origins.iter().map(|origin| (&**origin, true)));
        let others = (4_096..104_096).map(tenant);
        let marked = others
            .filter(|origin| changed.is_marked(origin.as_bytes()))
            .count();
        // 4,096 of 65,536 bits.
        assert!((5_000..7_500).contains(&marked), "{marked} of 100,000");
    }

    #[test]
    fn the_length_and_each_byte_change_the_hash() {
        let mut seen = BTreeSet::new();
        let mut texts = 0;
        for length in 8..60 {
            let mut text = vec![b'a'; length];
            assert!(seen.insert(hash(1, &text)), "{length}");
            texts += 1;
            for index in 0..length {
                text[index] = b'b';
                assert!(seen.insert(hash(1, &text)), "{length} {index}");
                text[index] = b'a';
                texts += 1;
            }
        }
        assert_eq!(seen.len(), texts);
        assert_ne!(hash(1, b"https://a.example"), hash(2, b"https://a.example"));
    }
}
