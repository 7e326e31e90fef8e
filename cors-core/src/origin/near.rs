//! Patterns that allow an origin, or come close: for explanations. All of them are found by asking the matcher.

use alloc::string::{String, ToString};

use super::host::HostKind;
use super::{Origin, OriginSet};

impl OriginSet {
    /// Returns a pattern that allows this origin.
    pub(crate) fn pattern_that_allows(&self, origin: &Origin<'_>) -> Option<String> {
        if self.contains_exact(origin.as_str().as_bytes()) {
            return Some(origin.to_string());
        }
        self.wild_that_allows(origin)
    }

    /// Returns a pattern with a wildcard that allows this origin.
    pub(crate) fn wild_that_allows(&self, origin: &Origin<'_>) -> Option<String> {
        if !self.wild.contains_origin(origin) {
            return None;
        }
        let is_host_name = origin.kind() == HostKind::HostName;
        self.wild.nearest(origin.scheme(), origin, is_host_name)
    }

    /// Returns a pattern with a wildcard that has this scheme, and that would allow the origin if it had this scheme, another port,
    /// or only characters that a `*` stands for. One of the right port is preferred.
    pub(crate) fn wild_near(&self, scheme: &str, origin: &Origin<'_>) -> Option<String> {
        self.wild.nearest(scheme, origin, true)
    }
}
