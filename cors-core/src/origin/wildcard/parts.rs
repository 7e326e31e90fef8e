//! The patterns of one domain that have a `*` inside their first label.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::convert::Infallible;

use super::near_pattern::NearPattern;
use super::ports::Ports;
use crate::limits;
use crate::origin::hash::hash;
use crate::origin::host::LONGEST_LABEL;
use crate::origin::table::{self, Placed, Slot, Table, TableError};
use crate::origin::wildcard_pattern::PortPattern;

/// The patterns of a group that have a `*` inside their first label, grouped by shape.
///
/// A search looks a label up once per shape, and [`limits::LABEL_SHAPES`] bounds the number of shapes. These patterns allow only hosts with
/// one label before the group's labels. So a search uses the parts of one group, whatever the number of groups that match the host.
#[derive(Clone, Default)]
pub(super) struct Parts {
    shapes: Vec<Shape>,
}

/// The patterns of one shape: with the same number of bytes before the `*`, and the same number of bytes after it.
#[derive(Clone)]
struct Shape {
    prefix_length: usize,
    suffix_length: usize,
    parts: Vec<Part>,
    /// Empty if there is only one part, which is compared directly.
    table: Table<PartIndex>,
    seed: u64,
}

#[derive(Clone)]
struct Part {
    prefix: Box<str>,
    suffix: Box<str>,
    ports: Ports,
}

/// An index into the parts of a shape.
#[derive(Clone, Copy)]
struct PartIndex(u32);

impl Slot for PartIndex {
    const FREE: Self = Self(u32::MAX);

    fn is_free(self) -> bool {
        self.0 == u32::MAX
    }
}

impl Parts {
    pub(super) fn insert(
        &mut self,
        prefix: &str,
        suffix: &str,
        port: PortPattern,
    ) -> Result<(), TooManyShapes> {
        let lengths = (prefix.len(), suffix.len());
        let known = self
            .shapes
            .iter()
            .position(|shape| (shape.prefix_length, shape.suffix_length) == lengths);
        let known = match known {
            Some(known) => known,
            None if self.shapes.len() == limits::LABEL_SHAPES => return Err(TooManyShapes),
            None => {
                self.shapes.push(Shape {
                    prefix_length: prefix.len(),
                    suffix_length: suffix.len(),
                    parts: Vec::new(),
                    table: Table::with_room_for(0),
                    seed: 0,
                });
                self.shapes.len() - 1
            }
        };
        if let Some(shape) = self.shapes.get_mut(known) {
            let mut ports = Ports::default();
            ports.insert(port);
            shape.parts.push(Part {
                prefix: prefix.into(),
                suffix: suffix.into(),
                ports,
            });
        }
        Ok(())
    }

    /// Sorts the parts and builds their tables, which searches require.
    pub(super) fn sort(&mut self) {
        for shape in &mut self.shapes {
            shape.sort();
        }
    }

    /// Returns true if a pattern allows `front`, the part of a host before the group's labels.
    #[inline]
    pub(super) fn allow(&self, front: &[u8], port: Option<u16>) -> bool {
        let matches = |shape: &Shape| {
            let found = shape.find(front);
            found.is_some_and(|part| part.ports.contain(port))
        };
        match self.shapes.as_slice() {
            [] => false,
            // With one shape, search for a dot only if the shape matches, and only in the text that the `*` matches.
            [shape] => matches(shape) && !shape.covered(front).contains(&b'.'),
            shapes => is_one_label(front) && shapes.iter().any(matches),
        }
    }

    /// Returns a pattern that matches `front`. Prefers a pattern that allows the port.
    pub(super) fn nearest(&self, front: &str, port: Option<u16>) -> Option<NearPattern> {
        if !is_one_label(front.as_bytes()) {
            return None;
        }
        let parts = self.shapes.iter().filter_map(|shape| {
            let found = shape.find(front.as_bytes())?;
            let text = String::from(&*found.prefix) + "*" + &found.suffix;
            NearPattern::of(text, &found.ports, port)
        });
        parts.max_by_key(|part| part.port.matches(port))
    }
}

/// Returns true if `front` is one label, because a `*` inside a label matches only a part of that label.
fn is_one_label(front: &[u8]) -> bool {
    front.len() <= LONGEST_LABEL && !front.contains(&b'.')
}

impl Shape {
    fn sort(&mut self) {
        self.parts.sort_by(|one, other| one.key().cmp(&other.key()));
        self.parts.dedup_by(|later, first| {
            let is_same = later.key() == first.key();
            if is_same {
                first.ports.insert_all(&later.ports);
            }
            is_same
        });
        for part in &mut self.parts {
            part.ports.sort();
        }
        if self.parts.len() > 1 {
            let Ok((table, seed)) = table::build(|seed| place(seed, &self.parts));
            self.table = table;
            self.seed = seed;
        }
    }

    /// Returns the part that matches the label.
    fn find(&self, label: &[u8]) -> Option<&Part> {
        let suffix_start = label.len().checked_sub(self.suffix_length)?;
        // The `*` matches at least one byte.
        if suffix_start <= self.prefix_length {
            return None;
        }
        let prefix = label.get(..self.prefix_length)?;
        let suffix = label.get(suffix_start..)?;
        let is_it = |part: &&Part| part.is(prefix, suffix);
        if let [only] = self.parts.as_slice() {
            return Some(only).filter(is_it);
        }
        self.table
            .run(part_hash(self.seed, prefix, suffix))
            .filter_map(|index| self.parts.get(index.0 as usize))
            .find(is_it)
    }

    /// Returns the text that the `*` of a matching part matches.
    fn covered<'a>(&self, label: &'a [u8]) -> &'a [u8] {
        let end = label.len().saturating_sub(self.suffix_length);
        label.get(self.prefix_length..end).unwrap_or_default()
    }
}

impl Part {
    fn key(&self) -> (&str, &str) {
        (&self.prefix, &self.suffix)
    }

    fn is(&self, prefix: &[u8], suffix: &[u8]) -> bool {
        self.prefix.as_bytes() == prefix && self.suffix.as_bytes() == suffix
    }
}

fn place(seed: u64, parts: &[Part]) -> Result<Table<PartIndex>, TableError<Infallible>> {
    let mut table = Table::with_room_for(parts.len());
    for (index, part) in parts.iter().enumerate() {
        let hash = part_hash(seed, part.prefix.as_bytes(), part.suffix.as_bytes());
        let index = u32::try_from(index).map_or(PartIndex::FREE, PartIndex);
        if table.place(hash, index, |_| false) == Placed::LongRun {
            return Err(TableError::LongRun);
        }
    }
    Ok(table)
}

fn part_hash(seed: u64, prefix: &[u8], suffix: &[u8]) -> u64 {
    hash(hash(seed, prefix), suffix)
}

/// The error returned when a group would have patterns of more than [`limits::LABEL_SHAPES`] shapes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooManyShapes;
