//! Patterns with a wildcard, compiled so that matching an origin takes one pass over its host, whatever the number of patterns.
//!
//! Patterns are grouped by their scheme and by the labels after the wildcard. The four patterns below make three groups. The labels of
//! group B end with those of group A, its *parent*, so B stores only its additional labels:
//!
//! ```text
//! pattern                            group    labels           parent   allows
//! https://*.example.com              A        example.com      -        any labels before them
//! https://pr-*.example.com:8443      A                                  pr-* before them, port 8443
//! https://*.eu.example.com           B        eu.              A        any labels before them
//! https://*.example.org              C        example.org      -        any labels before them
//!
//! distinct lengths of the labels: 11 (example.com, example.org), 14 (eu.example.com)
//! ```
//!
//! A search walks the host of an origin once, from its end. Each length is a place where the labels of a group can begin. If a label
//! of the host begins there as well, the search looks up the hash of the bytes from there to the end:
//!
//! ```text
//! https://web.eu.example.com
//!         web.eu.example.com
//!                ^ length 11: a label begins here. hash("https", "example.com") finds group A. The labels before it,
//!                  `web.eu`, are a host name, and A allows any labels: the origin is allowed, and the walk ends.
//!
//! https://web.eu.example.com:8443, if A had only `pr-*`
//!         web.eu.example.com
//!                ^ length 11: finds A. `pr-*` does not match `web.eu`: continue.
//!             ^    length 14: a label begins here. The hash is extended by `eu.` and finds B. Its parent is the group
//!                  found before, so only `eu.` is compared. B allows only the default port: continue. This was the
//!                  last length: denied.
//!
//! https://myexample.com
//!         myexample.com
//!           ^      length 11: no label begins here, so there is no lookup.
//! ```
//!
//! So each byte of a host is hashed once and compared at most once, and each distinct length takes at most one lookup. Patterns with a
//! `*` inside a label, such as `pr-*`, are compared only in the group before whose labels the host has exactly one label.

mod build;
mod group;
mod near_pattern;
mod parts;
mod ports;
mod set;
#[cfg(test)]
mod tests;

pub(super) use build::WildcardSetBuilder;
pub(super) use set::WildcardSet;
