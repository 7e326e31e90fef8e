//! Builds a set: groups the patterns, links each group to its parent, and places all groups in a table.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::convert::Infallible;

use super::group::{Group, GroupIndex};
use super::parts::{Parts, TooManyShapes};
use super::ports::Ports;
use super::set::{WildcardSet, walk};
use crate::origin::hash::hash;
use crate::origin::ip;
use crate::origin::table::{self, Placed, Slot as _, Table, TableError};
use crate::origin::wildcard_pattern::{HostPattern, WildcardPattern};

/// Collects patterns, then links their groups and places them in a table of the right size.
#[derive(Default)]
pub(crate) struct WildcardSetBuilder {
    groups: BTreeMap<Key, Group>,
    schemes: BTreeSet<Box<str>>,
}

impl WildcardSetBuilder {
    pub(crate) fn insert(&mut self, pattern: &WildcardPattern<'_>) -> Result<(), TooManyShapes> {
        let labels = match pattern.host {
            HostPattern::Exact(host) | HostPattern::Under(host) => host,
            HostPattern::Part { parent, .. } => parent,
        };
        let group = self
            .groups
            .entry((pattern.scheme.into(), labels.into()))
            .or_insert_with(|| Group {
                hash: 0,
                scheme: (pattern.scheme != "https").then(|| pattern.scheme.into()),
                labels: labels.into(),
                parent: None,
                itself: Ports::default(),
                below: Ports::default(),
                parts: Parts::default(),
            });
        match pattern.host {
            HostPattern::Exact(_) => group.itself.insert(pattern.port),
            HostPattern::Under(_) => group.below.insert(pattern.port),
            HostPattern::Part { prefix, suffix, .. } => {
                group.parts.insert(prefix, suffix, pattern.port)?;
            }
        }
        Ok(())
    }

    /// Allows any host of a scheme other than `http` and `https`.
    pub(crate) fn insert_scheme(&mut self, scheme: &str) {
        self.schemes.insert(scheme.into());
    }

    pub(crate) fn build(self) -> WildcardSet {
        let schemes = self.schemes.into_iter().collect();
        let keys: Vec<Key> = self.groups.keys().cloned().collect();
        let mut groups: Vec<Group> = self.groups.into_values().collect();
        let mut lengths = BTreeSet::new();
        for (group, key) in groups.iter_mut().zip(&keys) {
            if !is_ip(&key.1) {
                lengths.extend(u16::try_from(key.1.len()));
            }
            let parent = parent_of(&keys, key);
            let inherited = parent
                .and_then(|parent| keys.get(parent))
                .map_or(0, |(_, labels)| labels.len());
            group.sort();
            group.parent = parent.and_then(GroupIndex::new);
            group.labels = key
                .1
                .get(..key.1.len() - inherited)
                .unwrap_or_default()
                .into();
        }
        let lengths: Box<[u16]> = lengths.into_iter().collect();
        let Ok((table, seed)) = table::build(|seed| place(seed, &lengths, &keys, &mut groups));
        WildcardSet {
            groups: groups.into_boxed_slice(),
            table,
            seed,
            https: hash(seed, b"https"),
            schemes,
            lengths,
        }
    }
}

/// The scheme and labels of a group.
type Key = (Box<str>, Box<str>);

fn place(
    seed: u64,
    lengths: &[u16],
    keys: &[Key],
    groups: &mut [Group],
) -> Result<Table<GroupIndex>, TableError<Infallible>> {
    let mut table = Table::with_room_for(groups.len());
    for (index, (group, key)) in groups.iter_mut().zip(keys).enumerate() {
        group.hash = group_hash(seed, lengths, key);
        let index = GroupIndex::new(index).unwrap_or(GroupIndex::FREE);
        if table.place(group.hash, index, |_| false) == Placed::LongRun {
            return Err(TableError::LongRun);
        }
    }
    Ok(table)
}

/// Returns the index of the parent: of the groups with the same scheme whose labels are the last labels of this group, the one with the
/// most labels.
fn parent_of(keys: &[Key], (scheme, labels): &Key) -> Option<usize> {
    let mut shorter = Some(&**labels).filter(|labels| !is_ip(labels) && !labels.is_empty());
    while let Some(labels) = shorter {
        let parent = labels.split_once('.').map_or("", |(_, parent)| parent);
        let place = keys.binary_search_by(|(one, other)| (&**one, &**other).cmp(&(scheme, parent)));
        if place.is_ok() {
            return place.ok();
        }
        shorter = Some(parent).filter(|parent| !parent.is_empty());
    }
    None
}

/// Returns the hash that a search has computed when it reaches these labels of a host.
fn group_hash(seed: u64, lengths: &[u16], (scheme, labels): &Key) -> u64 {
    let mut state = hash(seed, scheme.as_bytes());
    if is_ip(labels) {
        return hash(state, labels.as_bytes());
    }
    let labels = labels.as_bytes();
    let mut end = labels.len();
    walk(labels, lengths, |start| {
        state = hash(state, labels.get(start..end).unwrap_or_default());
        end = start;
        false
    });
    state
}

/// Returns true for an IP address. A search looks it up as a whole, because its dots do not separate labels.
fn is_ip(labels: &str) -> bool {
    labels.starts_with('[') || labels.rsplit('.').next().is_some_and(ip::is_number)
}
