#[cfg(not(target_has_atomic = "ptr"))]
use alloc::boxed::Box;
#[cfg(target_has_atomic = "ptr")]
use alloc::sync::Arc;
use core::fmt;
use core::ptr;

use crate::origin::Origin;

/// A function of the user that returns true if an origin is allowed.
#[derive(Clone)]
pub(crate) struct Predicate(Shared);

type Function = dyn Fn(&Origin<'_>) -> bool + Send + Sync;

#[cfg(target_has_atomic = "ptr")]
type Shared = Arc<Function>;

/// Targets without atomic pointers do not have `Arc`, and `Rc` is not `Send`. So the function is never freed. A function that captures
/// nothing does not use memory.
#[cfg(not(target_has_atomic = "ptr"))]
type Shared = &'static Function;

/// A function that calls a predicate with an origin: see [`with_predicate_call`](crate::adapter::with_predicate_call).
///
/// ```
/// use omnicors_core::adapter::PredicateCall;
///
/// let call: PredicateCall = |predicate, origin| predicate(origin);
/// ```
pub type PredicateCall = fn(&dyn Fn(&Origin<'_>) -> bool, &Origin<'_>) -> bool;

impl Predicate {
    pub(super) fn new(predicate: impl Fn(&Origin<'_>) -> bool + Send + Sync + 'static) -> Self {
        #[cfg(target_has_atomic = "ptr")]
        let shared = Arc::new(predicate);
        #[cfg(not(target_has_atomic = "ptr"))]
        let shared = Box::leak(Box::new(predicate));
        Self(shared)
    }

    /// Returns a predicate that calls this one through `call`.
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
