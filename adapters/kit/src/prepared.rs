use std::sync::Arc;
#[cfg(feature = "tracing")]
use std::sync::atomic::{AtomicBool, Ordering};

use omnicors_core::adapter::{EchoedField, prepared_values, with_predicate_call};
use omnicors_core::{FieldValue, HeaderField, Policy, ResponseHeaderName};

#[cfg(feature = "tracing")]
use crate::events;
use crate::panics;

/// A policy, with the field values that depend on it alone, in the types of an adapter. A panic in its predicate is caught, and
/// does not allow the origin.
///
/// `P` is the type of these values. Each adapter has an alias with its own, also named `PreparedPolicy`. A policy is prepared
/// once and shared as an `Arc`: see [`shared`](Self::shared).
#[derive(Debug)]
pub struct PreparedPolicy<P> {
    policy: Policy,
    values: P,
    #[cfg(feature = "tracing")]
    has_warned_of_missing_lookup: AtomicBool,
}

impl<P: for<'a> From<&'a Policy>> PreparedPolicy<P> {
    /// Prepares a policy and returns it ready to be shared.
    ///
    /// ```
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PreparedPolicy};
    ///
    /// let public = PreparedPolicy::<NoPreparedValues>::shared(PolicyConfig::public_read_only().build()?);
    /// let same = public.clone();
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    pub fn shared(policy: Policy) -> Arc<Self> {
        Arc::new(policy.into())
    }
}

impl<P: for<'a> From<&'a Policy>> From<Policy> for PreparedPolicy<P> {
    fn from(policy: Policy) -> Self {
        let policy = with_predicate_call(policy, panics::call_predicate);
        #[cfg(feature = "tracing")]
        events::policy_warnings(&policy);
        Self {
            values: P::from(&policy),
            policy,
            #[cfg(feature = "tracing")]
            has_warned_of_missing_lookup: AtomicBool::new(false),
        }
    }
}

impl<P> PreparedPolicy<P> {
    /// Returns the policy.
    #[inline]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Returns the field values that depend on the policy alone.
    #[inline]
    pub fn values(&self) -> &P {
        &self.values
    }

    /// Warns, once, if this policy needs an origin lookup and the adapter has none.
    ///
    /// Call this no earlier than at the first request: until then, `lookup_origins` may still be called.
    #[cfg(feature = "tracing")]
    pub(crate) fn warn_of_missing_lookup(&self) {
        // Not `Once`: other requests would wait for the subscriber, and fail if it panicked.
        if self.policy.lookup_origins()
            && !self
                .has_warned_of_missing_lookup
                .swap(true, Ordering::Relaxed)
        {
            events::missing_lookup();
        }
    }
}

/// No prepared values: for a server without an adapter, and for an adapter whose framework has no value type that is cheap to
/// clone.
///
/// It stands where `()` would, because `From<&Policy>` cannot be implemented for `()` outside the core.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoPreparedValues;

impl From<&Policy> for NoPreparedValues {
    fn from(_: &Policy) -> Self {
        Self
    }
}

/// The field values that are [`FieldValue::Policy`], as values of a framework's type `V`.
#[derive(Clone, Debug)]
pub struct PreparedValues<V>(Vec<(ResponseHeaderName, V)>);

impl<V: for<'a> TryFrom<&'a str>> From<&Policy> for PreparedValues<V> {
    fn from(policy: &Policy) -> Self {
        // The texts of a policy are tokens, digits, commas and spaces: each is a valid field value.
        let value = |(name, text)| Some((name, V::try_from(text).ok()?));
        Self(prepared_values(policy).filter_map(value).collect())
    }
}

impl<V: Clone> PreparedValues<V> {
    /// Returns the value of a field of a decision. The value borrows nothing and, if possible, is a cheap clone: values of
    /// the policy were prepared with it, and echoed values are those of the request.
    ///
    /// `origin` is the value of the request's `Origin`, which nearly every decision echoes. Any other echoed field comes from
    /// `requested`.
    #[inline]
    pub fn value_of<'a>(
        &self,
        field: HeaderField<'_>,
        constant: impl FnOnce(&'static str) -> V,
        origin: Option<&V>,
        requested: impl FnOnce(EchoedField) -> Option<&'a V>,
    ) -> Option<V>
    where
        V: 'a,
    {
        match field.value {
            FieldValue::Echo(EchoedField::Origin, _) => origin.cloned(),
            FieldValue::Constant(text) => Some(constant(text)),
            FieldValue::Policy(_) => self.get(field.name).cloned(),
            FieldValue::Echo(echoed, _) => requested(echoed).cloned(),
        }
    }

    fn get(&self, name: ResponseHeaderName) -> Option<&V> {
        let mut values = self.0.iter();
        values.find(|(its, _)| *its == name).map(|(_, value)| value)
    }
}
