use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::exact::{ExactSet, ExactSetBuilder};
use super::pattern::PatternKind;
use super::wild::{WildSet, WildSetBuilder};
use super::{Origin, OriginPattern};

/// The patterns of a policy, compiled for lookup.
///
/// An exact origin costs one hash of its bytes and one comparison, however many there are, and takes 16 bytes beyond
/// its text. Patterns with a wildcard cost at most one lookup in a table per distinct length of the labels behind it. Looking up
/// allocates nothing, and takes time bounded by the length of the origin.
///
/// A set is made from a policy: [`Policy::origins`](crate::Policy::origins).
#[derive(Clone)]
pub struct OriginSet {
    exact: ExactSet,
    wild: WildSet,
    /// The wild patterns as they were written.
    wild_patterns: Box<[Box<str>]>,
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
        let exact = self
            .exact
            .iter()
            .map(|text| core::str::from_utf8(text).unwrap_or_default());
        exact.chain(self.wild_patterns.iter().map(|text| &**text))
    }

    /// Returns the patterns in any order, without sorting a million to show a few.
    pub(crate) fn patterns_unordered(&self) -> impl Iterator<Item = &str> {
        let exact = self
            .exact
            .iter_unordered()
            .map(|text| core::str::from_utf8(text).unwrap_or_default());
        self.wild_patterns().chain(exact)
    }

    /// Returns the number of patterns, each counted once.
    pub fn len(&self) -> usize {
        self.exact.len() + self.wild_patterns.len()
    }

    /// Returns true if the set is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the bytes of memory that the exact origins take beyond their text.
    pub fn exact_overhead(&self) -> usize {
        self.exact.overhead()
    }

    /// Returns true if the exact origin spelled by `bytes` is a member, without parsing, since members are well-formed.
    pub(crate) fn contains_exact(&self, bytes: &[u8]) -> bool {
        self.exact.contains(bytes)
    }

    /// Returns true if a pattern with a wildcard allows this origin.
    pub(crate) fn contains_wild(&self, origin: &Origin<'_>) -> bool {
        self.wild.contains_origin(origin)
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
            .finish()
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
            PatternKind::Null | PatternKind::Exact(_) => self
                .exact
                .insert(pattern.as_str().as_bytes())
                .map_err(|_| Full::Text),
            PatternKind::Wild(wild) => {
                self.wild.insert(&wild).map_err(|_| Full::Shapes)?;
                if self.known.insert(pattern.as_str().into()) {
                    self.wild_patterns.push(pattern.as_str().into());
                }
                Ok(())
            }
        }
    }

    pub(crate) fn build(self) -> OriginSet {
        OriginSet {
            exact: self.exact.build(),
            wild: self.wild.build(),
            wild_patterns: self.wild_patterns.into_boxed_slice(),
        }
    }
}
