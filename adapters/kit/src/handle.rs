use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use arc_swap::ArcSwap;
use omnicors_core::Policy;

use crate::prepared::PreparedPolicy;

/// A policy that can be replaced while requests are served. A clone is a handle on the same.
pub type PolicyHandle = Handle<PreparedPolicy>;

/// A policy that can be replaced while requests are served, as an adapter has made it ready: its `PolicyHandle`.
/// A clone is a handle on the same.
///
/// A request is decided by the policy in force when it arrives, wholly; one that arrives after
/// [`replace`](Self::replace) has returned, by the new one. Reading it takes no lock.
///
/// ```
/// use omnicors_http::{PolicyConfig, PolicyHandle};
///
/// let handle = PolicyHandle::new(PolicyConfig::new().allow_origins(["https://old.example"]).build()?);
/// // … `handle.clone()` goes into a server …
/// handle.replace(PolicyConfig::new().allow_origins(["https://new.example"]).build()?);
/// assert!(handle.load().policy().origins().unwrap().contains(b"https://new.example"));
/// # Ok::<(), omnicors_http::PolicyError>(())
/// ```
pub struct Handle<T> {
    current: Arc<ArcSwap<T>>,
}

impl<T: From<Policy>> Handle<T> {
    /// A handle on a policy.
    pub fn new(policy: Policy) -> Self {
        Self {
            current: Arc::new(ArcSwap::from_pointee(policy.into())),
        }
    }

    /// Replaces the policy, for all requests to come. The policy before lives on until the last request that it decides
    /// has been answered.
    pub fn replace(&self, policy: Policy) {
        self.current.store(Arc::new(policy.into()));
    }
}

impl<T> Handle<T> {
    /// The policy in force.
    pub fn load(&self) -> Arc<T> {
        self.current.load_full()
    }

    /// The policy in force, for a moment: cheaper than [`load`](Self::load), which counts a reference. Not to be held
    /// across an `await`.
    pub fn peek(&self) -> impl Deref<Target = Arc<T>> {
        self.current.load()
    }
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        Self {
            current: Arc::clone(&self.current),
        }
    }
}

impl<T: From<Policy>> From<Policy> for Handle<T> {
    fn from(policy: Policy) -> Self {
        Self::new(policy)
    }
}

impl<T: fmt::Debug> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Handle").field(&*self.peek()).finish()
    }
}
