use alloc::boxed::Box;
use alloc::vec::Vec;

use super::hash::hash;
use super::table::{self, Placed, Slot, Table, TableError};
use crate::limits;

/// An immutable set of byte strings. A search takes one hash and one comparison; one in a few million takes two comparisons.
///
/// The texts of all members are in one allocation, one after the other, and each slot of the table has eight bytes. So a member
/// uses its text and 17 bytes, whatever the number of members.
#[derive(Clone)]
pub(super) struct ExactSet {
    /// The members in the order in which they were inserted, with a [`SEPARATOR`] after each.
    text: Box<[u8]>,
    table: Table<Place>,
    seed: u64,
}

/// The place of a member in the text: 32 bits of offset, 10 bits of length and 22 bits of the hash (the *tag*).
/// Zero is a free slot, because no member is empty.
#[derive(Clone, Copy)]
struct Place(u64);

/// The byte after each member. No origin contains it.
const SEPARATOR: u8 = b'\n';

const LENGTH_BITS: u32 = 10;
const TAG_BITS: u32 = 22;
// The length of an origin fits into its bits.
const _: () = assert!(limits::ORIGIN < 1 << LENGTH_BITS);

impl ExactSet {
    pub(super) fn contains(&self, bytes: &[u8]) -> bool {
        if self.table.is_empty() || bytes.len() > limits::ORIGIN {
            return false;
        }
        let hash = hash(self.seed, bytes);
        self.table
            .run(hash)
            .any(|place| place.may_be(hash, bytes.len()) && place.member_of(&self.text) == bytes)
    }

    /// Returns the members in the order in which they were inserted.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.iter_with_offsets().map(|(_, member)| member)
    }

    /// Returns the members, each with its offset for [`member_at`](Self::member_at).
    pub(super) fn iter_with_offsets(&self) -> impl Iterator<Item = (u32, &[u8])> {
        let mut offset = 0;
        // `take` drops the empty text after the last separator.
        let members = self.text.split(|byte| *byte == SEPARATOR);
        members.take(self.len()).map(move |member| {
            let start = offset;
            offset += member.len() + 1;
            // The builder has checked that offsets fit into 32 bits.
            (u32::try_from(start).unwrap_or_default(), member)
        })
    }

    /// Returns the member at this offset.
    pub(super) fn member_at(&self, offset: u32) -> &[u8] {
        let rest = self.text.get(offset as usize..).unwrap_or_default();
        let mut members = rest.split(|byte| *byte == SEPARATOR);
        members.next().unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    /// Returns the number of bytes that the set uses in addition to the text of its members.
    pub(super) fn overhead(&self) -> usize {
        size_of::<Self>() + self.table.size() + self.len()
    }
}

impl Place {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the tag is the lowest bits of the hash"
    )]
    fn new(offset: u32, length: usize, hash: u64) -> Self {
        let tag = hash as u32 & ((1 << TAG_BITS) - 1);
        Self(u64::from(offset) << 32 | (length as u64) << TAG_BITS | u64::from(tag))
    }

    /// Returns false if the length or the tag differs. Both are compared at once.
    fn may_be(self, hash: u64, length: usize) -> bool {
        self.0 << 32 == Self::new(0, length, hash).0 << 32
    }

    fn member_of(self, text: &[u8]) -> &[u8] {
        // The range is valid by construction. An empty slice would equal no member.
        text.get(self.offset()..self.offset() + self.length())
            .unwrap_or_default()
    }

    fn offset(self) -> usize {
        (self.0 >> 32) as usize
    }

    fn length(self) -> usize {
        (self.0 >> TAG_BITS) as usize & ((1 << LENGTH_BITS) - 1)
    }
}

impl Slot for Place {
    const FREE: Self = Self(0);

    fn is_free(self) -> bool {
        self.0 == 0
    }
}

/// Collects members, then places all of them in a table of the right size.
#[derive(Default)]
pub(super) struct ExactSetBuilder {
    text: Vec<u8>,
    /// The offset in `text` at which each member ends.
    ends: Vec<u32>,
}

/// The texts of all members together would be longer than 4 GiB.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMuchText;

impl ExactSetBuilder {
    /// Adds a member, which must not be empty or longer than [`limits::ORIGIN`].
    pub(super) fn insert(&mut self, member: &[u8]) -> Result<(), TooMuchText> {
        debug_assert!(!member.is_empty() && member.len() <= limits::ORIGIN);
        let end = u32::try_from(self.text.len() + member.len()).map_err(|_| TooMuchText)?;
        self.text.extend_from_slice(member);
        self.text.push(SEPARATOR);
        self.ends.push(end);
        Ok(())
    }

    pub(super) fn build(mut self) -> ExactSet {
        loop {
            match table::build(|seed| self.place(seed)) {
                Ok((table, seed)) => {
                    return ExactSet {
                        text: self.text.into_boxed_slice(),
                        table,
                        seed,
                    };
                }
                Err(Duplicates(indices)) => self.remove(&indices),
            }
        }
    }

    fn place(&self, seed: u64) -> Result<Table<Place>, TableError<Duplicates>> {
        let mut table = Table::with_room_for(self.ends.len());
        let mut duplicates = Vec::new();
        let mut start = 0;
        for (index, &end) in self.ends.iter().enumerate() {
            let member = self.member(start, end);
            let hash = hash(seed, member);
            let is_same = |place: Place| {
                place.may_be(hash, member.len()) && place.member_of(&self.text) == member
            };
            match table.place(hash, Place::new(start, member.len(), hash), is_same) {
                Placed::New => {}
                Placed::Duplicate => duplicates.push(index),
                Placed::LongRun => return Err(TableError::LongRun),
            }
            start = end.saturating_add(1);
        }
        if duplicates.is_empty() {
            Ok(table)
        } else {
            Err(TableError::Other(Duplicates(duplicates)))
        }
    }

    fn member(&self, start: u32, end: u32) -> &[u8] {
        self.text
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }

    /// Removes the members with these indices, in ascending order. The size of the table follows from the number of members.
    fn remove(&mut self, duplicates: &[usize]) {
        let mut kept = Self::default();
        let mut duplicates = duplicates.iter().peekable();
        let mut start = 0;
        for (index, &end) in self.ends.iter().enumerate() {
            if duplicates.next_if_eq(&&index).is_none() {
                // This cannot fail: the text was within the limit and becomes shorter.
                let _ = kept.insert(self.member(start, end));
            }
            start = end.saturating_add(1);
        }
        *self = kept;
    }
}

/// The indices of members that were inserted before.
struct Duplicates(Vec<usize>);

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use super::*;

    fn set_of(members: &[String]) -> ExactSet {
        let mut builder = ExactSetBuilder::default();
        for member in members {
            builder.insert(member.as_bytes()).unwrap();
        }
        builder.build()
    }

    #[test]
    fn members_are_found_and_similar_texts_are_not() {
        for count in [0, 1, 2, 3, 10, if cfg!(miri) { 100 } else { 10_000 }] {
            let members: Vec<String> = (0..count)
                .map(|number| format!("https://tenant-{number}.example"))
                .collect();
            let set = set_of(&members);
            assert_eq!(set.len(), count);
            for member in &members {
                assert!(set.contains(member.as_bytes()), "{member}");
                assert!(!set.contains(&member.as_bytes()[1..]));
                assert!(!set.contains(&member.as_bytes()[..member.len() - 1]));
                assert!(!set.contains(format!("{member}x").as_bytes()));
            }
            assert!(!set.contains(b""));
            assert!(!set.contains(&[b'a'; 600]));
        }
    }

    #[test]
    fn duplicates_are_removed_and_the_order_is_kept() {
        let members = ["b", "a", "b", "c", "a", "b"].map(String::from);
        let set = set_of(&members);
        assert_eq!(set.len(), 3);
        assert_eq!(set.iter().collect::<Vec<_>>(), [b"b", b"a", b"c"]);
        for (offset, member) in set.iter_with_offsets() {
            assert_eq!(set.member_at(offset), member);
        }
    }

    #[test]
    fn a_member_uses_its_text_and_17_bytes() {
        let count = if cfg!(miri) { 50 } else { 1000 };
        let members: Vec<String> = (0..count)
            .map(|number| format!("https://{number}.example"))
            .collect();
        let set = set_of(&members);
        assert_eq!(set.overhead() - size_of::<ExactSet>(), 17 * members.len());
        let text: usize = members.iter().map(String::len).sum();
        assert_eq!(set.text.len(), text + members.len());
    }
}
