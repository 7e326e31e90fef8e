//! The value of `Timing-Allow-Origin` in responses to requests without `Origin`.
//!
//! Fetch, [TAO check](https://fetch.spec.whatwg.org/#concept-tao-check), steps 3 to 5: the field is a list that contains `*` or the
//! origin of the page. Browsers usually request images, scripts and style sheets without `Origin`, so the response must list all
//! origins.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::limits;
use crate::origin::OriginSet;

/// Returns the exact origins of a set, joined, or `None` if there are none or too many. The field has no syntax for patterns with a
/// wildcard, nor for hosts with a comma, such as `app://a,b`.
pub(super) fn timing_list(origins: &OriginSet) -> Option<Box<str>> {
    if !(1..=limits::TIMING_ORIGINS).contains(&origins.exact_len()) {
        return None;
    }
    let is_member = |origin: &&str| !origin.contains([',', '"']);
    let exact: Vec<&str> = origins.exact_patterns().filter(is_member).collect();
    (!exact.is_empty()).then(|| exact.join(", ").into_boxed_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PolicyConfig;

    #[test]
    fn an_origin_with_a_comma_or_a_quote_is_left_out() {
        let list = |origins: &[&str]| {
            let policy = PolicyConfig::new().allow_origins(origins).build().unwrap();
            timing_list(policy.origins().unwrap())
        };
        let listed = list(&[
            "https://a.example",
            "app://a,b",
            "app://a\"b",
            "https://*.b.example",
        ]);
        assert_eq!(listed.as_deref(), Some("https://a.example"));
        assert_eq!(list(&["app://a,b"]), None);
    }
}
