//! Finds patterns that allow an origin, or almost allow it, for explanations. They are found by the matcher itself, so explanations
//! cannot disagree with decisions.

use alloc::string::{String, ToString};

use super::host::HostKind;
use super::{Origin, OriginSet};

impl OriginSet {
    /// Returns a pattern that allows this origin.
    pub(crate) fn pattern_that_allows(&self, origin: &Origin<'_>) -> Option<String> {
        if self.contains_exact(origin.as_str().as_bytes()) {
            return Some(origin.to_string());
        }
        self.wildcard_that_allows(origin)
    }

    /// Returns a pattern with a wildcard that allows this origin.
    pub(crate) fn wildcard_that_allows(&self, origin: &Origin<'_>) -> Option<String> {
        if !self.wildcard.contains_origin(origin) {
            return None;
        }
        let is_host_name = origin.kind() == HostKind::HostName;
        self.wildcard.nearest(origin.scheme(), origin, is_host_name)
    }

    /// Returns a pattern with a wildcard and this scheme that would allow the origin if the origin had this scheme, another port, or
    /// only characters that a `*` matches. Prefers a pattern that allows the port.
    pub(crate) fn wildcard_near(&self, scheme: &str, origin: &Origin<'_>) -> Option<String> {
        self.wildcard.nearest(scheme, origin, true)
    }
}
