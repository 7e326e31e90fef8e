use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::OriginPattern;
use super::exact::{ExactSet, ExactSetBuilder};
use super::host_index::HostIndex;
use super::pattern::{PatternKind, domain_of};
use super::wildcard::{WildcardSet, WildcardSetBuilder};

/// The compiled origin patterns of a policy, returned by [`Policy::origins`](crate::Policy::origins).
///
/// A search takes time bounded by the length of the origin and allocates nothing:
///
/// * Exact origins take one hash and one comparison, whatever their number. Each uses 21 bytes of memory in addition to its text: 11.4 in
///   the set, and 9.4 in an index of hosts, which finds similar origins for [explanations](crate::Policy::explain).
/// * Patterns with a wildcard take at most one table lookup for each distinct length of the labels after the wildcard.
///
/// ```
/// use omnicors_core::PolicyConfig;
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let origins = policy.origins().expect("the policy does not allow any origin");
/// assert!(origins.contains(b"https://example.com"));
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone)]
pub struct OriginSet {
    exact: ExactSet,
    pub(super) wildcard: WildcardSet,
    /// The text of the patterns with a wildcard.
    wildcard_patterns: Box<[Box<str>]>,
    /// Finds the offset of an exact origin by its host.
    exact_hosts: HostIndex,
    /// Finds the index of a pattern with a wildcard by its domain.
    wildcard_domains: HostIndex,
}

impl OriginSet {
    /// Returns true if one of the patterns allows the origin `bytes`. Returns false for bytes that are not a valid origin.
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
    #[inline]
    pub fn contains(&self, bytes: &[u8]) -> bool {
        // The members of `exact` were parsed when the set was built, so bytes that equal one need not be parsed.
        self.exact.contains(bytes)
            || (!self.wildcard_patterns.is_empty() && self.wildcard.contains(bytes))
    }

    /// Returns the patterns: first the exact origins, then the patterns with a wildcard, each in the order of the policy.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://*.bar.com", "https://foo.com"]).build()?;
    /// let origins = policy.origins().unwrap();
    /// assert!(origins.patterns().eq(["https://foo.com", "https://*.bar.com"]));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.exact_patterns().chain(self.wildcard_patterns())
    }

    /// Returns the number of distinct patterns.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://foo.com", "https://foo.com"]).build()?;
    /// assert_eq!(policy.origins().unwrap().len(), 1);
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn len(&self) -> usize {
        self.exact_len() + self.wildcard_patterns.len()
    }

    /// Returns the number of exact origins.
    pub(crate) fn exact_len(&self) -> usize {
        self.exact.len()
    }

    /// Returns true if the set contains no pattern, as in a policy that only looks origins up.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// assert!(policy.origins().unwrap().is_empty());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the number of bytes that the exact origins use in addition to their text.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let tenants = (0..1_000).map(|number| format!("https://tenant-{number}.example"));
    /// let policy = PolicyConfig::new().allow_origins(tenants).build()?;
    /// assert!(policy.origins().unwrap().exact_overhead() < 22_000);
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
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
    pub(crate) fn wildcard_with_domain(&self, domain: &str) -> Option<&str> {
        let domain_at = |index| domain_of(wildcard_pattern(&self.wildcard_patterns, index));
        let index = self.wildcard_domains.find(domain.as_bytes(), domain_at)?;
        self.wildcard_patterns
            .get(index as usize)
            .map(|text| &**text)
    }

    /// Returns false if no pattern has a domain of `length` bytes.
    pub(crate) fn has_domain_of_length(&self, length: usize) -> bool {
        self.exact_hosts.has_length(length) || self.wildcard_domains.has_length(length)
    }

    /// Returns true if `bytes` is one of the exact origins.
    pub(crate) fn contains_exact(&self, bytes: &[u8]) -> bool {
        self.exact.contains(bytes)
    }

    /// Returns the exact origins, in the order of the policy.
    pub(crate) fn exact_patterns(&self) -> impl Iterator<Item = &str> {
        let texts = self.exact.iter();
        texts.map(|text| core::str::from_utf8(text).unwrap_or_default())
    }

    pub(crate) fn wildcard_patterns(&self) -> impl Iterator<Item = &str> {
        self.wildcard_patterns.iter().map(|text| &**text)
    }
}

impl core::fmt::Debug for OriginSet {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // The set can have a million exact origins, so only their number is printed.
        f.debug_struct("OriginSet")
            .field("exact", &self.exact.len())
            .field("wildcard", &self.wildcard_patterns)
            .finish_non_exhaustive()
    }
}

/// The reason why a pattern cannot be added to a set.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum OriginSetError {
    /// The texts of all patterns would be longer than 4 GiB.
    TooMuchText,
    /// The patterns of one domain would have more than [`limits::LABEL_SHAPES`](crate::limits::LABEL_SHAPES) shapes.
    TooManyShapes,
}

#[derive(Default)]
pub(crate) struct OriginSetBuilder {
    exact: ExactSetBuilder,
    wildcard: WildcardSetBuilder,
    wildcard_patterns: Vec<Box<str>>,
    known: BTreeSet<Box<str>>,
}

impl OriginSetBuilder {
    /// Adds a pattern. Ignores `*`, which a set cannot contain.
    pub(crate) fn insert(&mut self, pattern: &OriginPattern<'_>) -> Result<(), OriginSetError> {
        match pattern.kind {
            PatternKind::Any => Ok(()),
            PatternKind::Exact(_) => self
                .exact
                .insert(pattern.as_str().as_bytes())
                .map_err(|_| OriginSetError::TooMuchText),
            PatternKind::Scheme(scheme) => {
                self.wildcard.insert_scheme(scheme);
                self.insert_wildcard_pattern(pattern.as_str());
                Ok(())
            }
            PatternKind::Wildcard(wildcard) => {
                self.wildcard
                    .insert(&wildcard)
                    .map_err(|_| OriginSetError::TooManyShapes)?;
                self.insert_wildcard_pattern(pattern.as_str());
                Ok(())
            }
        }
    }

    fn insert_wildcard_pattern(&mut self, pattern: &str) {
        if self.known.insert(pattern.into()) {
            self.wildcard_patterns.push(pattern.into());
        }
    }

    pub(crate) fn build(self) -> OriginSet {
        let exact = self.exact.build();
        let wildcard_patterns = self.wildcard_patterns.into_boxed_slice();
        OriginSet {
            exact_hosts: index_exact(&exact),
            exact,
            wildcard: self.wildcard.build(),
            wildcard_domains: index_wildcard(&wildcard_patterns),
            wildcard_patterns,
        }
    }
}

fn index_exact(exact: &ExactSet) -> HostIndex {
    let hosts = || {
        let members = exact.iter_with_offsets();
        let hosts = members.map(|(offset, member)| (offset, domain_of(member)));
        // `null` has no host.
        hosts.filter(|(_, host)| !host.is_empty())
    };
    HostIndex::new(exact.len(), hosts, |offset| {
        domain_of(exact.member_at(offset))
    })
}

fn index_wildcard(patterns: &[Box<str>]) -> HostIndex {
    let domains = || {
        let patterns = (0_u32..).zip(patterns);
        let domains = patterns.map(|(index, pattern)| (index, domain_of(pattern.as_bytes())));
        // A pattern such as `http://dev-*` has no domain.
        domains.filter(|(_, domain)| !domain.is_empty())
    };
    HostIndex::new(patterns.len(), domains, |index| {
        domain_of(wildcard_pattern(patterns, index))
    })
}

fn wildcard_pattern(patterns: &[Box<str>], index: u32) -> &[u8] {
    let pattern = patterns.get(index as usize);
    pattern.map_or(&[], |pattern| pattern.as_bytes())
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    fn set_of(count: usize) -> OriginSet {
        let mut builder = OriginSetBuilder::default();
        for number in 0..count {
            let text = format!("https://{number:04}.example");
            builder
                .insert(&OriginPattern::parse(&text).unwrap())
                .unwrap();
        }
        builder.build()
    }

    /// The places of the texts, and two tables of places: by origin and by host.
    #[test]
    fn the_overhead_of_an_origin_is_about_twenty_bytes() {
        let (few, many) = (set_of(800).exact_overhead(), set_of(1600).exact_overhead());
        let each = (many - few) / 800;
        assert!((20..=22).contains(&each), "{each}");
        // The rest does not depend on the number of origins.
        assert!((800 * 20..800 * 22).contains(&few), "{few}");
    }

    #[test]
    fn a_set_is_written_with_the_number_of_its_exact_origins() {
        let set = set_of(3);
        let text = format!("{set:?}");
        assert!(
            text.contains("exact: 3") && !text.contains("https"),
            "{text}"
        );
    }
}
