//! A set of exact origins.
//!
//! The texts of the members are in one allocation, in the order of the policy, each after its length. A [table](super::tag_table) finds
//! the place of a member in it by the member's hash:
//!
//! ```text
//! tags      [ 00 .. c4 .. | ..       one byte of the hash of each member, in two bytes of memory
//! values    [  -    21    | ..       four bytes, in eight
//!                   |
//!                   v
//! text      [ 19 0 "https://example.com" 17 0 "https://foo.test" ..
//!             0                          21
//! ```
//!
//! So a member uses its text and 11.4 bytes. A search for a member reads a word of tags, a value, and the text: three lines of a
//! cache, or four, if the text continues on another. A search for another text usually reads only the tags. In one of sixty searches,
//! a tag is the same by chance, and a value and a text are read too.
//!
//! A table with all that a search needs in one line, the tags beside the offsets, saves one of the three lines. But the search for a text
//! that is not a member then reads a table of ten bytes for each member, instead of tags of two, and of these a cache contains five times
//! as many. With a million members, that takes twice as long.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::hash::hash;
use super::table::{self, TableError};
use super::tag_table::TagTable;
use crate::limits;

/// An immutable set of byte strings. The [module](self) describes the search.
#[derive(Clone)]
pub(super) struct ExactSet {
    /// The members in the order in which they were inserted, each after its [`Length`].
    text: Box<[u8]>,
    /// The number of members.
    len: usize,
    /// The offset of each member in the text. Without an entry for a set of at most [`FEW`] members.
    table: TagTable,
    seed: u64,
}

/// The length of a member, in little-endian order.
type Length = [u8; 2];
// The length of an origin fits.
const _: () = assert!(limits::ORIGIN <= u16::MAX as usize);

/// A comparison with each of so few members takes fewer instructions than a hash, even if all have the length of the text.
const FEW: usize = 3;

impl ExactSet {
    pub(super) fn contains(&self, bytes: &[u8]) -> bool {
        if self.table.is_empty() {
            return self.is_one_of_few(bytes);
        }
        if bytes.len() > limits::ORIGIN {
            return false;
        }
        let hash = hash(self.seed, bytes);
        !self.table.rules_out(hash) && self.is_in_table(hash, bytes)
    }

    // A function of its own, as the next: without a call of the comparison, `contains` saves no registers on the stack, which is a tenth of
    // the search for a text that is not a member.
    #[inline(never)]
    fn is_in_table(&self, hash: u64, bytes: &[u8]) -> bool {
        let is_same = |offset| self.member_at(offset) == bytes;
        self.table.find(hash, is_same).is_some()
    }

    #[inline(never)]
    fn is_one_of_few(&self, bytes: &[u8]) -> bool {
        let mut rest = &*self.text;
        while let Some((member, after)) = split_first(rest) {
            if member == bytes {
                return true;
            }
            rest = after;
        }
        false
    }

    /// Returns the members in the order in which they were inserted.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        members(&self.text).map(|(_, member)| member)
    }

    /// Returns the members, each with its offset for [`member_at`](Self::member_at).
    pub(super) fn iter_with_offsets(&self) -> impl Iterator<Item = (u32, &[u8])> {
        members(&self.text)
    }

    /// Returns the member at this offset.
    pub(super) fn member_at(&self, offset: u32) -> &[u8] {
        member_at(&self.text, offset).unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Returns the number of bytes that the set uses in addition to the text of its members.
    pub(super) fn overhead(&self) -> usize {
        size_of::<Self>() + self.table.size() + self.len * size_of::<Length>()
    }
}

/// Returns the first member of a text, and the text after it.
fn split_first(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = text.split_first_chunk()?;
    rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))
}

fn member_at(text: &[u8], offset: u32) -> Option<&[u8]> {
    split_first(text.get(offset as usize..)?).map(|(member, _)| member)
}

/// Returns the members of a text, each with its offset.
fn members(text: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let mut rest = text;
    core::iter::from_fn(move || {
        let offset = text.len() - rest.len();
        let member;
        (member, rest) = split_first(rest)?;
        // `ExactSetBuilder::insert` has checked that the offset fits into 32 bits.
        Some((u32::try_from(offset).ok()?, member))
    })
}

/// Collects members, then places all of them in a table of the right size.
#[derive(Default)]
pub(super) struct ExactSetBuilder {
    text: Vec<u8>,
    len: usize,
}

/// The texts of all members together, and their lengths, would be longer than 4 GiB.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMuchText;

impl ExactSetBuilder {
    /// Adds a member, which must not be empty or longer than [`limits::ORIGIN`].
    pub(super) fn insert(&mut self, member: &[u8]) -> Result<(), TooMuchText> {
        debug_assert!(!member.is_empty() && member.len() <= limits::ORIGIN);
        let length = u16::try_from(member.len()).map_err(|_| TooMuchText)?;
        // The offset of the member.
        u32::try_from(self.text.len()).map_err(|_| TooMuchText)?;
        self.text.extend_from_slice(&length.to_le_bytes());
        self.text.extend_from_slice(member);
        self.len += 1;
        Ok(())
    }

    pub(super) fn build(mut self) -> ExactSet {
        loop {
            match table::build(|seed| self.place(seed)) {
                Ok((table, seed)) => {
                    let needs_table = self.len > FEW;
                    return ExactSet {
                        text: self.text.into_boxed_slice(),
                        len: self.len,
                        table: if needs_table {
                            table
                        } else {
                            TagTable::default()
                        },
                        seed,
                    };
                }
                Err(Duplicates(offsets)) => self.remove(&offsets),
            }
        }
    }

    fn place(&self, seed: u64) -> Result<TagTable, TableError<Duplicates>> {
        let mut table = TagTable::with_room_for(self.len);
        let entries = members(&self.text).map(|(offset, member)| (hash(seed, member), offset));
        let is_same = |known, offset| member_at(&self.text, known) == member_at(&self.text, offset);
        let duplicates = table.insert_all(entries, is_same);
        let duplicates = duplicates.ok_or(TableError::LongRun)?;
        if duplicates.is_empty() {
            Ok(table)
        } else {
            Err(TableError::Other(Duplicates(duplicates)))
        }
    }

    /// Removes the members with these offsets, in ascending order. The size of the table follows from the number of members.
    fn remove(&mut self, duplicates: &[u32]) {
        let mut kept = Self::default();
        let mut duplicates = duplicates.iter().peekable();
        for (offset, member) in members(&self.text) {
            if duplicates.next_if_eq(&&offset).is_none() {
                // This cannot fail: the text was within the limit and becomes shorter.
                let _ = kept.insert(member);
            }
        }
        *self = kept;
    }
}

/// The offsets of members that were inserted before, in ascending order.
struct Duplicates(Vec<u32>);

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
    fn a_member_uses_its_text_and_at_most_12_bytes() {
        let count = if cfg!(miri) { 50 } else { 1000 };
        let members: Vec<String> = (0..count)
            .map(|number| format!("https://{number}.example"))
            .collect();
        let set = set_of(&members);
        // Groups of 40 bytes for 4.27 members, and the length of each.
        let overhead = set.overhead() - size_of::<ExactSet>();
        let count = members.len();
        assert!(
            (11 * count..12 * count).contains(&overhead),
            "{overhead} for {count}"
        );
        let text: usize = members.iter().map(String::len).sum();
        assert_eq!(set.text.len(), text + 2 * members.len());
    }

    #[test]
    fn only_a_set_of_more_than_few_members_has_a_table() {
        let members: Vec<String> = (0..=FEW).map(|number| format!("a{number}")).collect();
        assert!(set_of(&members[..FEW]).table.is_empty());
        assert!(!set_of(&members).table.is_empty());
    }

    #[test]
    fn texts_across_members_are_not_members() {
        for count in [1, 2, 3, 50] {
            let members: Vec<String> = (0..count).map(|number| format!("a{number}")).collect();
            let set = set_of(&members);
            // Each part of the text that begins or ends in another place than a member does.
            for start in 0..set.text.len() {
                for end in start..=set.text.len().min(start + 12) {
                    let text = &set.text[start..end];
                    let is_member = members.iter().any(|member| member.as_bytes() == text);
                    assert_eq!(set.contains(text), is_member, "{text:?}");
                }
            }
        }
    }

    #[test]
    fn a_set_agrees_with_a_naive_one() {
        let mut state = 7_u64;
        let mut random = |below: u64| {
            state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
            (state >> 33) % below
        };
        for size in [1, 2, 3, 4, 8, 9, 40, if cfg!(miri) { 60 } else { 2000 }] {
            // Texts of few letters and of many lengths, so that there are duplicates, beginnings and ends of others.
            let mut text = || {
                let most = if random(8) == 0 { 512 } else { 6 };
                let length = 1 + random(most);
                let letters =
                    (0..length).map(|_| ['a', 'b', '.'][usize::try_from(random(3)).unwrap()]);
                letters.collect::<String>()
            };
            let texts: Vec<String> = (0..size).map(|_| text()).collect();
            let mut naive: Vec<&String> = Vec::new();
            for text in &texts {
                if !naive.contains(&text) {
                    naive.push(text);
                }
            }
            let set = set_of(&texts);
            assert!(set.iter().eq(naive.iter().map(|text| text.as_bytes())));
            assert_eq!(set.len(), naive.len());
            for (offset, member) in set.iter_with_offsets() {
                assert_eq!(set.member_at(offset), member);
            }
            for text in (0..2 * size).map(|_| text()).chain(texts.iter().cloned()) {
                let is_member = naive.contains(&&text);
                assert_eq!(set.contains(text.as_bytes()), is_member, "{text}");
            }
        }
    }

    #[test]
    fn members_that_collide_under_a_seed_are_placed_with_the_next() {
        // Two hundred texts that select the same group out of 49 under the seed 0: more than a run may have.
        let count = 200;
        let groups = u128::try_from((count * 15_usize).div_ceil(64)).unwrap();
        let selects_first =
            |text: &String| (u128::from(hash(0, text.as_bytes())) * groups) >> 64 == 0;
        let texts = (0..).map(|number: u32| format!("https://{number}.example"));
        let crafted: Vec<String> = texts.filter(selects_first).take(count).collect();
        let set = set_of(&crafted);
        assert_eq!(set.seed, 1);
        for member in &crafted {
            assert!(set.contains(member.as_bytes()));
            assert!(!set.contains(&member.as_bytes()[1..]));
        }
    }
}
