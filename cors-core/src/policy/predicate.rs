use core::fmt;
use core::ptr;

use super::shared_function::{SharedFunction, share};
use crate::origin::Origin;

/// A function of the user that returns true if an origin is allowed.
#[derive(Clone)]
pub(crate) struct Predicate(SharedFunction<Function>);

type Function = dyn Fn(&Origin<'_>) -> bool + Send + Sync;

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
        Self(share(predicate))
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
