use crate::policy::{OriginStatus, Policy};
use crate::request::{RequestField, RequestFields, SingleField};

/// The outcome of a preflight whose response depends on nothing but its origin, so that an adapter can prepare the whole response.
///
/// This is for speed: [`evaluate`](crate::evaluate) makes the same decision, and takes longer. Every other outcome is a [`Decision`]
/// of `evaluate`, so this enum gets no further variants.
///
/// [`Decision`]: crate::Decision
///
/// ```
/// use omnicors_core::adapter::PreflightOutcome;
/// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
///
/// let policy = PolicyConfig::new().allow_origin("https://example.com").allow_method("PUT").build()?;
/// let preflight = |origin| [("origin", origin), ("access-control-request-method", "PUT")];
/// let find = |origin| PreflightOutcome::find(&policy, "OPTIONS", &preflight(origin));
/// assert_eq!(find("https://example.com"), Some(PreflightOutcome::Allowed));
/// assert_eq!(find("https://other.example"), Some(PreflightOutcome::Denied));
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreflightOutcome {
    /// Respond with the [status of the policy](Policy::preflight_status) and the
    /// [`preflight_fields`](crate::adapter::preflight_fields). Unless the policy is [static](Policy::is_static), add
    /// `Access-Control-Allow-Origin` with the `Origin` of the request.
    Allowed,
    /// Respond with 403 and `Vary: Origin`.
    Denied,
}

impl PreflightOutcome {
    /// Returns the outcome for a request with this method and these fields.
    ///
    /// Returns `None` if the request is not a preflight, and for every request if the policy looks up origins, lists hosts, forwards
    /// preflights, allows others without credentials, or echoes the requested method or headers. Then call
    /// [`evaluate`](crate::evaluate).
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    /// use omnicors_core::adapter::PreflightOutcome;
    ///
    /// let config = PolicyConfig::new().allow_origin("https://example.com");
    /// let preflight = [("origin", "https://example.com"), ("access-control-request-method", "PUT")];
    /// assert!(PreflightOutcome::find(&config.clone().build()?, "OPTIONS", &preflight).is_some());
    /// assert!(PreflightOutcome::find(&config.clone().build()?, "GET", &preflight).is_none());
    /// assert!(PreflightOutcome::find(&config.forward_preflights(true).build()?, "OPTIONS", &preflight).is_none());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn find(
        policy: &Policy,
        method: &(impl AsRef<[u8]> + ?Sized),
        fields: &impl RequestFields,
    ) -> Option<Self> {
        if !policy.response_fields.has_fixed_preflights || method.as_ref() != b"OPTIONS" {
            return None;
        }
        let origin = SingleField::read(fields, RequestField::Origin);
        // Without either field, this is not a preflight.
        if origin == SingleField::Absent {
            return None;
        }
        fields.value(RequestField::AccessControlRequestMethod, 0)?;
        let is_allowed = policy.is_static()
            || origin.once().is_some_and(|origin| {
                policy.origins.status_of(origin, None) == OriginStatus::Allowed
            });
        Some(if is_allowed {
            Self::Allowed
        } else {
            Self::Denied
        })
    }
}
