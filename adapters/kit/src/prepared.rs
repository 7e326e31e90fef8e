use std::sync::Arc;
#[cfg(feature = "tracing")]
use std::sync::atomic::{AtomicBool, Ordering};

use omnicors_core::adapter::{
    EchoedField, ForwardOutlines, RequestFields, ResponseOutline, prepared_values,
};
use omnicors_core::{FieldValue, HeaderField, LookupResult, Policy, ResponseHeaderName};

#[cfg(feature = "tracing")]
use crate::events;
use crate::panics;
use crate::shadow::Shadow;

/// A policy together with its field values, prepared in the types of an adapter.
///
/// Prepare a policy once with [`shared`](Self::shared), and share the `Arc`. If the policy's predicate or set of origins panics, the
/// panic is caught and the origin is not allowed.
///
/// `P` is the type of the prepared values. Each adapter has an alias with its type, also named `PreparedPolicy`.
///
/// ```
/// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PreparedPolicy};
///
/// let prepared = PreparedPolicy::<NoPreparedValues>::shared(PolicyConfig::public_read_only().build()?);
/// assert!(!prepared.policy().allow_credentials());
/// # Ok::<(), omnicors_adapter::PolicyError>(())
/// ```
#[derive(Debug)]
pub struct PreparedPolicy<P> {
    policy: Policy,
    values: P,
    outlines: ForwardOutlines,
    /// The policy that is compared with this one. It is here, so that a request without one reads nothing else.
    shadow: Option<Arc<Shadow>>,
    #[cfg(feature = "tracing")]
    has_warned_of_missing_lookup: AtomicBool,
    /// What events suggest, if no change of the policy itself would help.
    #[cfg(feature = "tracing")]
    suggestion: Option<&'static str>,
}

impl<P: for<'a> From<&'a Policy>> PreparedPolicy<P> {
    /// Prepares a policy and puts it into an `Arc`.
    ///
    /// ```
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PreparedPolicy};
    ///
    /// let public = PreparedPolicy::<NoPreparedValues>::shared(PolicyConfig::public_read_only().build()?);
    /// let shared = public.clone();
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    pub fn shared(policy: Policy) -> Arc<Self> {
        Arc::new(policy.into())
    }
}

impl<P: for<'a> From<&'a Policy>> From<Policy> for PreparedPolicy<P> {
    fn from(policy: Policy) -> Self {
        let policy = panics::with_caught_panics(policy);
        #[cfg(feature = "tracing")]
        events::policy_warnings(&policy);
        Self::new(policy, None)
    }
}

impl<P: for<'a> From<&'a Policy>> PreparedPolicy<P> {
    fn new(policy: Policy, shadow: Option<Arc<Shadow>>) -> Self {
        Self {
            values: P::from(&policy),
            outlines: ForwardOutlines::of(&policy),
            policy,
            shadow,
            #[cfg(feature = "tracing")]
            has_warned_of_missing_lookup: AtomicBool::new(false),
            #[cfg(feature = "tracing")]
            suggestion: None,
        }
    }

    /// Prepares a policy of which only the choice of policies can be changed. Events suggest that.
    pub(crate) fn shared_with_suggestion(policy: Policy, suggestion: &'static str) -> Arc<Self> {
        #[cfg(feature = "tracing")]
        return Arc::new(Self {
            suggestion: Some(suggestion),
            ..policy.into()
        });
        #[cfg(not(feature = "tracing"))]
        {
            let _ = suggestion;
            Self::shared(policy)
        }
    }

    /// Returns the same policy with another shadow.
    pub(crate) fn copy_with_shadow(&self, shadow: Option<Arc<Shadow>>) -> Self {
        Self::new(self.policy.clone(), shadow)
    }

    /// Sets the shadow.
    pub(crate) fn with_shadow(self, shadow: Option<Arc<Shadow>>) -> Self {
        Self { shadow, ..self }
    }
}

impl<P> PreparedPolicy<P> {
    /// Returns the policy.
    ///
    /// ```
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PreparedPolicy};
    ///
    /// let prepared = PreparedPolicy::<NoPreparedValues>::shared(PolicyConfig::public_read_only().build()?);
    /// assert!(prepared.policy().allow_methods().next().is_none());
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    #[inline]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Returns the prepared field values.
    ///
    /// ```
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PreparedPolicy};
    ///
    /// let prepared = PreparedPolicy::<NoPreparedValues>::shared(PolicyConfig::public_read_only().build()?);
    /// assert_eq!(prepared.values(), &NoPreparedValues);
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    #[inline]
    pub fn values(&self) -> &P {
        &self.values
    }

    /// Returns the outline of the response fields for a request, if the request is forwarded whatever else it contains: see
    /// [`ForwardOutlines::find`]. Call this before [`evaluate`](omnicors_core::evaluate), which takes longer.
    /// [`ForwardHeaders::with_outline`](crate::ForwardHeaders::with_outline) has an example.
    #[inline]
    pub fn outline(
        &self,
        method: &(impl AsRef<[u8]> + ?Sized),
        fields: &impl RequestFields,
        lookup_result: Option<LookupResult>,
    ) -> Option<&ResponseOutline> {
        self.outlines
            .find(&self.policy, method, fields, lookup_result)
    }

    /// Returns the outline for all requests without `Origin` that are forwarded: see [`ForwardOutlines::non_cors`].
    ///
    /// ```
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PreparedPolicy};
    ///
    /// let prepared = PreparedPolicy::<NoPreparedValues>::shared(PolicyConfig::public_read_only().build()?);
    /// let request = [("accept", "*/*")];
    /// assert_eq!(prepared.outline("GET", &request, None), Some(&prepared.non_cors()));
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    #[inline]
    pub fn non_cors(&self) -> ResponseOutline {
        self.outlines.non_cors()
    }

    /// Returns the policy that is compared with this one, if there is one.
    #[inline]
    pub(crate) fn shadow(&self) -> Option<&Arc<Shadow>> {
        self.shadow.as_ref()
    }

    /// Returns what events suggest instead of a change of the policy.
    #[cfg(feature = "tracing")]
    pub(crate) fn suggestion(&self) -> Option<&'static str> {
        self.suggestion
    }

    /// Logs a warning, once, that this policy needs an origin lookup. Called if a lookup was needed and the adapter has none.
    #[cfg(feature = "tracing")]
    pub(crate) fn warn_of_missing_lookup(&self) {
        // Not a `Once`: other requests would wait for the subscriber, and would panic if it panicked.
        if !self
            .has_warned_of_missing_lookup
            .swap(true, Ordering::Relaxed)
        {
            events::missing_lookup();
        }
    }
}

/// No prepared values: for a server without an adapter, and for a framework whose field values are not cheap to clone.
///
/// ```
/// use omnicors_adapter::{NoPreparedValues, PolicyConfig};
///
/// let policy = PolicyConfig::public_read_only().build()?;
/// assert_eq!(NoPreparedValues::from(&policy), NoPreparedValues);
/// # Ok::<(), omnicors_adapter::PolicyError>(())
/// ```
// `From<&Policy>` cannot be implemented for `()` in this crate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoPreparedValues;

impl From<&Policy> for NoPreparedValues {
    fn from(_: &Policy) -> Self {
        Self
    }
}

/// The field values that depend only on the policy ([`FieldValue::Policy`]), in a framework's type `V`. Cloning is cheap.
///
/// ```
/// use http::HeaderValue;
/// use omnicors_adapter::omnicors_core::{RequestParts, evaluate};
/// use omnicors_adapter::{ForwardHeaders, PolicyConfig, PreparedPolicy, PreparedValues};
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).expose_headers(["etag"]);
/// let prepared = PreparedPolicy::<PreparedValues<HeaderValue>>::shared(policy.build()?);
///
/// let origin = HeaderValue::from_static("https://example.com");
/// let request = RequestParts::new("GET").origin("https://example.com");
/// let decision = evaluate(prepared.policy(), &request);
/// // The policy echoes only the origin.
/// let fields = ForwardHeaders::new(decision.headers(), prepared.values(), |_| Some(origin.clone()));
/// assert!(!fields.is_empty());
/// # Ok::<(), omnicors_adapter::PolicyError>(())
/// ```
#[derive(Clone, Debug)]
// A thin pointer, because it is a member of `ForwardHeaders`.
pub struct PreparedValues<V>(Arc<Vec<(ResponseHeaderName, V)>>);

impl<V: TryFrom<String>> From<&Policy> for PreparedValues<V> {
    fn from(policy: &Policy) -> Self {
        // A text of a policy consists of tokens, digits, commas and spaces, so it is a valid field value.
        let value = |(name, text): (_, &str)| Some((name, V::try_from(text.to_owned()).ok()?));
        Self(Arc::new(
            prepared_values(policy).filter_map(value).collect(),
        ))
    }
}

impl<V: Clone> PreparedValues<V> {
    /// Returns the value of a field of a decision, as a clone of a prepared value or of a value of the request.
    ///
    /// * `constant` converts a text that is known at compile time.
    /// * `origin` is the value of the request's `Origin`, which nearly every decision echoes.
    /// * `requested` returns the value of another field of the request that is echoed.
    ///
    /// ```
    /// use http::HeaderValue;
    /// use omnicors_adapter::omnicors_core::{RequestParts, evaluate};
    /// use omnicors_adapter::{PolicyConfig, PreparedValues};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    /// let values = PreparedValues::<HeaderValue>::from(&policy);
    /// let origin = HeaderValue::from_static("https://example.com");
    ///
    /// let request = RequestParts::new("GET").origin("https://example.com");
    /// for field in evaluate(&policy, &request).headers() {
    ///     let value = values.value_of(field, HeaderValue::from_static, Some(&origin), |_| None);
    ///     assert_eq!(value.unwrap().as_bytes(), field.value.as_bytes());
    /// }
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
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

    #[inline]
    pub(crate) fn get(&self, name: ResponseHeaderName) -> Option<&V> {
        let mut values = self.0.iter();
        values
            .find(|(other, _)| *other == name)
            .map(|(_, value)| value)
    }
}
