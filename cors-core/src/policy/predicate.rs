#[cfg(not(target_has_atomic = "ptr"))]
use alloc::boxed::Box;
#[cfg(target_has_atomic = "ptr")]
use alloc::sync::Arc;
use core::fmt;
use core::ptr;

use crate::origin::Origin;

/// A function of the user's that tells whether an origin is allowed.
#[derive(Clone)]
pub(crate) struct Predicate(Shared);

type Function = dyn Fn(&Origin<'_>) -> bool + Send + Sync;

#[cfg(target_has_atomic = "ptr")]
type Shared = Arc<Function>;

/// Without atomic pointers there is no `Arc`, and an `Rc` would not be `Send`. The function is never freed; one that captures
/// nothing takes no memory.
#[cfg(not(target_has_atomic = "ptr"))]
type Shared = &'static Function;

/// Calls a predicate with an origin: see [`with_predicate_call`](crate::adapter::with_predicate_call).
pub type PredicateCall = fn(&dyn Fn(&Origin<'_>) -> bool, &Origin<'_>) -> bool;

impl Predicate {
    pub(super) fn new(predicate: impl Fn(&Origin<'_>) -> bool + Send + Sync + 'static) -> Self {
        #[cfg(target_has_atomic = "ptr")]
        let shared = Arc::new(predicate);
        #[cfg(not(target_has_atomic = "ptr"))]
        let shared = Box::leak(Box::new(predicate));
        Self(shared)
    }

    /// Returns a predicate that has `call` call this one.
    pub(super) fn called_by(&self, call: PredicateCall) -> Self {
        let Self(predicate) = self.clone();
        Self::new(move |origin| call(&*predicate, origin))
    }

    pub(crate) fn allows(&self, origin: &Origin<'_>) -> bool {
        (self.0)(origin)
    }
}

impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<function>")
    }
}

/// Two predicates are equal if they are the same function.
impl PartialEq for Predicate {
    fn eq(&self, other: &Self) -> bool {
        ptr::eq(&raw const *self.0, &raw const *other.0)
    }
}
