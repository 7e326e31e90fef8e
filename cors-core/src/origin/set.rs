use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::OriginPattern;
use super::exact::{ExactSet, ExactSetBuilder};
use super::host_index::HostIndex;
use super::pattern::{PatternKind, domain_of};
use super::wild::{WildSet, WildSetBuilder};

/// The patterns of a policy, compiled for lookup.
///
/// An exact origin costs one hash of its bytes and one comparison, however many there are, and takes 27 bytes beyond
/// its text. Patterns with a wildcard cost at most one lookup in a table per distinct length of the labels behind it. Looking up
/// allocates nothing, and takes time bounded by the length of the origin.
///
/// A set is made from a policy: [`Policy::origins`](crate::Policy::origins).
#[derive(Clone)]
pub struct OriginSet {
    exact: ExactSet,
    pub(super) wild: WildSet,
    /// The wild patterns as they were written.
    wild_patterns: Box<[Box<str>]>,
    /// The hosts of the exact origins, by their offsets.
    exact_hosts: HostIndex,
    /// The domains of the wild patterns, by their indices.
    wild_domains: HostIndex,
}

impl OriginSet {
    /// Returns true if one of the patterns allows the origin that is spelled by `bytes`.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://foo.com", "https://*.bar.com"]).build()?;
    /// let origins = policy.origins().unwrap();
    /// assert!(origins.contains(b"https://foo.com"));
    /// assert!(origins.contains(b"https://a.bar.com"));
    /// assert!(!origins.contains(b"https://barfoo.com"));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn contains(&self, bytes: &[u8]) -> bool {
        // What is in the exact set has been parsed when the set was built: no need to parse it again.
        self.exact.contains(bytes) || self.wild.contains(bytes)
    }

    /// Returns the patterns: the exact ones in the order in which they were listed, then those with a wildcard.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.exact_patterns().chain(self.wild_patterns())
    }

    /// Returns the number of patterns, each counted once.
    pub fn len(&self) -> usize {
        self.exact_len() + self.wild_patterns.len()
    }

    /// Returns the number of exact origins.
    pub(crate) fn exact_len(&self) -> usize {
        self.exact.len()
    }

    /// Returns true if the set is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the bytes of memory that the exact origins take beyond their text.
    pub fn exact_overhead(&self) -> usize {
        self.exact.overhead() + self.exact_hosts.size()
    }

    /// Returns the first exact origin with this host.
    pub(crate) fn exact_with_host(&self, host: &str) -> Option<&str> {
        let host_at = |offset| domain_of(self.exact.member_at(offset));
        let offset = self.exact_hosts.find(host.as_bytes(), host_at)?;
        core::str::from_utf8(self.exact.member_at(offset)).ok()
    }

    /// Returns the first pattern with a wildcard that has this domain: its host, or the labels after the one with the `*`.
    pub(crate) fn wild_with_domain(&self, domain: &str) -> Option<&str> {
        let domain_at = |index| domain_of(wild_pattern(&self.wild_patterns, index));
        let index = self.wild_domains.find(domain.as_bytes(), domain_at)?;
        self.wild_patterns.get(index as usize).map(|text| &**text)
    }

    /// Returns true if the domain of a pattern may have so many bytes.
    pub(crate) fn has_domain_of_length(&self, length: usize) -> bool {
        self.exact_hosts.has_length(length) || self.wild_domains.has_length(length)
    }

    /// Returns true if the exact origin spelled by `bytes` is a member, without parsing, since members are well-formed.
    pub(crate) fn contains_exact(&self, bytes: &[u8]) -> bool {
        self.exact.contains(bytes)
    }

    /// Returns the exact origins, in the order in which they were listed.
    pub(crate) fn exact_patterns(&self) -> impl Iterator<Item = &str> {
        let texts = self.exact.iter();
        texts.map(|text| core::str::from_utf8(text).unwrap_or_default())
    }

    pub(crate) fn wild_patterns(&self) -> impl Iterator<Item = &str> {
        self.wild_patterns.iter().map(|text| &**text)
    }
}

impl core::fmt::Debug for OriginSet {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // A million of them would help nobody.
        f.debug_struct("OriginSet")
            .field("exact", &self.exact.len())
            .field("wild", &self.wild_patterns)
            .finish_non_exhaustive()
    }
}

/// Why a pattern does not go into a set.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// More than 4 GiB of text.
    Text,
    /// More than [`limits::LABEL_SHAPES`](crate::limits::LABEL_SHAPES) shapes of part labels under one domain.
    Shapes,
}

#[derive(Default)]
pub(crate) struct OriginSetBuilder {
    exact: ExactSetBuilder,
    wild: WildSetBuilder,
    wild_patterns: Vec<Box<str>>,
    known: BTreeSet<Box<str>>,
}

impl OriginSetBuilder {
    /// Adds a pattern, which is not `*`: a set does not hold "any origin".
    pub(crate) fn insert(&mut self, pattern: &OriginPattern<'_>) -> Result<(), Full> {
        match pattern.kind {
            PatternKind::Any => Ok(()),
            PatternKind::Exact(_) => self
                .exact
                .insert(pattern.as_str().as_bytes())
                .map_err(|_| Full::Text),
            PatternKind::Scheme(scheme) => {
                self.wild.insert_scheme(scheme);
                self.insert_wild_pattern(pattern.as_str());
                Ok(())
            }
            PatternKind::Wild(wild) => {
                self.wild.insert(&wild).map_err(|_| Full::Shapes)?;
                self.insert_wild_pattern(pattern.as_str());
                Ok(())
            }
        }
    }

    fn insert_wild_pattern(&mut self, pattern: &str) {
        if self.known.insert(pattern.into()) {
            self.wild_patterns.push(pattern.into());
        }
    }

    pub(crate) fn build(self) -> OriginSet {
        let exact = self.exact.build();
        let wild_patterns = self.wild_patterns.into_boxed_slice();
        OriginSet {
            exact_hosts: index_exact(&exact),
            exact,
            wild: self.wild.build(),
            wild_domains: index_wild(&wild_patterns),
            wild_patterns,
        }
    }
}

fn index_exact(exact: &ExactSet) -> HostIndex {
    let hosts = || {
        let members = exact.iter_with_offsets();
        let hosts = members.map(|(offset, member)| (offset, domain_of(member)));
        // `null` has none.
        hosts.filter(|(_, host)| !host.is_empty())
    };
    HostIndex::new(hosts, |offset| domain_of(exact.member_at(offset)))
}

fn index_wild(patterns: &[Box<str>]) -> HostIndex {
    let domains = || {
        let patterns = (0_u32..).zip(patterns);
        let domains = patterns.map(|(index, pattern)| (index, domain_of(pattern.as_bytes())));
        // A pattern for hosts of one label has none.
        domains.filter(|(_, domain)| !domain.is_empty())
    };
    HostIndex::new(domains, |index| domain_of(wild_pattern(patterns, index)))
}

fn wild_pattern(patterns: &[Box<str>], index: u32) -> &[u8] {
    let pattern = patterns.get(index as usize);
    pattern.map_or(&[], |pattern| pattern.as_bytes())
}
