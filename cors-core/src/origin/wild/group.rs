//! The patterns of one domain: which ports they allow, and which labels in front of it.

use alloc::boxed::Box;
use alloc::string::String;

use super::near_pattern::NearPattern;
use super::parts::Parts;
use super::ports::Ports;
use crate::origin::table::Slot;

/// An index into the groups of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct GroupIndex(u32);

impl Slot for GroupIndex {
    const FREE: Self = Self(u32::MAX);

    fn is_free(self) -> bool {
        self == Self::FREE
    }
}

impl GroupIndex {
    pub(super) fn new(index: usize) -> Option<Self> {
        u32::try_from(index).ok().map(Self)
    }

    pub(super) fn get(self, groups: &[Group]) -> Option<&Group> {
        groups.get(self.0 as usize)
    }
}

/// All patterns with the same scheme and the same labels behind their wildcard.
#[derive(Clone)]
pub(super) struct Group {
    pub(super) hash: u64,
    /// `None` for `https`, which nearly all have.
    pub(super) scheme: Option<Box<str>>,
    /// The group's labels without those of its parent.
    pub(super) labels: Box<str>,
    /// The group with the most labels that are the last of this group's, too. An origin that lies in this group lies
    /// in that one, and has been found to when this one is looked at: only `labels` is left to compare.
    pub(super) parent: Option<GroupIndex>,
    /// For `host:*`, where the labels are the whole host.
    pub(super) itself: Ports,
    /// For `*.labels`.
    pub(super) below: Ports,
    /// For `part-*.labels`.
    pub(super) parts: Parts,
}

impl Group {
    /// Returns true if a pattern allows a host with this port of which `front` is what stands in front of the group's labels, its
    /// dot included. `is_host_name` tells if that is a host name, and is asked only where it matters.
    pub(super) fn allows(
        &self,
        front: &[u8],
        port: Option<u16>,
        is_host_name: impl FnOnce(&[u8]) -> bool,
    ) -> bool {
        if front.is_empty() {
            return self.itself.contain(port);
        }
        let front = front.strip_suffix(b".").unwrap_or(front);
        // A group without labels has no `*.` patterns: that would be a host that is only a wildcard.
        let is_allowed = self.below.contain(port) || self.parts.allow(front, port);
        is_allowed && is_host_name(front)
    }

    /// Sorts what was inserted, for the searches.
    pub(super) fn sort(&mut self) {
        self.itself.sort();
        self.below.sort();
        self.parts.sort();
    }

    /// Returns a pattern that allows a host with this in front of the group's labels: with this port, or, if there is none,
    /// with another. Whether `front` is a host name is not asked.
    pub(super) fn nearest(&self, front: &str, port: Option<u16>) -> Option<NearPattern> {
        if front.is_empty() {
            return NearPattern::of(String::new(), &self.itself, port);
        }
        let front = front.strip_suffix('.').unwrap_or(front);
        let below = NearPattern::of(String::from("*"), &self.below, port);
        let parts = || self.parts.nearest(front, port);
        match below {
            Some(below) if below.port.matches(port) => Some(below),
            below => parts()
                .filter(|part| below.is_none() || part.port.matches(port))
                .or(below),
        }
    }
}
