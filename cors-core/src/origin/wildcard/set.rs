use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

use super::group::{Group, GroupIndex};
use crate::origin::Origin;
use crate::origin::hash::hash;
use crate::origin::host::{HostKind, LONGEST_HOST, ascii, is_host_name};
use crate::origin::table::Table;

/// The compiled patterns with a wildcard. The [module](super) describes the search.
#[derive(Clone)]
pub(crate) struct WildcardSet {
    pub(super) groups: Box<[Group]>,
    pub(super) table: Table<GroupIndex>,
    pub(super) seed: u64,
    /// The hash of `https`, the most frequent scheme.
    pub(super) https: u64,
    /// The distinct lengths of the labels of all groups except IP addresses, in ascending order.
    pub(super) lengths: Box<[u16]>,
    /// The schemes other than `http` and `https` of which any host is allowed, sorted.
    pub(super) schemes: Box<[Box<str>]>,
}

impl WildcardSet {
    /// Returns true if a pattern allows the origin `bytes`.
    pub(in crate::origin) fn contains(&self, bytes: &[u8]) -> bool {
        if self.groups.is_empty() && self.schemes.is_empty() {
            return false;
        }
        let Some(parts) = split(bytes) else {
            return Origin::parse(bytes).is_ok_and(|origin| self.contains_origin(&origin));
        };
        let mut search = self.search(parts.scheme, parts.host, parts.port);
        // Parsing takes longer than the search, so an origin that no pattern allows is not parsed.
        walk(parts.host, &self.lengths, |start| search.allows_from(start))
            && (self.checks_all_of(&parts) || Origin::parse(bytes).is_ok())
    }

    /// Returns true if a pattern allows this origin.
    pub(in crate::origin) fn contains_origin(&self, origin: &Origin<'_>) -> bool {
        if !origin.is_web() {
            return self.contains_scheme(origin.scheme());
        }
        let host = origin.name_bytes();
        let scheme = Some(origin.scheme_bytes()).filter(|scheme| scheme != b"https");
        let mut search = self.search(scheme, host, origin.port());
        search.is_host_name = Some(origin.kind() == HostKind::HostName);
        if origin.kind() == HostKind::Ip {
            return search.allows_from(0);
        }
        walk(host, &self.lengths, |start| search.allows_from(start))
    }

    /// Returns true if any host of a scheme is allowed.
    fn contains_scheme(&self, scheme: &str) -> bool {
        let place = self.schemes.binary_search_by(|known| (**known).cmp(scheme));
        place.is_ok()
    }

    /// Returns a pattern with this scheme that allows the host of the origin. Prefers a pattern that allows the port.
    ///
    /// A `*` matches only if `is_host_name` is true. For a host that is not a host name, pass false to get only patterns that allow it, or
    /// true to get the patterns that do not allow it only for this reason.
    pub(in crate::origin) fn nearest(
        &self,
        scheme: &str,
        origin: &Origin<'_>,
        is_host_name: bool,
    ) -> Option<String> {
        if self.contains_scheme(scheme) {
            return Some(format!("{scheme}://*"));
        }
        let (host, port) = (origin.name(), origin.port());
        let other_scheme = Some(scheme.as_bytes()).filter(|scheme| scheme != b"https");
        let mut search = self.search(other_scheme, host.as_bytes(), port);
        let mut nearest: Option<String> = None;
        let mut visit = |start| {
            let group = search.find_from(start);
            let Some((front, labels)) = host
                .split_at_checked(start)
                .filter(|(front, _)| front.is_empty() || is_host_name)
            else {
                return false;
            };
            let Some(found) = group.and_then(|group| group.nearest(front, port)) else {
                return false;
            };
            let is_right_port = found.port.matches(port);
            if nearest.is_none() || is_right_port {
                let dot = if found.front.is_empty() || labels.is_empty() {
                    ""
                } else {
                    "."
                };
                let text = format!("{scheme}://{}{dot}{labels}{}", found.front, found.port);
                nearest = Some(text);
            }
            is_right_port
        };
        if origin.kind() == HostKind::Ip {
            visit(0);
        } else {
            walk(host.as_bytes(), &self.lengths, visit);
        }
        nearest
    }

    /// Returns true if only valid origins with these parts can be found. A host that ends with a letter and with the labels of a group
    /// is not an IP address, and the search checks that the labels before those of the group are a host name.
    fn checks_all_of(&self, parts: &UncheckedParts<'_>) -> bool {
        let has_group_without_labels = self.lengths.first() == Some(&0);
        parts.scheme.is_none() && parts.port.is_none() && !has_group_without_labels
    }

    fn search<'a>(
        &'a self,
        scheme: Option<&'a [u8]>,
        host: &'a [u8],
        port: Option<u16>,
    ) -> Search<'a> {
        Search {
            set: self,
            scheme,
            host,
            port,
            hash: scheme.map_or(self.https, |scheme| hash(self.seed, scheme)),
            start: host.len(),
            found: None,
            is_host_name: None,
        }
    }

    fn groups_with(&self, hash: u64) -> impl Iterator<Item = (GroupIndex, &Group)> {
        let group = |index: GroupIndex| Some((index, index.get(&self.groups)?));
        self.table
            .run(hash)
            .filter_map(group)
            .filter(move |(_, group)| group.hash == hash)
    }
}

/// The parts of an `http` or `https` origin whose host ends with a letter. They are not checked.
struct UncheckedParts<'a> {
    /// `None` for `https`.
    scheme: Option<&'a [u8]>,
    host: &'a [u8],
    port: Option<u16>,
}

/// Splits an origin whose host ends with a letter. Returns `None` for other origins, IP addresses among them.
fn split(bytes: &[u8]) -> Option<UncheckedParts<'_>> {
    let (scheme, authority) = match bytes.strip_prefix(b"https://") {
        Some(authority) => (None, authority),
        None => (Some(b"http".as_slice()), bytes.strip_prefix(b"http://")?),
    };
    let last_digits = authority
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit());
    let (rest, digits) = authority.split_at_checked(authority.len() - last_digits.count())?;
    let (host, port) = if digits.is_empty() {
        (authority, None)
    } else {
        (rest.strip_suffix(b":")?, Some(ascii(digits).parse().ok()?))
    };
    let ends_with_letter = host.last().is_some_and(u8::is_ascii_lowercase);
    let parts = UncheckedParts { scheme, host, port };
    (ends_with_letter && host.len() <= LONGEST_HOST).then_some(parts)
}

/// Visits each place in a host where a label begins and from which the rest of the host has one of the lengths. The lengths must be in
/// ascending order.
///
/// Stops and returns true when a visit returns true. Otherwise returns false.
pub(super) fn walk(host: &[u8], lengths: &[u16], mut visit: impl FnMut(usize) -> bool) -> bool {
    for length in lengths {
        let Some(start) = host.len().checked_sub((*length).into()) else {
            // This length and all following ones exceed the host.
            return false;
        };
        let front = host.get(..start).unwrap_or_default();
        let begins_label = *length == 0 || matches!(front, [] | [.., b'.']);
        if begins_label && visit(start) {
            return true;
        }
    }
    false
}

/// A search along one host.
struct Search<'a> {
    set: &'a WildcardSet,
    /// `None` for `https`.
    scheme: Option<&'a [u8]>,
    host: &'a [u8],
    port: Option<u16>,
    /// The hash of the scheme and of the host from `start` to its end.
    hash: u64,
    start: usize,
    /// The last group that was found, and the place in the host where its labels start.
    found: Option<(GroupIndex, usize)>,
    /// Whether the part of the host before the labels of the first group is a host name; `None` until it is checked. If it is, so is the
    /// part before the labels of any later group, because that is shorter.
    is_host_name: Option<bool>,
}

impl<'a> Search<'a> {
    /// Finds the group whose labels are the host from `start` to its end. Returns true if one of its patterns allows the origin.
    fn allows_from(&mut self, start: usize) -> bool {
        let Some(group) = self.find_from(start) else {
            return false;
        };
        let front = self.host.get(..start).unwrap_or_default();
        let is_host_name =
            |front: &[u8]| *self.is_host_name.get_or_insert_with(|| is_host_name(front));
        group.allows(front, self.port, is_host_name)
    }

    /// Returns the group whose labels are the host from `start` to its end.
    #[expect(clippy::inline_always, reason = "saves 12 instructions per request")]
    #[inline(always)]
    fn find_from(&mut self, start: usize) -> Option<&'a Group> {
        let part = self.host.get(start..self.start).unwrap_or_default();
        self.hash = hash(self.hash, part);
        self.start = start;
        let end = self.found.map_or(self.host.len(), |(_, start)| start);
        let labels = self.host.get(start..end).unwrap_or_default();
        let parent = self.found.map(|(group, _)| group);
        let group = self.set.groups_with(self.hash).find(|(_, group)| {
            group.parent == parent
                && group.labels.as_bytes() == labels
                && (parent.is_some() || group.scheme.as_deref().map(str::as_bytes) == self.scheme)
        });
        let (index, group) = group?;
        self.found = Some((index, start));
        Some(group)
    }
}
