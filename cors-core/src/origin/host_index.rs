//! Finds a pattern by its host, ignoring scheme and port. Explanations use this to name the pattern that is closest to an origin.

use core::convert::Infallible;

use super::hash::hash;
use super::table::{self, TableError};
use super::tag_table::TagTable;

/// Maps each host of a list of patterns to the place of the first pattern with this host.
///
/// The owner of the list defines the meaning of a place: an offset or an index. A host uses 9.4 bytes.
#[derive(Clone)]
pub(super) struct HostIndex {
    table: TagTable,
    seed: u64,
    lengths: Lengths,
}

impl HostIndex {
    /// Creates an index with room for `most` hosts. `hosts` returns the places and hosts in the order of the list, and `host_at` returns the
    /// host of a place.
    pub(super) fn new<'a, I>(
        most: usize,
        hosts: impl Fn() -> I,
        host_at: impl Fn(u32) -> &'a [u8],
    ) -> Self
    where
        I: Iterator<Item = (u32, &'a [u8])>,
    {
        let mut lengths = Lengths::default();
        let mut place_all = |seed| -> Result<TagTable, TableError<Infallible>> {
            let mut table = TagTable::with_room_for(most);
            let entries = hosts().map(|(place, host)| {
                lengths.insert(host.len());
                (hash(seed, host), place)
            });
            let is_same = |known, place| host_at(known) == host_at(place);
            table
                .insert_all(entries, is_same)
                .ok_or(TableError::LongRun)?;
            Ok(table)
        };
        let Ok((table, seed)) = table::build(&mut place_all);
        Self {
            table,
            seed,
            lengths,
        }
    }

    /// Returns the place of the first pattern with this host.
    pub(super) fn find<'a>(&self, host: &[u8], host_at: impl Fn(u32) -> &'a [u8]) -> Option<u32> {
        if !self.has_length(host.len()) {
            return None;
        }
        let hash = hash(self.seed, host);
        self.table.find(hash, |place| host_at(place) == host)
    }

    /// Returns false if no host in the index has `length` bytes.
    pub(super) fn has_length(&self, length: usize) -> bool {
        self.lengths.contain(length)
    }

    /// Returns the number of bytes that the index uses.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.table.size()
    }
}

/// A set of lengths up to 255. It always contains greater lengths.
#[derive(Clone, Copy, Default)]
struct Lengths([u64; 4]);

impl Lengths {
    fn insert(&mut self, length: usize) {
        if let Some(word) = self.0.get_mut(length / 64) {
            *word |= 1 << (length % 64);
        }
    }

    fn contain(&self, length: usize) -> bool {
        let word = self.0.get(length / 64);
        word.is_none_or(|word| word >> (length % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn the_first_place_of_each_host_is_found() {
        let count = if cfg!(miri) { 20 } else { 5_000_u32 };
        // Each host occurs twice. The last one is longer than a domain name can be.
        let mut hosts: Vec<String> = (0..count)
            .map(|number| format!("{}.test", number / 2))
            .collect();
        hosts.push("a".repeat(300));
        let host_at = |place: u32| hosts[place as usize].as_bytes();
        let places = || (0..).zip(hosts.iter().map(String::as_bytes));
        let index = HostIndex::new(hosts.len(), places, host_at);
        for number in 0..count / 2 {
            let host = format!("{number}.test");
            assert_eq!(index.find(host.as_bytes(), host_at), Some(2 * number));
            assert_eq!(
                index.find(&host.as_bytes()[1..], host_at),
                find_in(&hosts, &host[1..])
            );
            assert_eq!(index.find(format!("x{host}").as_bytes(), host_at), None);
        }
        assert_eq!(index.find("a".repeat(300).as_bytes(), host_at), Some(count));
        assert!(index.has_length("0.test".len()) && !index.has_length(3));
    }

    fn find_in(hosts: &[String], host: &str) -> Option<u32> {
        let place = hosts.iter().position(|known| known == host)?;
        u32::try_from(place).ok()
    }

    #[test]
    fn the_size_is_that_of_the_table_and_of_the_rest() {
        let hosts: Vec<String> = (0..800).map(|number| format!("{number}.test")).collect();
        let index_of = |count: usize| {
            let host_at = |place: u32| hosts[place as usize].as_bytes();
            let places = || (0..).zip(hosts.iter().take(count).map(String::as_bytes));
            HostIndex::new(count, places, host_at)
        };
        let fixed = size_of::<HostIndex>();
        assert_eq!(index_of(0).size(), fixed);
        // Five bytes for each of 15 slots for 8 entries, in whole groups of eight slots.
        assert_eq!(index_of(800).size(), fixed + 1504 * 5);
    }
}
