//! An immutable hash table with *linear probing* at half load.
//!
//! It has twice as many slots as entries. The hash of an entry selects a slot, and the entry is in the first slot from there on that
//! was free. A search reads from the selected slot to the next free one. These slots are adjacent in memory:
//!
//! ```text
//! slot     0     1     2     3     4     5     6     7
//!       [  -  |  a  |  b  |  c  |  -  |  -  |  d  |  -  ]      a and b select slot 1, c selects 2, d selects 6
//!
//! search for b: slot 1 is a, slot 2 is b: found.
//! search for x, which selects slot 2: b, c, free: not found.
//! ```

use alloc::boxed::Box;
use alloc::vec;

/// The slots of the table.
#[derive(Clone)]
pub(super) struct Table<S> {
    slots: Box<[S]>,
}

/// The content of a slot. One value marks a free slot.
pub(super) trait Slot: Copy {
    const FREE: Self;
    fn is_free(self) -> bool;
}

/// The maximum length of a run of occupied slots, which bounds every search.
///
/// Because half of the slots are free, the longest run of a million entries is about 70. If a crafted list of entries collides under
/// one seed of the hash, [`build`] tries the next seed.
pub(super) const LONGEST_RUN: usize = 256;

/// A table whose searches can be bounded.
pub(super) trait Bounded {
    /// Returns true if no search is longer than the bound.
    fn is_bounded(&self) -> bool;
}

impl<S: Slot> Bounded for Table<S> {
    fn is_bounded(&self) -> bool {
        self.longest_run() <= LONGEST_RUN
    }
}

/// Builds a table with the first seed for which its searches are bounded.
pub(super) fn build<T: Bounded, E>(
    mut place_all: impl FnMut(u64) -> Result<T, TableError<E>>,
) -> Result<(T, u64), E> {
    let mut seed = 0;
    loop {
        match place_all(seed) {
            Ok(table) if table.is_bounded() => return Ok((table, seed)),
            Ok(_) | Err(TableError::LongRun) => seed += 1,
            Err(TableError::Other(error)) => return Err(error),
        }
    }
}

/// The reason why a table could not be built.
pub(super) enum TableError<E> {
    LongRun,
    Other(E),
}

impl<S: Slot> Table<S> {
    pub(super) fn with_room_for(entries: usize) -> Self {
        Self {
            slots: vec![S::FREE; entries * 2].into_boxed_slice(),
        }
    }

    /// Returns the occupied slots, from the one that `hash` selects to the next free one.
    pub(super) fn run(&self, hash: u64) -> Run<'_, S> {
        Run {
            slots: &self.slots,
            at: self.first(hash),
        }
    }

    /// Inserts `entry`, unless the table contains an entry for which `is_same` returns true.
    pub(super) fn place(
        &mut self,
        hash: u64,
        entry: S,
        mut is_same: impl FnMut(S) -> bool,
    ) -> Placed {
        let mut at = self.first(hash);
        for _ in 0..=LONGEST_RUN {
            let Some(slot) = self.slots.get_mut(at) else {
                break;
            };
            if slot.is_free() {
                *slot = entry;
                return Placed::New;
            }
            if is_same(*slot) {
                return Placed::Duplicate;
            }
            at = if at + 1 == self.slots.len() {
                0
            } else {
                at + 1
            };
        }
        Placed::LongRun
    }

    pub(super) fn longest_run(&self) -> usize {
        let runs = || self.slots.split(|slot| slot.is_free()).map(<[S]>::len);
        // A run that reaches the end continues at the beginning.
        let wrapped = runs().next().unwrap_or_default() + runs().next_back().unwrap_or_default();
        runs().max().unwrap_or_default().max(wrapped)
    }

    /// Returns the slot that a hash selects: the hash, as a fraction of 2⁶⁴, of all slots.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "less than the number of slots, which is a usize"
    )]
    fn first(&self, hash: u64) -> usize {
        ((u128::from(hash) * self.slots.len() as u128) >> 64) as usize
    }
}

/// An iterator over a run. It ends, because half of the slots are free.
pub(super) struct Run<'a, S> {
    slots: &'a [S],
    at: usize,
}

impl<S: Slot> Iterator for Run<'_, S> {
    type Item = S;

    fn next(&mut self) -> Option<S> {
        let slot = *self.slots.get(self.at).filter(|slot| !slot.is_free())?;
        self.at += 1;
        // A run that reaches the end continues at the beginning.
        if self.at == self.slots.len() {
            self.at = 0;
        }
        Some(slot)
    }
}

/// The result of inserting an entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Placed {
    New,
    Duplicate,
    LongRun,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Number(u32);

    impl Slot for Number {
        const FREE: Self = Self(0);
        fn is_free(self) -> bool {
            self.0 == 0
        }
    }

    #[test]
    fn a_run_continues_at_the_beginning() {
        let mut table = Table::with_room_for(2);
        for entry in 1..=2 {
            assert_eq!(table.place(u64::MAX, Number(entry), |_| false), Placed::New);
        }
        assert!(table.run(u64::MAX).eq([Number(1), Number(2)]));
        assert!(table.run(0).eq([Number(2)]));
        assert!(table.run(1 << 63).eq([]));
        assert_eq!(table.longest_run(), 2);
        assert_eq!(
            table.place(u64::MAX, Number(3), |slot| slot == Number(2)),
            Placed::Duplicate
        );
    }

    #[test]
    fn colliding_entries_are_placed_with_another_seed() {
        let mut tries = 0;
        // More entries than a run may have.
        let entries = 300;
        let bad_seeds = if cfg!(miri) { 1 } else { 2 };
        let built = build::<Table<Number>, ()>(|seed| {
            tries += 1;
            let mut table = Table::with_room_for(entries as usize);
            for entry in 1..=entries {
                // All entries collide under the first seeds, and are spread under the next.
                let hash = if seed < bad_seeds {
                    7
                } else {
                    u64::from(entry) << 55
                };
                if table.place(hash, Number(entry), |_| false) == Placed::LongRun {
                    return Err(TableError::LongRun);
                }
            }
            Ok(table)
        });
        let (_, seed) = built.unwrap_or_else(|()| unreachable!());
        assert_eq!((seed, tries), (bad_seeds, bad_seeds + 1));
    }

    /// Entries of several hashes can form one run, each within the bound.
    #[test]
    fn a_table_whose_runs_join_is_built_with_another_seed() {
        let entries = 2 * LONGEST_RUN;
        let slots = 2 * entries as u64;
        let built = build::<Table<Number>, ()>(|seed| {
            let mut table = Table::with_room_for(entries);
            for entry in 0..entries as u64 {
                // The slot that the hash selects: under the first seed, all entries are side by side.
                let slot = if seed == 0 { entry } else { 2 * entry };
                let hash = (((slot << 32) / slots) << 32) | 0xFFFF_FFFF;
                let number = Number(u32::try_from(entry).unwrap() + 1);
                assert_eq!(table.place(hash, number, |_| false), Placed::New);
            }
            let longest_run = if seed == 0 { entries } else { 1 };
            assert_eq!(table.longest_run(), longest_run);
            Ok(table)
        });
        let (table, seed) = built.unwrap_or_else(|()| unreachable!());
        assert_eq!((table.longest_run(), seed), (1, 1));
    }

    #[test]
    fn a_place_that_is_occupied_is_skipped() {
        let mut table = Table::with_room_for(4);
        for entry in 1..=4 {
            assert_eq!(table.place(1 << 61, Number(entry), |_| false), Placed::New);
        }
        assert!(table.run(1 << 61).eq((1..=4).map(Number)));
    }
}
