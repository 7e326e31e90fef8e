//! Calls user code and catches its panics. The panic hook prints a panic before these functions return.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

use omnicors_core::adapter::{with_dynamic_set_call, with_predicate_call};
use omnicors_core::{DynamicOriginSet, Origin, Policy};

/// Calls user code, and returns `None` if it panics.
///
/// A panic in the drop of the panic's payload is caught as well.
///
/// ```
/// use omnicors_adapter::caught;
///
/// assert_eq!(caught(|| 1 + 1), Some(2));
/// assert_eq!(caught(|| -> u32 { panic!("a bug in a predicate") }), None);
/// ```
pub fn caught<T>(call: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(value) => Some(value),
        Err(payload) => {
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                // Dropping this payload may panic as well.
                mem::forget(payload);
            }
            None
        }
    }
}

/// Returns the policy with a predicate and a set of origins whose panics are caught.
pub(crate) fn with_caught_panics(policy: Policy) -> Policy {
    with_dynamic_set_call(with_predicate_call(policy, call_predicate), call_set)
}

/// Calls a predicate. If it panics, it does not allow the origin.
fn call_predicate(predicate: &dyn Fn(&Origin<'_>) -> bool, origin: &Origin<'_>) -> bool {
    caught(|| predicate(origin)).unwrap_or(false)
}

/// Asks a set of origins. If it panics, it does not contain the origin.
fn call_set(set: &dyn DynamicOriginSet, origin: &[u8]) -> bool {
    caught(|| set.contains_bytes(origin)).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use omnicors_core::{PolicyConfig, RequestParts, evaluate};

    use super::*;

    struct Broken;

    impl DynamicOriginSet for Broken {
        fn contains(&self, origin: &str) -> bool {
            match origin {
                "https://a.example" => true,
                _ => panic!("a bug in the set"),
            }
        }
    }

    #[test]
    fn a_set_that_panics_does_not_allow_the_origin() {
        let policy = PolicyConfig::new().allow_origins_in(Broken);
        let policy = with_caught_panics(policy.build().unwrap());
        for (origin, allowed) in [("https://a.example", true), ("https://b.example", false)] {
            let request = RequestParts::new("GET").origin(origin);
            let verdict = evaluate(&policy, &request).verdict();
            assert_eq!(verdict.is_allowed(), allowed, "{origin}");
        }
    }

    /// Another rule can still allow it.
    #[test]
    fn a_predicate_is_asked_about_an_origin_for_which_a_set_panics() {
        let policy = PolicyConfig::new()
            .allow_origins_in(Broken)
            .allow_origins_if(|origin| origin.host() == Some("b.example"));
        let policy = with_caught_panics(policy.build().unwrap());
        let request = RequestParts::new("GET").origin("https://b.example");
        assert!(evaluate(&policy, &request).verdict().is_allowed());
    }
}
