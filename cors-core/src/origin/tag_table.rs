//! An immutable hash table of 32-bit values, which are places in a list that the table does not contain. A search reads as little memory
//! as possible.
//!
//! It is a [Swiss table](https://abseil.io/about/design/swisstables) without deletion: one byte of the hash of each entry, its *tag*,
//! is in an array of its own. Eight slots are a group, and the tags of a group are one word:
//!
//! ```text
//! tags      [ 7a 31 00 00 00 00 00 00 | c4 19 7a e2 08 5d 31 90 | 2b 00 00 00 00 00 00 00 | …      00: a free slot
//! values    [ 81 40  -  -  -  -  -  - | 12 96 33 75  8 61 27 54 |  3  -  -  -  -  -  -  - | …
//!             group 0                   group 1                   group 2
//!
//! search for a hash that selects group 0 and has the tag 31: the value 40 is a candidate.
//! search for a hash that selects group 0 and has the tag c4: no candidate. The group has a free slot: the end.
//! search for a hash that selects group 1 and has the tag 2b: no candidate. The group is full: the search continues with group 2.
//! ```
//!
//! So a search for a hash that is not in the table usually reads eight bytes of an array that has two bytes for each entry. The caches of
//! a processor contain much of it even if the table has a million entries. A search for an entry reads one value as well.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use super::table::{Bounded, Placed};

/// The slots of the table.
#[derive(Clone, Default)]
pub(super) struct TagTable {
    /// The tags of each group, the first one in the lowest byte. Zero is a free slot.
    tags: Box<[u64]>,
    /// The value of each slot.
    values: Box<[[u32; GROUP]]>,
}

/// The number of slots in a group: the bytes of a word.
const GROUP: usize = 8;

/// The maximum number of adjacent full groups, which bounds every search.
///
/// A random group is full with a probability of 7 %, and the longest run of ten million entries is about 8.
const MOST_FULL_GROUPS: usize = 16;

/// The number of entries that are sorted before they are inserted: 4 MiB. Fewer in tests, which have several batches, and on targets
/// with 16-bit addresses.
const BATCH: usize = if cfg!(test) || usize::BITS < 32 {
    32
} else {
    LARGE_BATCH as usize
};

const LARGE_BATCH: u32 = 1 << 18;

/// A word with 1 in each byte.
const ONES: u64 = u64::MAX / 0xFF;
/// A word with the highest bit of each byte.
const HIGH_BITS: u64 = ONES << 7;

impl TagTable {
    /// Creates a table with 15 slots for 8 entries, of five bytes each.
    pub(super) fn with_room_for(entries: usize) -> Self {
        let groups = (entries * 15).div_ceil(8 * GROUP);
        Self {
            tags: vec![0; groups].into_boxed_slice(),
            values: vec![[0; GROUP]; groups].into_boxed_slice(),
        }
    }

    /// Returns the first value for which `is_same` returns true, of those with the tag of `hash`.
    #[inline]
    pub(super) fn find(&self, hash: u64, mut is_same: impl FnMut(u32) -> bool) -> Option<u32> {
        // Most searches end in the first group, with at most one candidate. A loop for the others here would make these slower.
        let at = self.first(hash);
        let (tags, values) = (self.tags.get(at)?, self.values.get(at)?);
        match slots_with(*tags, tag(hash)).next() {
            None if zero_bytes(*tags) != 0 => return None,
            None => {}
            Some(slot) => {
                let value = values.get(slot).copied();
                if let Some(value) = value.filter(|value| is_same(*value)) {
                    return Some(value);
                }
            }
        }
        self.search(hash, is_same)
    }

    /// Does the same as `find`, for any number of groups and candidates.
    #[cold]
    fn search(&self, hash: u64, mut is_same: impl FnMut(u32) -> bool) -> Option<u32> {
        let mut at = self.first(hash);
        // This ends, because the table has free slots.
        while let (Some(&tags), Some(values)) = (self.tags.get(at), self.values.get(at)) {
            for slot in slots_with(tags, tag(hash)) {
                let value = values.get(slot).copied();
                if let Some(value) = value.filter(|value| is_same(*value)) {
                    return Some(value);
                }
            }
            if zero_bytes(tags) != 0 {
                break;
            }
            at = self.next(at);
        }
        None
    }

    /// Returns true if no value has the tag of `hash`. Otherwise, or if the first group is full, [`find`](Self::find) has to search.
    #[inline]
    pub(super) fn rules_out(&self, hash: u64) -> bool {
        let tags = self.tags.get(self.first(hash)).copied().unwrap_or_default();
        zero_bytes(tags) != 0 && zero_bytes(tags ^ (tag(hash) * ONES)) == 0
    }

    /// Inserts values, each with its hash. Returns those for which `is_same(known, value)` returns true with a value that was inserted before,
    /// in ascending order. Returns `None` if a run is too long.
    ///
    /// The entries are sorted by their hashes in batches, and so by their groups. In a table that is larger than the caches, this takes
    /// less than half the time, because a batch is then inserted from the beginning of the memory to its end.
    pub(super) fn insert_all(
        &mut self,
        mut entries: impl Iterator<Item = (u64, u32)>,
        is_same: impl Fn(u32, u32) -> bool,
    ) -> Option<Vec<u32>> {
        let mut duplicates = Vec::new();
        let mut batch = Vec::new();
        loop {
            batch.extend(entries.by_ref().take(BATCH));
            if batch.is_empty() {
                duplicates.sort_unstable();
                return Some(duplicates);
            }
            // A stable order: of values that are the same, the first is inserted.
            batch.sort_by_key(|(hash, _)| *hash);
            for (hash, value) in batch.drain(..) {
                match self.insert(hash, value, |known| is_same(known, value)) {
                    Placed::New => {}
                    Placed::Duplicate => duplicates.push(value),
                    Placed::LongRun => return None,
                }
            }
        }
    }

    /// Inserts `value`, unless the table contains a value for which `is_same` returns true.
    fn insert(&mut self, hash: u64, value: u32, mut is_same: impl FnMut(u32) -> bool) -> Placed {
        let mut at = self.first(hash);
        for _ in 0..=MOST_FULL_GROUPS {
            let (Some(tags), Some(values)) = (self.tags.get_mut(at), self.values.get_mut(at))
            else {
                break;
            };
            let mut same = slots_with(*tags, tag(hash));
            if same.any(|slot| values.get(slot).is_some_and(|value| is_same(*value))) {
                return Placed::Duplicate;
            }
            let free = slots_of(zero_bytes(*tags)).next();
            if let Some((slot, free)) = free.and_then(|slot| Some((slot, values.get_mut(slot)?))) {
                *free = value;
                *tags |= tag(hash) << (8 * slot);
                return Placed::New;
            }
            at = self.next(at);
        }
        Placed::LongRun
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tags.is_empty()
    }

    /// Returns the number of bytes that the slots use.
    pub(super) fn size(&self) -> usize {
        size_of_val::<[u64]>(&self.tags) + size_of_val::<[[u32; GROUP]]>(&self.values)
    }

    /// Returns the group that a hash selects: the hash, as a fraction of 2⁶⁴, of all groups.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "less than the number of groups, which is a usize"
    )]
    fn first(&self, hash: u64) -> usize {
        ((u128::from(hash) * self.tags.len() as u128) >> 64) as usize
    }

    fn next(&self, at: usize) -> usize {
        if at + 1 == self.tags.len() { 0 } else { at + 1 }
    }
}

impl Bounded for TagTable {
    fn is_bounded(&self) -> bool {
        let runs = || {
            let runs = self.tags.split(|tags| zero_bytes(*tags) != 0);
            runs.map(<[u64]>::len)
        };
        // A run that reaches the end continues at the beginning.
        let wrapped = runs().next().unwrap_or_default() + runs().next_back().unwrap_or_default();
        runs().all(|run| run <= MOST_FULL_GROUPS) && wrapped <= MOST_FULL_GROUPS
    }
}

/// Returns the lowest byte of the hash, or 1 if it is zero. The highest bits select the group.
fn tag(hash: u64) -> u64 {
    (hash & 0xFF).max(1)
}

/// Returns the slots that have this tag.
fn slots_with(tags: u64, tag: u64) -> impl Iterator<Item = usize> {
    slots_of(zero_bytes(tags ^ (tag * ONES)))
}

/// Returns the slots of which a bit is set in a result of [`zero_bytes`].
fn slots_of(mut bytes: u64) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let lowest = bytes.trailing_zeros() as usize / 8;
        // Removes the lowest bit that is set.
        bytes &= bytes.checked_sub(1)?;
        Some(lowest)
    })
}

/// Sets the highest bit of each byte that is zero. The sum sets it in the bytes whose other bits are not all zero, and there is no carry
/// from one byte to the next.
fn zero_bytes(word: u64) -> u64 {
    !(((word & !HIGH_BITS) + !HIGH_BITS) | word) & HIGH_BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_zero_bytes_are_found() {
        for pair in 0..=u64::from(u16::MAX) {
            let word = pair << 24 | 0x0001_8000_007F_FF00;
            let bytes = word.to_le_bytes();
            let zeros = (0..GROUP).filter(|index| bytes[*index] == 0);
            assert!(slots_of(zero_bytes(word)).eq(zeros), "{word:x}");
        }
    }

    #[test]
    fn a_run_of_full_groups_continues_at_the_beginning() {
        // 25 entries have 47 slots, which are six groups. They all select the last one.
        let entries = 25;
        let mut table = TagTable::with_room_for(25);
        assert_eq!(table.tags.len(), 6);
        for entry in 1..=entries {
            assert_eq!(table.insert(u64::MAX, entry, |_| false), Placed::New);
        }
        for entry in 1..=entries {
            assert_eq!(table.find(u64::MAX, |value| value == entry), Some(entry));
            assert_eq!(
                table.insert(u64::MAX, 0, |value| value == entry),
                Placed::Duplicate
            );
        }
        assert_eq!(table.find(u64::MAX, |_| false), None);
        // Hashes that select another group, or have another tag.
        assert_eq!(table.find(0xFF, |value| value == 8), None);
        assert_eq!(table.find(0xFF, |value| value == 9), Some(9));
        assert_eq!(table.find(u64::MAX - 1, |_| true), None);
        assert!(table.is_bounded());
    }

    #[test]
    fn too_many_colliding_entries_are_a_long_run() {
        let most = u32::try_from(MOST_FULL_GROUPS * GROUP).unwrap();
        for hash in [0, 1 << 62, u64::MAX] {
            let mut table = TagTable::with_room_for(1000);
            for entry in 0..most {
                assert_eq!(table.insert(hash, entry, |_| false), Placed::New);
            }
            assert!(table.is_bounded());
            for entry in 0..8 {
                assert_eq!(table.insert(hash, entry, |_| false), Placed::New);
            }
            assert!(!table.is_bounded(), "the groups before and after are full");
            assert_eq!(table.insert(hash, most, |_| false), Placed::LongRun);
        }
    }

    #[test]
    fn a_table_finds_the_first_value_of_each_hash() {
        let mut state = 1_u64;
        for entries in [0, 1, 2, 7, 8, 9, 100, if cfg!(miri) { 200 } else { 3000 }] {
            let mut table = TagTable::with_room_for(entries);
            let mut hashes = Vec::new();
            for value in 0..u32::try_from(entries).unwrap() {
                state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
                // Few distinct hashes, so that some are equal, and most tags.
                hashes.push(state & 0xFFF0_0000_0000_0003);
                assert_eq!(
                    table.insert(hashes[value as usize], value, |_| false),
                    Placed::New
                );
            }
            for hash in (0..=0xFFF_u64).step_by(if cfg!(miri) { 97 } else { 1 }) {
                let hash = hash << 52 | hash & 3;
                let first = hashes.iter().position(|known| *known == hash);
                let found = table.find(hash, |value| hashes[value as usize] == hash);
                assert_eq!(found.map(|value| value as usize), first, "{hash:x}");
            }
        }
    }
}
