use std::any::Any;
use std::fmt;
use std::ops::Deref;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Weak};

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
    shared: Arc<Shared<P>>,
}

/// What all clones of a handle share.
struct Shared<P> {
    current: ArcSwap<PreparedPolicy<P>>,
    /// Dropped with the last handle. Nothing else is done with it, so it cannot be seen in a broken state.
    _guard: AssertUnwindSafe<Option<Box<dyn Any + Send + Sync>>>,
}

impl<P: for<'a> From<&'a Policy>> PolicyHandle<P> {
    /// Prepares a policy and returns a handle to it.
    pub fn new(policy: Policy) -> Self {
        Self::from_parts(policy, None)
    }

    /// Does the same as [`new`](Self::new), and keeps `guard` until the last clone of the handle is dropped, with the services
    /// that were made from it.
    ///
    /// This is for code that replaces the policy from elsewhere, such as a file that is followed: dropping `guard` stops it. It
    /// must itself have a [`WeakPolicyHandle`] only.
    ///
    /// ```
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PolicyHandle};
    /// use std::sync::Arc;
    ///
    /// let policy = PolicyConfig::public_read_only().build()?;
    /// let guard = Arc::new("stops something when dropped");
    /// let kept = Arc::downgrade(&guard);
    /// let handle = PolicyHandle::<NoPreparedValues>::with_guard(policy, guard);
    /// let clone = handle.clone();
    /// drop(handle);
    /// assert!(kept.upgrade().is_some());
    /// drop(clone);
    /// assert!(kept.upgrade().is_none());
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    pub fn with_guard(policy: Policy, guard: impl Send + Sync + 'static) -> Self {
        Self::from_parts(policy, Some(Box::new(guard)))
    }

    fn from_parts(policy: Policy, guard: Option<Box<dyn Any + Send + Sync>>) -> Self {
        Self {
            shared: Arc::new(Shared {
                current: ArcSwap::from_pointee(policy.into()),
                _guard: AssertUnwindSafe(guard),
            }),
        }
    }

    /// Replaces the policy for all requests that arrive from now on. The previous policy is dropped when the last request
    /// that it decides has its response.
    pub fn replace(&self, policy: Policy) {
        self.shared.current.store(Arc::new(policy.into()));
    }
}

impl<P> PolicyHandle<P> {
    /// Returns the policy in force.
    pub fn load(&self) -> Arc<PreparedPolicy<P>> {
        self.shared.current.load_full()
    }

    /// Borrows the policy in force for a short time. This is cheaper than [`load`](Self::load), which counts a reference.
    /// Do not hold it across an `await`.
    pub fn peek(&self) -> impl Deref<Target = Arc<PreparedPolicy<P>>> {
        self.shared.current.load()
    }

    /// Returns a handle to the same policy that does not count as one: the last clone of `self` drops the guard of
    /// [`with_guard`](Self::with_guard) in spite of it.
    pub fn downgrade(&self) -> WeakPolicyHandle<P> {
        WeakPolicyHandle {
            shared: Arc::downgrade(&self.shared),
        }
    }
}

/// A handle to a policy for as long as there is a [`PolicyHandle`]: see [`PolicyHandle::downgrade`].
pub struct WeakPolicyHandle<P> {
    shared: Weak<Shared<P>>,
}

impl<P> WeakPolicyHandle<P> {
    /// Returns a handle to the policy, or `None` if the last one was dropped.
    ///
    /// ```
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PolicyHandle};
    ///
    /// let policy = PolicyConfig::public_read_only().build()?;
    /// let handle = PolicyHandle::<NoPreparedValues>::new(policy);
    /// let weak = handle.downgrade();
    /// assert!(weak.upgrade().is_some());
    /// drop(handle);
    /// assert!(weak.upgrade().is_none());
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    pub fn upgrade(&self) -> Option<PolicyHandle<P>> {
        let shared = self.shared.upgrade()?;
        Some(PolicyHandle { shared })
    }
}

impl<P> Clone for WeakPolicyHandle<P> {
    fn clone(&self) -> Self {
        Self {
            shared: Weak::clone(&self.shared),
        }
    }
}

impl<P> fmt::Debug for WeakPolicyHandle<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakPolicyHandle").finish_non_exhaustive()
    }
}

impl<P> Clone for PolicyHandle<P> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
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
