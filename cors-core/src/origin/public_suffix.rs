//! Public suffixes: domains directly under which anyone can register a name.

use alloc::string::{String, ToString as _};

/// The public suffix that a `*` in front of `parent` would cover.
pub(crate) fn public_suffix(parent: &str) -> Option<String> {
    // The Public Suffix List's default rule, `*`: a domain of one label (or none) is a suffix.
    if !parent.contains('.') {
        return Some(parent.to_string());
    }
    #[cfg(feature = "public-suffix")]
    {
        let is_suffix = |domain: &str| {
            psl::suffix(domain.as_bytes()).is_some_and(|suffix| suffix == domain.as_bytes())
        };
        if is_suffix(parent) {
            return Some(parent.to_string());
        }
        // A rule such as `*.kawasaki.jp` makes the names under a domain suffixes, and not the domain itself.
        if is_suffix(&(String::from("any-label.") + parent)) {
            return Some(String::from("*.") + parent);
        }
    }
    None
}
