use super::headers::ResponseHeaders;
use super::outline::ResponseOutline;
use crate::policy::{OriginStatus, Policy};
use crate::request::{LookupResult, RequestField, RequestFields, RequestParts, SingleField};

/// The outlines of the responses to requests that are not preflights, prepared once for a policy.
///
/// This is for speed: [`evaluate`](crate::evaluate) makes the same decision, and takes longer.
///
/// ```
/// use omnicors_core::adapter::{ForwardOutlines, ResponseOutline};
/// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
///
/// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
/// let outlines = ForwardOutlines::of(&policy);
/// let fields = [("origin", "https://example.com")];
/// let request = RequestParts::read(&policy, "GET", &fields);
/// let evaluated = ResponseOutline::of(evaluate(&policy, &request).headers());
/// assert_eq!(outlines.find(&policy, "GET", &fields, None), Some(&evaluated));
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ForwardOutlines {
    non_cors: ResponseOutline,
    allowed: ResponseOutline,
    denied: ResponseOutline,
    undecided: ResponseOutline,
}

impl ForwardOutlines {
    /// Prepares the outlines of a policy. See the example of [`ForwardOutlines`].
    pub fn of(policy: &Policy) -> Self {
        let request = RequestParts::with_method(b"GET");
        let outline = |status| ResponseOutline::of(&ResponseHeaders::new(policy, &request, status));
        Self {
            non_cors: outline(OriginStatus::Absent),
            allowed: outline(OriginStatus::Allowed),
            denied: outline(OriginStatus::Denied),
            undecided: outline(OriginStatus::Undecided),
        }
    }

    /// Returns the outline for all requests without `Origin` that are forwarded.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    /// use omnicors_core::adapter::ForwardOutlines;
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
    /// let outlines = ForwardOutlines::of(&policy);
    /// let fields = [("accept", "*/*")];
    /// assert_eq!(outlines.find(&policy, "GET", &fields, None), Some(&outlines.non_cors()));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn non_cors(&self) -> ResponseOutline {
        self.non_cors
    }

    /// Returns the outline for a request with this method and these fields. `policy` is the policy of this.
    ///
    /// Returns `None` for every request with the method OPTIONS, because it can be a preflight, and for requests that the
    /// [guard](crate::PolicyConfig::guard) may reject. Then call [`evaluate`](crate::evaluate).
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    /// use omnicors_core::adapter::ForwardOutlines;
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
    /// let outlines = ForwardOutlines::of(&policy);
    /// let fields = [("origin", "https://example.com")];
    /// assert!(outlines.find(&policy, "POST", &fields, None).is_some());
    /// assert!(outlines.find(&policy, "OPTIONS", &fields, None).is_none());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    // Without `RequestParts`, so that what was read stays in registers. A reference, because an `Option<ResponseOutline>` is put together
    // from its parts.
    #[inline]
    pub fn find(
        &self,
        policy: &Policy,
        method: &(impl AsRef<[u8]> + ?Sized),
        fields: &impl RequestFields,
        lookup_result: Option<LookupResult>,
    ) -> Option<&ResponseOutline> {
        if policy.checks_hosts() || method.as_ref() == b"OPTIONS" {
            return None;
        }
        // A static policy has no guard that rejects: `build` does not accept both.
        if policy.is_static() {
            return Some(&self.allowed);
        }
        let origin = SingleField::read(fields, RequestField::Origin);
        let status = match origin {
            SingleField::Absent => OriginStatus::Absent,
            SingleField::Once(origin) => policy.origins.status_of(origin, lookup_result),
            SingleField::Repeated => OriginStatus::Denied,
        };
        // Whatever else the request has, a listed origin passes the guard.
        if policy.may_reject()
            && !status.is_of_listed(origin)
            && is_checked_by_guard(policy, method.as_ref(), status, fields)
        {
            return None;
        }
        Some(match status {
            OriginStatus::Absent => &self.non_cors,
            OriginStatus::Allowed => &self.allowed,
            OriginStatus::Denied | OriginStatus::AllowedWithoutCredentials => &self.denied,
            OriginStatus::Undecided => &self.undecided,
        })
    }
}

/// A function of its own, so that [`ForwardOutlines::find`] is small enough to be inlined.
#[cold]
#[inline(never)]
fn is_checked_by_guard(
    policy: &Policy,
    method: &[u8],
    status: OriginStatus,
    fields: &impl RequestFields,
) -> bool {
    let has_origin = status != OriginStatus::Absent;
    policy.guard().checks(method, has_origin, fields)
}
