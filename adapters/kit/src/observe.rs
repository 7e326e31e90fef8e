//! What happens besides a decision: events, counters, and the comparison with a candidate.

use std::borrow::Cow;

#[cfg(any(feature = "metrics", feature = "tracing"))]
use omnicors_core::evaluate;
use omnicors_core::{Decision, RequestParts};

#[cfg(feature = "metrics")]
use crate::counters;
#[cfg(feature = "tracing")]
use crate::events::{self, About};
#[cfg(any(feature = "metrics", feature = "tracing"))]
use crate::finding::Finding;
use crate::prepared::PreparedPolicy;

impl<P> PreparedPolicy<P> {
    /// Returns true if [`observe`](Self::observe) must be called for each request: if a subscriber listens to events (feature
    /// `tracing`), if decisions are counted (feature `metrics`), or if the policy has a [shadow](crate::PolicyHandle::shadow).
    ///
    /// This reads one pointer and, with `tracing`, one number. Call it before the decision, and make the decision in another function if
    /// it returns true. Then the usual path stays as short as without observers: the decision is not kept in memory for them.
    ///
    /// ```
    /// use omnicors_adapter::omnicors_core::{Decision, RequestParts, evaluate};
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PreparedPolicy};
    ///
    /// type Policy = PreparedPolicy<NoPreparedValues>;
    ///
    /// fn decide<'a>(policy: &'a Policy, request: &RequestParts<'a>) -> Decision<'a> {
    ///     if policy.is_observed() {
    ///         return decide_and_observe(policy, request);
    ///     }
    ///     evaluate(policy.policy(), request)
    /// }
    ///
    /// #[inline(never)]
    /// fn decide_and_observe<'a>(policy: &'a Policy, request: &RequestParts<'a>) -> Decision<'a> {
    ///     let decision = evaluate(policy.policy(), request);
    ///     policy.observe(request, &decision, || "/items".into());
    ///     decision
    /// }
    ///
    /// let policy = Policy::shared(PolicyConfig::new().allow_origins(["https://example.com"]).build()?);
    /// let request = RequestParts::new("GET").origin("https://denied.example");
    /// assert!(!decide(&policy, &request).verdict().is_allowed());
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    #[inline]
    pub fn is_observed(&self) -> bool {
        #[cfg(feature = "tracing")]
        if events::may_be_heard() {
            return true;
        }
        cfg!(feature = "metrics") || self.shadow().is_some()
    }

    /// Reports a decision of this policy: to listeners of events (feature `tracing`), in counters (feature `metrics`), and to the
    /// [shadow](crate::PolicyHandle::shadow) of the policy.
    ///
    /// Call this once per request, with the decision that is obeyed, if [`is_observed`](Self::is_observed) returns true. `path` returns
    /// the path of the request: the whole one, if a router has removed its start, and without the query, which can contain secrets. It is
    /// called only for an event. See the example of [`is_observed`](Self::is_observed).
    #[inline(never)]
    pub fn observe<'a>(
        &'a self,
        request: &RequestParts<'a>,
        decision: &Decision<'a>,
        path: impl FnOnce() -> Cow<'a, str>,
    ) {
        #[cfg(any(feature = "metrics", feature = "tracing"))]
        let finding = Finding::new(self.policy(), request, decision);
        #[cfg(feature = "metrics")]
        counters::count(decision, &finding);
        #[cfg(feature = "tracing")]
        if events::may_be_heard() {
            if events::is_lookup_missing(decision) {
                self.warn_of_missing_lookup();
            }
            if finding.is_any() && events::are_about_requests_heard() {
                let about = About {
                    policy: self.policy(),
                    suggestion: self.suggestion(),
                    request,
                    path: &path(),
                };
                events::found(about, &finding);
            }
        }
        #[cfg(not(feature = "tracing"))]
        let _ = path;
        if let Some(shadow) = self.shadow() {
            shadow.compare(self.policy(), request, decision);
        }
    }

    /// Returns true if what is observed about a request may need its target: the path for an event, or the host for a shadow. `read`
    /// returns the parts of the request, and is called only if they are observed. Also reads the fields that [`observe`](Self::observe)
    /// reads, apart from those that only a shadow needs.
    ///
    /// For an adapter that has to copy the request to know its target:
    ///
    /// ```
    /// use omnicors_adapter::omnicors_core::RequestParts;
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PreparedPolicy};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    /// let policy = PreparedPolicy::<NoPreparedValues>::shared(policy);
    /// let needs_target = policy.needs_target(|| RequestParts::new("GET").origin("https://denied.example"));
    /// assert!(!needs_target, "nobody listens");
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    #[inline]
    pub fn needs_target<'a>(&'a self, read: impl FnOnce() -> RequestParts<'a>) -> bool {
        if self.shadow().is_some() {
            return true;
        }
        #[cfg(any(feature = "metrics", feature = "tracing"))]
        {
            #[cfg(feature = "tracing")]
            let makes_events = events::are_about_requests_heard();
            #[cfg(not(feature = "tracing"))]
            let makes_events = false;
            if makes_events || cfg!(feature = "metrics") {
                let request = read();
                let decision = evaluate(self.policy(), &request);
                let finding = Finding::new(self.policy(), &request, &decision);
                return makes_events && finding.is_any();
            }
        }
        let _ = read;
        false
    }
}
