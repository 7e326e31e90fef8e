//! Properties of patterns that several warnings need.

use crate::origin::{OriginPattern, OriginSet};
use crate::policy::compiled::Policy;
use crate::policy::pattern_check::is_open;

/// Returns the patterns of a set.
pub(super) fn patterns(set: &OriginSet) -> impl Iterator<Item = OriginPattern<'_>> {
    parsed(set.patterns())
}

/// Parses patterns of a policy. All of them parsed when the policy was built.
pub(super) fn parsed<'a>(
    texts: impl Iterator<Item = &'a str>,
) -> impl Iterator<Item = OriginPattern<'a>> {
    texts.filter_map(|text| OriginPattern::parse(text).ok())
}

/// Returns true if the patterns of `allow_origins` must not allow names that anyone can register: with credentials or a guard.
pub(super) fn trusts_listed(policy: &Policy) -> bool {
    policy.credentials || !policy.guard().is_off()
}

pub(super) fn is_insecure(pattern: &OriginPattern<'_>) -> bool {
    !pattern.is_potentially_trustworthy() && !pattern.is_opaque()
}

/// Returns true if anyone can register a name that the pattern allows. Without the Public Suffix List, this may be true for any wildcard.
pub(super) fn may_be_open(pattern: &OriginPattern<'_>) -> bool {
    if cfg!(feature = "public-suffix") {
        is_open(pattern)
    } else {
        pattern.wildcard_parent().is_some() && !pattern.is_loopback()
    }
}
