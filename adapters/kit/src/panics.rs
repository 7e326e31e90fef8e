//! Calls user code, which may panic. The panic hook has printed the panic when these functions return.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

use omnicors_core::Origin;

/// Calls a function of a user's. Returns `None` if it panics, and also catches a panic in the drop of the panic's payload.
pub fn caught<T>(call: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(value) => Some(value),
        Err(payload) => {
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                // Dropping this one may panic as well.
                mem::forget(payload);
            }
            None
        }
    }
}

/// A predicate that panics does not allow the origin.
pub(crate) fn call_predicate(predicate: &dyn Fn(&Origin<'_>) -> bool, origin: &Origin<'_>) -> bool {
    caught(|| predicate(origin)).unwrap_or(false)
}
