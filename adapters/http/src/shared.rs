use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use omnicors_core::Policy;

use crate::prepared::PreparedPolicy;

/// A policy made ready for the types of the `http` crate, shared: a clone is a pointer to the same.
///
/// Everything else is a method of [`PreparedPolicy`], which this points to.
pub type SharedPolicy = Shared<PreparedPolicy>;

/// A policy as an adapter has made it ready, shared: its `SharedPolicy`. A clone is a pointer to the same.
pub struct Shared<T>(Arc<T>);

impl<T: From<Policy>> Shared<T> {
    /// Prepares a policy.
    pub fn new(policy: Policy) -> Self {
        policy.into()
    }
}

impl<T: From<Policy>> From<Policy> for Shared<T> {
    fn from(policy: Policy) -> Self {
        Self(Arc::new(policy.into()))
    }
}

/// What [`Handle::load`](crate::Handle::load) returns.
impl<T> From<Arc<T>> for Shared<T> {
    fn from(shared: Arc<T>) -> Self {
        Self(shared)
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
