use alloc::sync::Arc;
use core::fmt;

use crate::origin::Origin;

/// A function of the user's that tells whether an origin is allowed.
#[derive(Clone)]
pub(crate) struct Predicate(Arc<dyn Fn(&Origin<'_>) -> bool + Send + Sync>);

/// Calls a predicate with an origin: see [`with_predicate_call`](crate::adapter::with_predicate_call).
pub type PredicateCall = fn(&dyn Fn(&Origin<'_>) -> bool, &Origin<'_>) -> bool;

impl Predicate {
    pub(super) fn new(predicate: impl Fn(&Origin<'_>) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(predicate))
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
        Arc::ptr_eq(&self.0, &other.0)
    }
}
