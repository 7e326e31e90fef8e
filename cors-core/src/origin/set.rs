use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::exact::{ExactSet, ExactSetBuilder};
use super::pattern::PatternKind;
use super::wild::{WildSet, WildSetBuilder};
use super::{Origin, OriginPattern};

/// The patterns of a policy, compiled for look-up.
///
/// An exact origin costs one hash of its bytes and one comparison, however many there are, and takes 16 bytes beyond
/// its text. Patterns with a wild card cost at most one probe per distinct length of the labels behind it. Looking up
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
    /// True if one of the patterns admits the origin that is spelled by `bytes`.
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

    /// The patterns: the exact ones in the order in which they were listed, then those with a wild card.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        let exact = self
            .exact
            .iter()
            .map(|text| core::str::from_utf8(text).unwrap_or_default());
        exact.chain(self.wild_patterns.iter().map(|text| &**text))
    }

    /// The patterns in no order: of a million, a few are had at once.
    pub(crate) fn patterns_unordered(&self) -> impl Iterator<Item = &str> {
        let exact = self
            .exact
            .iter_unordered()
            .map(|text| core::str::from_utf8(text).unwrap_or_default());
        self.wild_patterns().chain(exact)
    }

    /// The number of patterns, each counted once.
    pub fn len(&self) -> usize {
        self.exact.len() + self.wild_patterns.len()
    }

    /// True if there is no pattern at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of memory that the exact origins take beyond their text.
    pub fn exact_overhead(&self) -> usize {
        self.exact.overhead()
    }

    /// True if the exact origin spelled by `bytes` is a member; without parsing, since members are well-formed.
    pub(crate) fn contains_exact(&self, bytes: &[u8]) -> bool {
        self.exact.contains(bytes)
    }

    /// True if a pattern with a wild card admits this origin.
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
    /// Adds a pattern, which is not `*`: any origin is no matter of a set.
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
