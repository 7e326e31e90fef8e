use std::any::Any;
use std::fmt;
use std::ops::Deref;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use arc_swap::ArcSwap;
use omnicors_core::Policy;

use crate::prepared::PreparedPolicy;
use crate::shadow::{Shadow, ShadowReport};

/// A policy that can be replaced while requests are served.
///
/// A clone is a handle to the same policy: give one to the adapter and keep one to [`replace`](Self::replace) the policy.
/// A request is decided by the policy that is in force when it arrives, even if the policy is replaced before the response.
/// Reading the policy takes no lock.
///
/// `P` is the type of the values that an adapter prepares. Each adapter has an alias with its type, also named
/// `PolicyHandle`. A server without an adapter uses [`NoPreparedValues`](crate::NoPreparedValues).
///
/// ```
/// use omnicors_adapter::{NoPreparedValues, PolicyConfig};
///
/// type PolicyHandle = omnicors_adapter::PolicyHandle<NoPreparedValues>;
///
/// let handle = PolicyHandle::new(PolicyConfig::new().allow_origins(["https://old.example"]).build()?);
/// let in_the_server = handle.clone();
/// handle.replace(PolicyConfig::new().allow_origins(["https://new.example"]).build()?);
/// assert!(in_the_server.load().policy().origins().unwrap().contains(b"https://new.example"));
/// # Ok::<(), omnicors_adapter::PolicyError>(())
/// ```
pub struct PolicyHandle<P> {
    shared: Arc<Shared<P>>,
}

/// The state that all clones of a handle share.
struct Shared<P> {
    current: ArcSwap<PreparedPolicy<P>>,
    /// Held while `current` is changed, because a new policy keeps the shadow of the previous one.
    changing: Mutex<()>,
    /// Dropped with the last handle. It is never accessed before, so it is unwind safe.
    _guard: AssertUnwindSafe<Option<Box<dyn Any + Send + Sync>>>,
}

impl<P: for<'a> From<&'a Policy>> PolicyHandle<P> {
    /// Prepares a policy and returns a handle to it.
    ///
    /// ```
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PolicyHandle};
    ///
    /// let policy = PolicyConfig::public_read_only().build()?;
    /// let handle = PolicyHandle::<NoPreparedValues>::new(policy);
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    pub fn new(policy: Policy) -> Self {
        Self::from_parts(policy, None)
    }

    /// Prepares a policy, and drops `guard` when the last clone of the handle is dropped.
    ///
    /// Use this if a task or thread replaces the policy, for example when a file changes, and dropping `guard` stops it. That
    /// task must have only a [`WeakPolicyHandle`]: with a clone of the handle, the guard would never be dropped. The services
    /// that were made from the handle have clones of it.
    ///
    /// ```
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PolicyHandle};
    /// use std::sync::Arc;
    ///
    /// let policy = PolicyConfig::public_read_only().build()?;
    /// let guard = Arc::new("stops a task when dropped");
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
                changing: Mutex::default(),
                _guard: AssertUnwindSafe(guard),
            }),
        }
    }

    /// Replaces the policy. Requests that arrive after this call are decided by the new policy.
    ///
    /// The previous policy is dropped when the last request that it decides has its response.
    ///
    /// ```
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PolicyHandle};
    ///
    /// let closed = PolicyConfig::new().allow_origins(["https://old.example"]).build()?;
    /// let handle = PolicyHandle::<NoPreparedValues>::new(closed);
    /// handle.replace(PolicyConfig::new().allow_origins(["*"]).build()?);
    /// assert!(handle.load().policy().origins().is_none(), "any origin");
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    pub fn replace(&self, policy: Policy) {
        let prepared = PreparedPolicy::from(policy);
        let _changing = self.change();
        let shadow = self.shared.current.load().shadow().cloned();
        self.shared
            .current
            .store(Arc::new(prepared.with_shadow(shadow)));
    }

    /// Decides every request with a second policy as well, the candidate, and counts where the two differ. The policy in force is
    /// obeyed.
    ///
    /// Use this to see which pages a stricter policy would block, before it is in force. Read what differs with
    /// [`shadow_report`](Self::shadow_report), and end the comparison with [`end_shadow`](Self::end_shadow). A comparison that was
    /// begun before is ended. It continues when the policy in force is [replaced](Self::replace).
    ///
    /// This costs at most one more evaluation of each request, and bounded memory. The candidate gets the lookup result of the policy
    /// in force: if only the candidate [looks origins up](omnicors_core::PolicyConfig::lookup_origins), no lookup is made for it, and
    /// unlisted origins count as blocked. This call copies the policy in force once.
    ///
    /// ```
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PolicyHandle};
    ///
    /// let everyone = PolicyConfig::new().allow_origins(["*"]).build()?;
    /// let handle = PolicyHandle::<NoPreparedValues>::new(everyone);
    ///
    /// let stricter = PolicyConfig::new().allow_origins(["https://app.example"]).build()?;
    /// handle.shadow(stricter.clone());
    /// // After some days:
    /// if let Some(report) = handle.end_shadow() {
    ///     println!("{report}");
    ///     if report.count_differences() == 0 {
    ///         handle.replace(stricter);
    ///     }
    /// }
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    ///
    /// Only the policy in force looks an origin up. If it does not, for example because it responds with 421, a candidate that
    /// [looks origins up](omnicors_core::PolicyConfig::lookup_origins) has no result, and denies such an origin.
    pub fn shadow(&self, candidate: Policy) {
        self.set_shadow(Some(Arc::new(Shadow::new(candidate))));
    }

    /// Ends the comparison with the candidate that was given to [`shadow`](Self::shadow). Returns what differed, or `None` if there is
    /// no candidate. See the example of [`shadow`](Self::shadow).
    pub fn end_shadow(&self) -> Option<ShadowReport> {
        let ended = self.set_shadow(None)?;
        Some(ended.report())
    }

    /// Returns the previous shadow.
    fn set_shadow(&self, shadow: Option<Arc<Shadow>>) -> Option<Arc<Shadow>> {
        let _changing = self.change();
        let current = self.shared.current.load();
        let previous = current.shadow().cloned();
        if previous.is_some() || shadow.is_some() {
            let changed = current.copy_with_shadow(shadow);
            self.shared.current.store(Arc::new(changed));
        }
        previous
    }

    fn change(&self) -> MutexGuard<'_, ()> {
        // A panic in the meantime has changed nothing.
        let locked = self.shared.changing.lock();
        locked.unwrap_or_else(PoisonError::into_inner)
    }
}

impl<P> PolicyHandle<P> {
    /// Returns the policy in force.
    ///
    /// ```
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PolicyHandle};
    ///
    /// let policy = PolicyConfig::public_read_only().build()?;
    /// let handle = PolicyHandle::<NoPreparedValues>::new(policy);
    /// assert!(!handle.load().policy().allow_credentials());
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    pub fn load(&self) -> Arc<PreparedPolicy<P>> {
        self.shared.current.load_full()
    }

    /// Borrows the policy in force for a short time.
    ///
    /// This is cheaper than [`load`](Self::load), which counts a reference. Do not hold the result across an `.await`.
    ///
    /// ```
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PolicyHandle};
    ///
    /// let policy = PolicyConfig::public_read_only().build()?;
    /// let handle = PolicyHandle::<NoPreparedValues>::new(policy);
    /// assert!(!handle.peek().policy().allow_credentials());
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    pub fn peek(&self) -> impl Deref<Target = Arc<PreparedPolicy<P>>> {
        self.shared.current.load()
    }

    /// Returns what differs until now between the policy in force and the candidate that was given to [`shadow`](Self::shadow), or
    /// `None` if there is no candidate. The comparison continues.
    ///
    /// ```
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PolicyHandle};
    ///
    /// let handle = PolicyHandle::<NoPreparedValues>::new(PolicyConfig::public_read_only().build()?);
    /// assert!(handle.shadow_report().is_none());
    /// handle.shadow(PolicyConfig::new().allow_origins(["https://app.example"]).build()?);
    /// let report = handle.shadow_report().ok_or("there is a candidate")?;
    /// assert_eq!((report.count_requests(), report.count_differences()), (0, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn shadow_report(&self) -> Option<ShadowReport> {
        let current = self.shared.current.load();
        current.shadow().map(|shadow| shadow.report())
    }

    /// Returns a weak handle to the policy. It does not keep the policy or the guard of [`with_guard`](Self::with_guard).
    ///
    /// ```
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PolicyHandle};
    ///
    /// let policy = PolicyConfig::public_read_only().build()?;
    /// let handle = PolicyHandle::<NoPreparedValues>::new(policy);
    /// let weak = handle.downgrade();
    /// drop(handle);
    /// assert!(weak.upgrade().is_none());
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    pub fn downgrade(&self) -> WeakPolicyHandle<P> {
        WeakPolicyHandle {
            shared: Arc::downgrade(&self.shared),
        }
    }
}

/// A handle that does not keep the policy: made by [`PolicyHandle::downgrade`].
///
/// ```
/// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PolicyHandle, WeakPolicyHandle};
///
/// /// Replaces the policy while a server uses it. Returns false when the server has ended.
/// fn update(handle: &WeakPolicyHandle<NoPreparedValues>, origins: &[&str]) -> bool {
///     let Some(handle) = handle.upgrade() else { return false };
///     if let Ok(policy) = PolicyConfig::new().allow_origins(origins).build() {
///         handle.replace(policy);
///     }
///     true
/// }
///
/// let policy = PolicyConfig::public_read_only().build()?;
/// let handle = PolicyHandle::new(policy);
/// let weak = handle.downgrade();
/// assert!(update(&weak, &["https://new.example"]));
/// drop(handle);
/// assert!(!update(&weak, &["https://new.example"]));
/// # Ok::<(), omnicors_adapter::PolicyError>(())
/// ```
pub struct WeakPolicyHandle<P> {
    shared: Weak<Shared<P>>,
}

impl<P> WeakPolicyHandle<P> {
    /// Returns a handle to the policy, or `None` if the last handle was dropped.
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
