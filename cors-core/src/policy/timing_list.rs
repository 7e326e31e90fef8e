//! Which origins a response to a request without `Origin` lets see its timing.
//!
//! Fetch, [TAO check](https://fetch.spec.whatwg.org/#concept-tao-check), steps 3 to 5: the field is a list, and one of its
//! members is `*` or the origin of the page. Images, scripts and style sheets are usually fetched without `Origin`, so the
//! response cannot state the one that asked.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::limits;
use crate::origin::OriginSet;

/// Returns the exact origins of a set, joined; `None` if there are none, or too many for a field that every response has.
/// Patterns with a wildcard cannot be written in this field.
pub(super) fn timing_list(origins: &OriginSet) -> Option<Box<str>> {
    if !(1..=limits::TIMING_ORIGINS).contains(&origins.exact_len()) {
        return None;
    }
    let exact: Vec<&str> = origins.exact_patterns().collect();
    Some(exact.join(", ").into_boxed_str())
}
