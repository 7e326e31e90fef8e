use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::convert::Infallible;

use super::Origin;
use super::hash::hash;
use super::parse::HostKind;
use super::pattern::{HostPattern, PortPattern, WildPattern};
use super::table::{self, Placed, Slot, Table, Unplaced};
use crate::limits;

/// Patterns with a wild card, grouped by their scheme and what follows the wild card, so that an origin is looked up
/// with one probe per number of labels that occurs among them.
///
/// A look-up walks the host from its last label to its first and extends one hash as it goes, at the labels where some
/// pattern begins, so that it costs the length of the host, however many patterns there are and however they are nested.
#[derive(Clone)]
pub(super) struct WildSet {
    groups: Box<[Group]>,
    table: Table<GroupIndex>,
    seed: u64,
    /// Bit `n` is set if a group has `n` labels, addresses apart. A host has 127 at most.
    label_counts: u128,
}

/// An index into `groups`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct GroupIndex(u32);

impl Slot for GroupIndex {
    const FREE: Self = Self(u32::MAX);

    fn is_free(self) -> bool {
        self == Self::FREE
    }
}

/// All patterns with the same scheme and the same labels behind their wild card.
#[derive(Clone)]
struct Group {
    hash: u64,
    scheme: Box<str>,
    /// The group's labels without those of its parent.
    labels: Box<str>,
    /// The group with the most labels that are the last of this group's, too. An origin that lies in this group lies
    /// in that one, and has been found to when this one is looked at: only `labels` is left to compare.
    parent: Option<GroupIndex>,
    /// For `host:*`, where the labels are the whole host.
    itself: Ports,
    /// For `*.labels`.
    below: Ports,
    /// For `part-*.labels`.
    parts: Parts,
}

impl WildSet {
    pub(super) fn contains(&self, origin: &Origin<'_>) -> bool {
        if self.groups.is_empty() {
            return false;
        }
        let host = origin.host_bytes();
        let mut search = Search {
            set: self,
            origin,
            host,
            hash: hash(self.seed, origin.scheme_bytes()),
            start: host.len(),
            found: None,
        };
        if origin.kind() == HostKind::Ip {
            return search.admits_from(0);
        }
        walk(host, self.label_counts, |start| search.admits_from(start))
    }

    fn groups_with(&self, hash: u64) -> impl Iterator<Item = (GroupIndex, &Group)> {
        let group = |index: GroupIndex| Some((index, self.groups.get(index.0 as usize)?));
        self.table
            .run(hash)
            .filter_map(group)
            .filter(move |(_, group)| group.hash == hash)
    }
}

/// Visits the places of a host where as many last labels begin as some group has, from the fewest on, until a visit returns
/// true; false if none does.
fn walk(host: &[u8], label_counts: u128, mut visit: impl FnMut(usize) -> bool) -> bool {
    // Its lowest bit stands for the labels passed so far.
    let mut left = label_counts;
    let mut start = host.len();
    if left & 1 == 1 && visit(start) {
        return true;
    }
    // By hand, since labels are short: a search made for long texts takes longer to begin than this to end.
    for byte in host.iter().rev() {
        if *byte == b'.' {
            left >>= 1;
            if left & 1 == 1 && visit(start) {
                return true;
            }
            if left <= 1 {
                return false;
            }
        }
        start -= 1;
    }
    !host.is_empty() && left >> 1 & 1 == 1 && visit(0)
}

/// The walk along one host.
struct Search<'a> {
    set: &'a WildSet,
    origin: &'a Origin<'a>,
    host: &'a [u8],
    /// Of the scheme and the host from `start` on.
    hash: u64,
    start: usize,
    /// The group found last, and where in the host its labels start.
    found: Option<(GroupIndex, usize)>,
}

impl Search<'_> {
    /// Looks for the group whose labels are the host from `start` on; true if one of its patterns admits the origin.
    fn admits_from(&mut self, start: usize) -> bool {
        let part = self.host.get(start..self.start).unwrap_or_default();
        self.hash = hash(self.hash, part);
        self.start = start;
        let end = self.found.map_or(self.host.len(), |(_, start)| start);
        let labels = self.host.get(start..end).unwrap_or_default();
        let parent = self.found.map(|(group, _)| group);
        let scheme = self.origin.scheme_bytes();
        let group = self.set.groups_with(self.hash).find(|(_, group)| {
            group.parent == parent
                && group.labels.as_bytes() == labels
                && (parent.is_some() || group.scheme.as_bytes() == scheme)
        });
        let Some((index, group)) = group else {
            return false;
        };
        self.found = Some((index, start));
        group.admits(self.host.get(..start).unwrap_or_default(), self.origin)
    }
}

impl Group {
    /// `front` is what stands in front of the group's labels, its dot included.
    fn admits(&self, front: &[u8], origin: &Origin<'_>) -> bool {
        let port = origin.port();
        if front.is_empty() {
            return self.itself.contain(port);
        }
        if origin.kind() != HostKind::HostName {
            return false;
        }
        let front = front.strip_suffix(b".").unwrap_or(front);
        // A group without labels has no `*.` patterns: that would be a host that is a wild card alone.
        self.below.contain(port) || (!front.contains(&b'.') && self.parts.admit(front, port))
    }
}

/// The ports that are allowed.
#[derive(Clone, Default)]
struct Ports {
    any: bool,
    /// Sorted; 0, which no origin has, is the default port, left out.
    listed: Vec<u16>,
}

impl Ports {
    fn insert(&mut self, port: PortPattern) {
        match port {
            PortPattern::Any => self.any = true,
            PortPattern::Exact(port) => {
                if let Err(place) = self.listed.binary_search(&port.unwrap_or(0)) {
                    self.listed.insert(place, port.unwrap_or(0));
                }
            }
        }
    }

    fn contain(&self, port: Option<u16>) -> bool {
        self.any || self.listed.binary_search(&port.unwrap_or(0)).is_ok()
    }
}

/// The patterns of a group with a `*` inside their first label, by their shape: the lengths of what stands before and
/// behind the `*`. A label is looked up once per shape, and [`limits::LABEL_SHAPES`] bounds those.
#[derive(Clone, Default)]
struct Parts {
    shapes: Vec<(usize, Vec<Part>)>,
}

#[derive(Clone)]
struct Part {
    prefix: Box<str>,
    suffix: Box<str>,
    ports: Ports,
}

impl Parts {
    fn insert(
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
        let Some((_, parts)) = self.shapes.get_mut(known) else {
            return Ok(());
        };
        let place = match parts
            .binary_search_by(|part| (&*part.prefix, &*part.suffix).cmp(&(prefix, suffix)))
        {
            Ok(place) => place,
            Err(place) => {
                parts.insert(
                    place,
                    Part {
                        prefix: prefix.into(),
                        suffix: suffix.into(),
                        ports: Ports::default(),
                    },
                );
                place
            }
        };
        if let Some(part) = parts.get_mut(place) {
            part.ports.insert(port);
        }
        Ok(())
    }

    fn admit(&self, label: &[u8], port: Option<u16>) -> bool {
        self.shapes.iter().any(|(prefix_length, parts)| {
            let suffix_length = parts.first().map_or(0, |part| part.suffix.len());
            if label.len() <= prefix_length + suffix_length {
                return false;
            }
            let prefix = label.get(..*prefix_length).unwrap_or_default();
            let suffix = label.get(label.len() - suffix_length..).unwrap_or_default();
            let place = parts.binary_search_by(|part| {
                (part.prefix.as_bytes(), part.suffix.as_bytes()).cmp(&(prefix, suffix))
            });
            place
                .ok()
                .and_then(|place| parts.get(place))
                .is_some_and(|part| part.ports.contain(port))
        })
    }
}

/// A group has patterns of more than [`limits::LABEL_SHAPES`] shapes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooManyShapes;

/// Collects patterns, then links the groups and places them in a table of the right size.
#[derive(Default)]
pub(super) struct WildSetBuilder {
    groups: BTreeMap<Key, Group>,
}

impl WildSetBuilder {
    pub(super) fn insert(&mut self, pattern: &WildPattern<'_>) -> Result<(), TooManyShapes> {
        let labels = match pattern.host {
            HostPattern::Exact(host) | HostPattern::Under(host) => host,
            HostPattern::Part { parent, .. } => parent,
        };
        let group = self
            .groups
            .entry((pattern.scheme.into(), labels.into()))
            .or_insert_with(|| Group {
                hash: 0,
                scheme: pattern.scheme.into(),
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

    pub(super) fn build(self) -> WildSet {
        let keys: Vec<Key> = self.groups.keys().cloned().collect();
        let mut groups: Vec<Group> = self.groups.into_values().collect();
        let mut label_counts = 0;
        for (group, key) in groups.iter_mut().zip(&keys) {
            if !is_ip(&key.1) {
                label_counts |= 1 << label_count(&key.1);
            }
            let parent = parent_of(&keys, key);
            let inherited = parent
                .and_then(|parent| keys.get(parent))
                .map_or(0, |(_, labels)| labels.len());
            group.parent = parent.and_then(GroupIndex::new);
            group.labels = key
                .1
                .get(..key.1.len() - inherited)
                .unwrap_or_default()
                .into();
        }
        let Ok((table, seed)) = table::build(|seed| place(seed, label_counts, &keys, &mut groups));
        WildSet {
            groups: groups.into_boxed_slice(),
            table,
            seed,
            label_counts,
        }
    }
}

/// Scheme and labels of a group.
type Key = (Box<str>, Box<str>);

impl GroupIndex {
    fn new(index: usize) -> Option<Self> {
        u32::try_from(index).ok().map(Self)
    }
}

fn place(
    seed: u64,
    label_counts: u128,
    keys: &[Key],
    groups: &mut [Group],
) -> Result<Table<GroupIndex>, Unplaced<Infallible>> {
    let mut table = Table::with_room_for(groups.len());
    for (index, (group, key)) in groups.iter_mut().zip(keys).enumerate() {
        group.hash = group_hash(seed, label_counts, key);
        let index = GroupIndex::new(index).unwrap_or(GroupIndex::FREE);
        if table.place(group.hash, index, |_| false) == Placed::LongRun {
            return Err(Unplaced::LongRun);
        }
    }
    Ok(table)
}

/// The index of the group of the same scheme with the most labels that this one's labels end with.
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

/// As a look-up hashes a host that ends with these labels.
fn group_hash(seed: u64, label_counts: u128, (scheme, labels): &Key) -> u64 {
    let mut state = hash(seed, scheme.as_bytes());
    if is_ip(labels) {
        return hash(state, labels.as_bytes());
    }
    let labels = labels.as_bytes();
    let mut end = labels.len();
    walk(labels, label_counts, |start| {
        state = hash(state, labels.get(start..end).unwrap_or_default());
        end = start;
        false
    });
    state
}

/// Addresses are looked up whole: their dots separate nothing that is owned by different people.
fn is_ip(labels: &str) -> bool {
    labels.starts_with('[') || labels.rsplit('.').next().is_some_and(super::ip::is_number)
}

/// Of a name.
fn label_count(labels: &str) -> usize {
    if labels.is_empty() {
        0
    } else {
        labels.split('.').count()
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use super::super::OriginPattern;
    use super::super::pattern::PatternKind;
    use super::*;

    fn set_of<'a>(patterns: impl IntoIterator<Item = &'a str>) -> WildSet {
        let mut builder = WildSetBuilder::default();
        for pattern in patterns {
            let PatternKind::Wild(wild) = OriginPattern::parse(pattern).unwrap().kind else {
                panic!("{pattern}")
            };
            builder.insert(&wild).unwrap();
        }
        builder.build()
    }

    /// Origins that are near each other and near the patterns below.
    fn near_misses() -> Vec<String> {
        let mut origins = Vec::new();
        for scheme in ["https", "http", "app"] {
            for host in [
                "com",
                "example.com",
                "a.example.com",
                "b.a.example.com",
                "c.b.a.example.com",
                "xexample.com",
                "pr-1.example.com",
                "pr-.example.com",
                "pr-1-web.a.example.com",
                "x.pr-1.example.com",
                "a_b.example.com",
                "-a.example.com",
                "pr-_.example.com",
                "localhost",
                "x.localhost",
                "dev-1",
                "dev-",
                "127.0.0.1",
                "[::1]",
                "example.com.evil.test",
            ] {
                for port in ["", ":8080", ":8443", ":1"] {
                    origins.push(format!("{scheme}://{host}{port}"));
                }
            }
        }
        origins
    }

    #[test]
    fn the_set_admits_what_one_of_its_patterns_admits() {
        let patterns = [
            "https://*.example.com",
            "https://*.example.com:8443",
            "https://*.a.example.com:8080",
            "https://*.b.a.example.com",
            "https://example.com:*",
            "http://*.com:1",
            "https://pr-*.example.com:*",
            "https://pr-*-web.a.example.com:*",
            "https://*-web.a.example.com",
            "http://localhost:*",
            "http://*.localhost:*",
            "http://127.0.0.1:*",
            "http://[::1]:*",
            "http://dev-*",
            "app://*.example.com:*",
        ];
        // Some subsets of three, and all of them.
        let mut subsets = Vec::from([patterns.to_vec()]);
        for (index, one) in patterns.iter().enumerate() {
            for other in &patterns[..index] {
                subsets.push(Vec::from([
                    *one,
                    *other,
                    patterns[(index * 7) % patterns.len()],
                ]));
            }
        }
        if cfg!(miri) {
            subsets.truncate(3);
        }
        let near_misses = near_misses();
        for subset in subsets {
            let set = set_of(subset.iter().copied());
            let patterns: Vec<_> = subset
                .iter()
                .map(|pattern| OriginPattern::parse(pattern).unwrap())
                .collect();
            // Seven and the number of ports have no common factor, so that each occurs.
            for text in near_misses.iter().step_by(if cfg!(miri) { 7 } else { 1 }) {
                let Ok(origin) = Origin::parse(text.as_bytes()) else {
                    continue;
                };
                let expected = patterns.iter().any(|pattern| pattern.matches(&origin));
                assert_eq!(set.contains(&origin), expected, "{text} {subset:?}");
            }
        }
    }

    #[test]
    fn a_group_compares_only_what_its_parent_has_not() {
        let set = set_of([
            "https://*.example.com",
            "https://*.c.b.a.example.com",
            "https://*.com",
            "http://*.b.com",
        ]);
        let mut own: Vec<(&str, bool)> = set
            .groups
            .iter()
            .map(|group| (&*group.labels, group.parent.is_some()))
            .collect();
        own.sort_unstable();
        assert_eq!(
            own,
            [
                ("b.com", false),
                ("c.b.a.", true),
                ("com", false),
                ("example.", true)
            ]
        );
    }

    #[test]
    fn one_label_more_shapes_than_the_limit_are_too_many() {
        let mut builder = WildSetBuilder::default();
        let mut insert = |length: usize| {
            let pattern = format!("https://{}*.example.com", "a".repeat(length));
            let PatternKind::Wild(wild) = OriginPattern::parse(&pattern).unwrap().kind else {
                panic!("{pattern}")
            };
            builder.insert(&wild)
        };
        for length in 1..=limits::LABEL_SHAPES {
            insert(length).unwrap();
        }
        insert(1).unwrap();
        assert_eq!(insert(limits::LABEL_SHAPES + 1), Err(TooManyShapes));
    }
}
