use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use arc_swap::ArcSwap;
use omnicors_core::Policy;

use crate::prepared::PreparedPolicy;

/// A policy that can be replaced while requests are served. A clone is a handle to the same policy.
///
/// `P` is the type of the values that an adapter prepares. Each adapter has an alias with its own, also named `PolicyHandle`;
/// a server without an adapter uses [`NoPreparedValues`](crate::NoPreparedValues).
///
/// A request is decided entirely by the policy that is in force when it arrives. After [`replace`](Self::replace) has
/// returned, new requests are decided by the new policy. Reading the policy takes no lock.
///
/// ```
/// use omnicors_adapter::{NoPreparedValues, PolicyConfig};
///
/// type PolicyHandle = omnicors_adapter::PolicyHandle<NoPreparedValues>;
///
/// let handle = PolicyHandle::new(PolicyConfig::new().allow_origins(["https://old.example"]).build()?);
/// // … `handle.clone()` goes into a server …
/// handle.replace(PolicyConfig::new().allow_origins(["https://new.example"]).build()?);
/// assert!(handle.load().policy().origins().unwrap().contains(b"https://new.example"));
/// # Ok::<(), omnicors_adapter::PolicyError>(())
/// ```
pub struct PolicyHandle<P> {
    current: Arc<ArcSwap<PreparedPolicy<P>>>,
}

impl<P: for<'a> From<&'a Policy>> PolicyHandle<P> {
    /// Prepares a policy and returns a handle to it.
    pub fn new(policy: Policy) -> Self {
        Self {
            current: Arc::new(ArcSwap::from_pointee(policy.into())),
        }
    }

    /// Replaces the policy for all requests that arrive from now on. The previous policy is dropped when the last request
    /// that it decides has its response.
    pub fn replace(&self, policy: Policy) {
        self.current.store(Arc::new(policy.into()));
    }
}

impl<P> PolicyHandle<P> {
    /// Returns the policy in force.
    pub fn load(&self) -> Arc<PreparedPolicy<P>> {
        self.current.load_full()
    }

    /// Borrows the policy in force for a short time. This is cheaper than [`load`](Self::load), which counts a reference.
    /// Do not hold it across an `await`.
    pub fn peek(&self) -> impl Deref<Target = Arc<PreparedPolicy<P>>> {
        self.current.load()
    }
}

impl<P> Clone for PolicyHandle<P> {
    fn clone(&self) -> Self {
        Self {
            current: Arc::clone(&self.current),
        }
    }
}

impl<P: for<'a> From<&'a Policy>> From<Policy> for PolicyHandle<P> {
    fn from(policy: Policy) -> Self {
        Self::new(policy)
    }
}

impl<P: fmt::Debug> fmt::Debug for PolicyHandle<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PolicyHandle").field(&*self.peek()).finish()
    }
}
