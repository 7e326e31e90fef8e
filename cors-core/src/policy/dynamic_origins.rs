use core::fmt;
use core::ptr;

use super::shared_function::{SharedFunction, share};
use crate::limits;

/// A set of origins that can change while a policy is in force, for
/// [`PolicyConfig::allow_origins_in`](crate::PolicyConfig::allow_origins_in).
///
/// A policy asks the set about the value of `Origin` as the client sent it, and does not parse an https origin. So a request costs about
/// as much as with a list of the same origins in [`allow_origins`](crate::PolicyConfig::allow_origins).
///
/// An `Arc` of a set is a set too, so that your code can change what a policy reads:
///
/// ```
/// use omnicors_core::{DynamicOriginSet, PolicyConfig, RequestParts, evaluate};
/// use std::collections::HashSet;
/// use std::sync::{Arc, RwLock};
///
/// #[derive(Default)]
/// struct Tenants(RwLock<HashSet<String>>);
///
/// impl DynamicOriginSet for Tenants {
///     fn contains(&self, origin: &str) -> bool {
///         self.0.read().is_ok_and(|tenants| tenants.contains(origin))
///     }
/// }
///
/// let tenants = Arc::new(Tenants::default());
/// let policy = PolicyConfig::new().allow_origins_in(tenants.clone()).build()?;
///
/// let request = RequestParts::new("GET").origin("https://tenant.example");
/// assert!(!evaluate(&policy, &request).verdict().is_allowed());
///
/// if let Ok(mut tenants) = tenants.0.write() {
///     tenants.insert("https://tenant.example".to_owned());
/// }
/// assert!(evaluate(&policy, &request).verdict().is_allowed());
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
pub trait DynamicOriginSet: Send + Sync {
    /// Returns true if the set contains this origin.
    ///
    /// `origin` is the value of an `Origin` field of at most [`limits::ORIGIN`] bytes. It is not parsed, and can be any text that a client
    /// sends. So compare the whole text with the origins of the set, as `HashSet::contains` does, and never a part of it: a client that is
    /// not a browser can send `https://evil.example/?.tenant.example`. To decide by a part of the origin, such as its host, use
    /// [`allow_origins_if`](crate::PolicyConfig::allow_origins_if).
    ///
    /// It runs while a request waits, so it should return quickly and must not panic. The adapters catch a panic and deny the origin.
    ///
    /// [`DynamicOriginSet`] has an example.
    fn contains(&self, origin: &str) -> bool;

    /// Returns true if the set contains this origin, which can be bytes of any encoding. This is what a policy calls.
    ///
    /// The default calls [`contains`](Self::contains) if the bytes are UTF-8. A set that compares bytes saves that check, which is a tenth of
    /// a decision:
    ///
    /// ```
    /// use omnicors_core::DynamicOriginSet;
    ///
    /// struct Tenants;
    ///
    /// impl DynamicOriginSet for Tenants {
    ///     fn contains(&self, origin: &str) -> bool {
    ///         self.contains_bytes(origin.as_bytes())
    ///     }
    ///
    ///     fn contains_bytes(&self, origin: &[u8]) -> bool {
    ///         origin == b"https://tenant.example"
    ///     }
    /// }
    /// ```
    fn contains_bytes(&self, origin: &[u8]) -> bool {
        core::str::from_utf8(origin).is_ok_and(|origin| self.contains(origin))
    }

    /// Returns the revision of the set, if it has one: see
    /// [`origins_revision`](crate::PolicyConfig::origins_revision), which takes precedence. The default is `None`.
    ///
    /// ```
    /// use omnicors_core::{DynamicOriginSet, PolicyConfig};
    ///
    /// struct Tenants;
    ///
    /// impl DynamicOriginSet for Tenants {
    ///     fn contains(&self, origin: &str) -> bool {
    ///         origin == "https://tenant.example"
    ///     }
    ///
    ///     fn revision(&self) -> Option<u64> {
    ///         Some(42)
    ///     }
    /// }
    ///
    /// let policy = PolicyConfig::new().allow_origins_in(Tenants).build()?;
    /// assert_eq!(policy.origins_revision(), Some(42));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    fn revision(&self) -> Option<u64> {
        None
    }
}

#[cfg(target_has_atomic = "ptr")]
impl<S: DynamicOriginSet + ?Sized> DynamicOriginSet for alloc::sync::Arc<S> {
    fn contains(&self, origin: &str) -> bool {
        (**self).contains(origin)
    }

    fn contains_bytes(&self, origin: &[u8]) -> bool {
        (**self).contains_bytes(origin)
    }

    fn revision(&self) -> Option<u64> {
        (**self).revision()
    }
}

/// A function that asks a set about an origin: see [`with_dynamic_set_call`](crate::adapter::with_dynamic_set_call).
///
/// ```
/// use omnicors_core::adapter::DynamicSetCall;
///
/// let call: DynamicSetCall = |set, origin| set.contains_bytes(origin);
/// ```
pub type DynamicSetCall = fn(&dyn DynamicOriginSet, &[u8]) -> bool;

/// The set of a policy.
#[derive(Clone)]
pub(crate) struct DynamicOrigins {
    set: SharedFunction<dyn DynamicOriginSet>,
    call: DynamicSetCall,
}

impl DynamicOrigins {
    pub(super) fn new(set: impl DynamicOriginSet + 'static) -> Self {
        Self {
            set: share(set),
            call: |set, origin| set.contains_bytes(origin),
        }
    }

    /// Returns the same set, asked through `call`.
    pub(super) fn called_by(self, call: DynamicSetCall) -> Self {
        Self { call, ..self }
    }

    /// Returns true if the set contains this value of an `Origin` field.
    #[inline]
    pub(super) fn contains(&self, origin: &[u8]) -> bool {
        origin.len() <= limits::ORIGIN && (self.call)(&*self.set, origin)
    }

    pub(super) fn revision(&self) -> Option<u64> {
        self.set.revision()
    }
}

impl fmt::Debug for DynamicOrigins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<set>")
    }
}

/// Two of these are equal if they share a set.
impl PartialEq for DynamicOrigins {
    fn eq(&self, other: &Self) -> bool {
        ptr::eq(&raw const *self.set, &raw const *other.set)
    }
}
