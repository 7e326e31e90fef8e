use std::fmt;
use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use omnicors_core::Policy;

use crate::policy::{PreparedPolicy, SharedPolicy};

/// A policy that can be replaced while requests are served. A clone is a handle on the same.
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
#[derive(Clone)]
pub struct PolicyHandle {
    current: Arc<ArcSwap<PreparedPolicy>>,
}

impl PolicyHandle {
    /// A handle on a policy.
    pub fn new(policy: impl Into<SharedPolicy>) -> Self {
        Self {
            current: Arc::new(ArcSwap::new(policy.into().into_shared())),
        }
    }

    /// Replaces the policy, for all requests to come. The policy before lives on until the last request that it decides
    /// has been answered.
    pub fn replace(&self, policy: impl Into<SharedPolicy>) {
        self.current.store(policy.into().into_shared());
    }

    /// The policy in force.
    pub fn load(&self) -> SharedPolicy {
        SharedPolicy::from_shared(self.current.load_full())
    }

    /// The policy in force, for a moment: cheaper than [`load`](Self::load), which counts a reference.
    pub(crate) fn peek(&self) -> Guard<Arc<PreparedPolicy>> {
        self.current.load()
    }
}

impl From<Policy> for PolicyHandle {
    fn from(policy: Policy) -> Self {
        Self::new(policy)
    }
}

impl fmt::Debug for PolicyHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PolicyHandle").field(&*self.peek()).finish()
    }
}
