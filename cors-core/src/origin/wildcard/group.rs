//! The patterns of one domain: which labels they allow before the domain, and which ports.

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

/// All patterns with the same scheme and the same labels after their wildcard.
#[derive(Clone)]
pub(super) struct Group {
    pub(super) hash: u64,
    /// `None` for `https`, the most frequent scheme.
    pub(super) scheme: Option<Box<str>>,
    /// The group's labels without those of its parent.
    pub(super) labels: Box<str>,
    /// The group with the most labels that are also the last labels of this group. A host that ends with this group's labels ends with
    /// the parent's as well, and a search finds the parent first. So only `labels` must be compared.
    pub(super) parent: Option<GroupIndex>,
    /// The ports of `labels:*`, where the labels are the whole host.
    pub(super) itself: Ports,
    /// The ports of `*.labels`.
    pub(super) below: Ports,
    /// The patterns such as `part-*.labels`.
    pub(super) parts: Parts,
}

impl Group {
    /// Returns true if a pattern allows a host with this port. `front` is the part of the host before the group's labels, including the dot
    /// between them. `is_host_name` is called only if the result depends on it.
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
        // A group without labels has no `*.` patterns, because a host cannot be only a wildcard.
        let is_allowed = self.below.contain(port) || self.parts.allow(front, port);
        is_allowed && is_host_name(front)
    }

    /// Sorts the patterns and ports, which searches require.
    pub(super) fn sort(&mut self) {
        self.itself.sort();
        self.below.sort();
        self.parts.sort();
    }

    /// Returns a pattern that allows a host with `front` before the group's labels, even if `front` is not a host name. Prefers a pattern
    /// that allows the port.
    pub(super) fn nearest(&self, front: &str, port: Option<u16>) -> Option<NearPattern> {
        if front.is_empty() {
            return NearPattern::of(String::new(), &self.itself, port);
        }
        let front = front.strip_suffix('.').unwrap_or(front);
        let inside = self.parts.nearest(front, port);
        let below = NearPattern::of(String::from("*"), &self.below, port);
        // `max_by_key` returns the last of several equal elements: `*.` rather than a `*` inside a label.
        let patterns = [inside, below].into_iter().flatten();
        patterns.max_by_key(|pattern| pattern.port.matches(port))
    }
}
