//! The ports that the patterns of a group allow.

use alloc::vec::Vec;

use crate::origin::wildcard_pattern::PortPattern;

/// A set of ports.
#[derive(Clone, Default)]
pub(super) struct Ports {
    any: bool,
    /// The default port, which origins omit.
    default: bool,
    /// The other ports. [`sort`](Self::sort) sorts them after the last is inserted.
    listed: Vec<u16>,
}

impl Ports {
    pub(super) fn insert(&mut self, port: PortPattern) {
        match port {
            PortPattern::Any => self.any = true,
            PortPattern::Exact(None) => self.default = true,
            PortPattern::Exact(Some(port)) => self.listed.push(port),
        }
    }

    pub(super) fn insert_all(&mut self, other: &Self) {
        self.any |= other.any;
        self.default |= other.default;
        self.listed.extend_from_slice(&other.listed);
    }

    /// Sorts the ports for the binary search in [`contain`](Self::contain).
    pub(super) fn sort(&mut self) {
        self.listed.sort_unstable();
        self.listed.dedup();
    }

    #[inline]
    pub(super) fn contain(&self, port: Option<u16>) -> bool {
        let is_listed = match port {
            None => self.default,
            Some(port) => self.listed.binary_search(&port).is_ok(),
        };
        self.any || is_listed
    }

    /// Returns a port pattern that matches `port`, or else any other port pattern. Returns `None` if the set is empty.
    pub(super) fn nearest(&self, port: Option<u16>) -> Option<PortPattern> {
        if self.any {
            return Some(PortPattern::Any);
        }
        let exact = PortPattern::Exact;
        if self.contain(port) {
            return Some(exact(port));
        }
        if self.default {
            return Some(exact(None));
        }
        self.listed.first().map(|port| exact(Some(*port)))
    }
}
