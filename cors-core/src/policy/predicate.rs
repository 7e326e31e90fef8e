use alloc::sync::Arc;
use core::fmt;

use crate::origin::Origin;

/// A function of the user's that tells whether an origin is allowed.
#[derive(Clone)]
pub(crate) struct Predicate(Arc<dyn Fn(&Origin<'_>) -> bool + Send + Sync>);

impl Predicate {
    pub(super) fn new(predicate: impl Fn(&Origin<'_>) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(predicate))
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
