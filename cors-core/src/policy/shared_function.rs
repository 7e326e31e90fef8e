//! How functions of the user are kept in a policy.

#[cfg(not(target_has_atomic = "ptr"))]
use alloc::boxed::Box;
#[cfg(target_has_atomic = "ptr")]
use alloc::sync::Arc;

#[cfg(target_has_atomic = "ptr")]
pub(super) type SharedFunction<F> = Arc<F>;

/// Targets without atomic pointers do not have `Arc`, and `Rc` is not `Send`. So the function is never freed. A function that captures
/// nothing does not use memory.
#[cfg(not(target_has_atomic = "ptr"))]
pub(super) type SharedFunction<F> = &'static F;

pub(super) fn share<F: 'static>(function: F) -> SharedFunction<F> {
    #[cfg(target_has_atomic = "ptr")]
    let shared = Arc::new(function);
    #[cfg(not(target_has_atomic = "ptr"))]
    let shared = Box::leak(Box::new(function));
    shared
}
