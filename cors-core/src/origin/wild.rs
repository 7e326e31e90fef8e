//! Patterns with a wildcard, compiled so that an origin takes one pass over its host, however many patterns there are.
//!
//! Patterns are grouped by scheme and by the labels behind the wildcard. These four make three groups; the last lies in the
//! second, its *parent*, and keeps only the labels that the parent has not:
//!
//! ```text
//! pattern                            group    labels           parent   allows
//! https://*.example.com              A        example.com      -        any labels in front
//! https://pr-*.example.com:8443      A                                  pr-* in front, port 8443
//! https://*.eu.example.com           B        eu.              A        any labels in front
//! https://*.example.org              C        example.org      -        any labels in front
//!
//! lengths of the labels, each once: 11 (example.com, example.org), 14 (eu.example.com)
//! ```
//!
//! The host of an origin is walked from its end, once. Each length is a place where a group's labels could begin; where a
//! label of the host begins there too, the hash of the bytes from there to the end is looked up in the table:
//!
//! ```text
//! https://web.eu.example.com
//!         web.eu.example.com
//!                ^ length 11: a label begins here. hash("https", "example.com") finds group A. In front of it stands
//!                  `web.eu`, a host name, and A allows any: the origin is allowed, and the walk ends.
//!
//! https://web.eu.example.com:8443, if A had only `pr-*`
//!         web.eu.example.com
//!                ^ length 11: finds A. `web.eu` is not of the form `pr-*`: go on.
//!             ^    length 14: a label begins here. The hash is extended by `eu.` alone, and finds B, whose parent is the
//!                  group found before: only `eu.` is compared. B allows no port: go on. No length is left: denied.
//!
//! https://myexample.com
//!         myexample.com
//!           ^      length 11: no label begins here, so that nothing is looked up.
//! ```
//!
//! So the bytes of a host are hashed once and compared at most once, and each distinct length costs at most one lookup. Patterns
//! with a part of a label, such as `pr-*`, are looked at in the one group that has a single label of the host in front of it.

mod build;
mod group;
mod near_pattern;
mod parts;
mod ports;
mod set;
#[cfg(test)]
mod tests;

pub(super) use build::WildSetBuilder;
pub(super) use set::WildSet;
