//! The patterns of one domain: which ports they allow, and which labels in front of it.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::limits;
use crate::origin::pattern::PortPattern;
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
}

/// The ports that are allowed.
#[derive(Clone, Default)]
pub(super) struct Ports {
    any: bool,
    /// The default port, which an origin does not write.
    default: bool,
    /// The others, sorted.
    listed: Vec<u16>,
}

impl Ports {
    pub(super) fn insert(&mut self, port: PortPattern) {
        match port {
            PortPattern::Any => self.any = true,
            PortPattern::Exact(None) => self.default = true,
            PortPattern::Exact(Some(port)) => {
                if let Err(place) = self.listed.binary_search(&port) {
                    self.listed.insert(place, port);
                }
            }
        }
    }

    fn insert_all(&mut self, other: &Self) {
        self.any |= other.any;
        self.default |= other.default;
        for port in &other.listed {
            self.insert(PortPattern::Exact(Some(*port)));
        }
    }

    fn contain(&self, port: Option<u16>) -> bool {
        let is_listed = match port {
            None => self.default,
            Some(port) => self.listed.binary_search(&port).is_ok(),
        };
        self.any || is_listed
    }
}

/// The patterns of a group with a `*` inside their first label, by their shape: the lengths of what stands before and
/// behind the `*`. A label is looked up once per shape, and [`limits::LABEL_SHAPES`] bounds those.
#[derive(Clone, Default)]
pub(super) struct Parts {
    shapes: Vec<(usize, Vec<Part>)>,
}

#[derive(Clone)]
struct Part {
    prefix: Box<str>,
    suffix: Box<str>,
    ports: Ports,
}

impl Part {
    fn key(&self) -> (&str, &str) {
        (&self.prefix, &self.suffix)
    }
}

impl Parts {
    pub(super) fn insert(
        &mut self,
        prefix: &str,
        suffix: &str,
        port: PortPattern,
    ) -> Result<(), TooManyShapes> {
        let is_of_shape =
            |part: &Part| part.prefix.len() == prefix.len() && part.suffix.len() == suffix.len();
        let known = self
            .shapes
            .iter()
            .position(|(_, parts)| parts.first().is_some_and(is_of_shape));
        let known = match known {
            Some(known) => known,
            None if self.shapes.len() == limits::LABEL_SHAPES => return Err(TooManyShapes),
            None => {
                self.shapes.push((prefix.len(), Vec::new()));
                self.shapes.len() - 1
            }
        };
        if let Some((_, parts)) = self.shapes.get_mut(known) {
            let mut ports = Ports::default();
            ports.insert(port);
            parts.push(Part {
                prefix: prefix.into(),
                suffix: suffix.into(),
                ports,
            });
        }
        Ok(())
    }

    /// Sorts what was inserted, for the search in [`allow`](Self::allow).
    pub(super) fn sort(&mut self) {
        for (_, parts) in &mut self.shapes {
            parts.sort_by(|one, other| one.key().cmp(&other.key()));
            parts.dedup_by(|later, first| {
                let is_same = later.key() == first.key();
                if is_same {
                    first.ports.insert_all(&later.ports);
                }
                is_same
            });
        }
    }

    /// Returns true if one allows what stands in front of the group's labels.
    fn allow(&self, front: &[u8], port: Option<u16>) -> bool {
        self.shapes.iter().any(|(prefix_length, parts)| {
            let suffix_length = parts.first().map_or(0, |part| part.suffix.len());
            let suffix_start = front.len().saturating_sub(suffix_length);
            let covered = front.get(*prefix_length..suffix_start).unwrap_or_default();
            if covered.is_empty() {
                return false;
            }
            let prefix = front.get(..*prefix_length).unwrap_or_default();
            let suffix = front.get(suffix_start..).unwrap_or_default();
            let place = parts.binary_search_by(|part| {
                compare(part.prefix.as_bytes(), prefix)
                    .then_with(|| compare(part.suffix.as_bytes(), suffix))
            });
            place
                .ok()
                .and_then(|place| parts.get(place))
                .is_some_and(|part| part.ports.contain(port))
                // A `*` inside a label stands for a part of it, and not for several.
                && !covered.contains(&b'.')
        })
    }
}

/// As `cmp` does, of texts of the same length. Most suffixes are empty, and it costs some processors more to look at nothing
/// at a place where nothing can be, than at anything else.
fn compare(one: &[u8], other: &[u8]) -> Ordering {
    if one.is_empty() {
        Ordering::Equal
    } else {
        one.cmp(other)
    }
}

/// A group has patterns of more than [`limits::LABEL_SHAPES`] shapes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooManyShapes;
