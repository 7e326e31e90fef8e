//! Calls user code, which may panic. No user code runs in a `Drop` impl: a panic there, during another one, aborts the process.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use omnicors_adapter::caught;

use super::failure::LookupFailure;

/// Returns [`LookupFailure::Panicked`] if the call panics.
pub(super) fn catch<T>(call: impl FnOnce() -> T) -> Result<T, LookupFailure> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| LookupFailure::Panicked {
        message: message(payload),
    })
}

/// Drops a value of a user's type.
pub(super) fn discard<T>(value: T) {
    let _panicked = caught(|| drop(value));
}

/// Returns the message of a panic. The payload of `panic!` is a `&'static str` or a `String`, that of `panic_any` has any type.
fn message(payload: Box<dyn Any + Send>) -> Option<String> {
    let payload = match payload.downcast::<String>() {
        Ok(message) => return Some(*message),
        Err(payload) => payload,
    };
    match payload.downcast::<&'static str>() {
        Ok(message) => Some((*message).to_owned()),
        Err(payload) => {
            discard(payload);
            None
        }
    }
}
