//! Calls user code and catches its panics. The panic hook prints a panic before these functions return.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

use omnicors_core::adapter::with_predicate_call;
use omnicors_core::{Origin, Policy};

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

/// Returns the policy with a predicate whose panics are caught.
pub(crate) fn with_caught_panics(policy: Policy) -> Policy {
    with_predicate_call(policy, call_predicate)
}

/// Calls a predicate. If it panics, it does not allow the origin.
fn call_predicate(predicate: &dyn Fn(&Origin<'_>) -> bool, origin: &Origin<'_>) -> bool {
    caught(|| predicate(origin)).unwrap_or(false)
}
