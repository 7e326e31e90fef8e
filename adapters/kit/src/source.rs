use std::fmt;
use std::sync::Arc;

use omnicors_core::Policy;

use crate::handle::PolicyHandle;
use crate::prepared::PreparedPolicy;
use crate::vary::VaryNames;

/// Where the policy for a request comes from. A clone is cheap.
///
/// Each adapter has an alias, also named `PolicySource`, with its own types: `C` is the type of the function that chooses a
/// policy per request, `dyn Fn(&Request) -> Option<Arc<PreparedPolicy<P>>> + Send + Sync`; `P` is the type of the values that
/// the adapter prepares.
///
/// Non-exhaustive: there may be other sources.
#[non_exhaustive]
pub enum PolicySource<C: ?Sized, P> {
    /// One policy for all requests.
    Fixed(Arc<PreparedPolicy<P>>),
    /// A policy that can be replaced.
    Handle(PolicyHandle<P>),
    /// A policy chosen per request. `None` means that CORS does not apply to the request: neither the request nor its
    /// response is touched, except for `Vary`.
    PerRequest {
        /// Chooses the policy.
        choose: Arc<C>,
        /// The request fields that `choose` reads: see [`vary_on`](Self::vary_on).
        vary_on: VaryNames,
    },
}

impl<C: ?Sized, P> PolicySource<C, P> {
    /// Makes a source of a function that chooses a policy per request.
    pub fn per_request(choose: Arc<C>) -> Self {
        let vary_on = VaryNames::default();
        Self::PerRequest { choose, vary_on }
    }

    /// Names the request fields that the function of a choice per request reads: they go into `Vary` of every response,
    /// whatever was chosen, so that a cache does not give the response of one policy to a request that another one decides.
    ///
    /// Names are compared without case, and added to those of earlier calls. `*` is for a choice by something else than header
    /// fields, such as the address of the client: no cache uses such a response for another request.
    ///
    /// This has no effect on a source that is not chosen per request: its policies set `Vary` themselves.
    ///
    /// ```
    /// # use omnicors_adapter::{NoPreparedValues, Policy, PolicyConfig};
    /// # use std::sync::Arc;
    /// # type Request = std::collections::HashMap<&'static str, String>;
    /// # type PreparedPolicy = omnicors_adapter::PreparedPolicy<NoPreparedValues>;
    /// # type Choose = dyn Fn(&Request) -> Option<Arc<PreparedPolicy>> + Send + Sync;
    /// # type PolicySource = omnicors_adapter::PolicySource<Choose, NoPreparedValues>;
    /// let public = PreparedPolicy::shared(PolicyConfig::public_read_only().build()?);
    /// let source = PolicySource::per_request(Arc::new(move |request: &Request| {
    ///     request.contains_key("x-tenant").then(|| public.clone())
    /// }));
    /// let source = source.vary_on(["x-tenant"]);
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if one of them is not a valid header name. This is a mistake in the program, found when it starts.
    #[must_use]
    #[track_caller]
    pub fn vary_on(self, names: impl IntoIterator<Item = &'static str>) -> Self {
        let names = self.vary_names().with(names);
        match self {
            Self::PerRequest { choose, .. } => Self::PerRequest {
                choose,
                vary_on: names,
            },
            Self::Fixed(_) | Self::Handle(_) => self,
        }
    }

    /// Returns the names given to [`vary_on`](Self::vary_on), which go into every response: by
    /// [`ForwardHeaders::vary_on`](crate::ForwardHeaders::vary_on) if the application is run, and by
    /// [`VaryNames::merge_into`] if not.
    #[inline]
    pub fn vary_names(&self) -> VaryNames {
        match self {
            Self::PerRequest { vary_on, .. } => vary_on.clone(),
            Self::Fixed(_) | Self::Handle(_) => VaryNames::default(),
        }
    }

    /// Returns true if there are [`vary_names`](Self::vary_names). This is cheaper than to take them.
    #[inline]
    pub fn has_vary_names(&self) -> bool {
        matches!(self, Self::PerRequest { vary_on, .. } if !vary_on.is_empty())
    }

    /// Returns the policy for a request, to be held during an origin lookup; or `None` if CORS does not apply to the request.
    pub fn choose<R>(&self, request: R) -> Option<Arc<PreparedPolicy<P>>>
    where
        C: Fn(R) -> Option<Arc<PreparedPolicy<P>>>,
    {
        match self {
            Self::Fixed(policy) => Some(Arc::clone(policy)),
            Self::Handle(handle) => Some(handle.load()),
            Self::PerRequest { choose, .. } => choose(request),
        }
    }

    /// Calls a function with the policy for a request, or with `None` if CORS does not apply to the request.
    ///
    /// This is for an adapter without an origin lookup. It is cheaper than [`choose`](Self::choose), which counts a reference
    /// that all threads share.
    #[inline]
    pub fn with_chosen<R, O>(
        &self,
        request: R,
        then: impl FnOnce(Option<&PreparedPolicy<P>>) -> O,
    ) -> O
    where
        C: Fn(R) -> Option<Arc<PreparedPolicy<P>>>,
    {
        // `then` is called in one place, because it is long and is inlined here.
        let (current, chosen);
        let policy: Option<&PreparedPolicy<P>> = match self {
            Self::Fixed(policy) => Some(policy),
            Self::Handle(handle) => {
                current = handle.peek();
                Some(&current)
            }
            Self::PerRequest { choose, .. } => {
                chosen = choose(request);
                chosen.as_deref()
            }
        };
        #[cfg(feature = "tracing")]
        if let Some(policy) = policy {
            policy.warn_of_missing_lookup();
        }
        then(policy)
    }
}

/// What the constructor of an adapter takes: a [`Policy`] or an `Arc<`[`PreparedPolicy`]`>` for all requests, a
/// [`PolicyHandle`], or a [`PolicySource`] that chooses one per request.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a CORS policy",
    label = "expected a `Policy`, a `PolicyHandle` or `per_request(…)`",
    note = "a `PolicyConfig` has to be built first: call `.build()?`"
)]
pub trait IntoPolicySource<C: ?Sized, P> {
    /// Makes a source of it.
    fn into_policy_source(self) -> PolicySource<C, P>;
}

impl<C: ?Sized, P> IntoPolicySource<C, P> for PolicySource<C, P> {
    fn into_policy_source(self) -> Self {
        self
    }
}

impl<C: ?Sized, P: for<'a> From<&'a Policy>> IntoPolicySource<C, P> for Policy {
    fn into_policy_source(self) -> PolicySource<C, P> {
        self.into()
    }
}

impl<C: ?Sized, P> IntoPolicySource<C, P> for Arc<PreparedPolicy<P>> {
    fn into_policy_source(self) -> PolicySource<C, P> {
        self.into()
    }
}

impl<C: ?Sized, P> IntoPolicySource<C, P> for PolicyHandle<P> {
    fn into_policy_source(self) -> PolicySource<C, P> {
        self.into()
    }
}

impl<C: ?Sized, P: for<'a> From<&'a Policy>> From<Policy> for PolicySource<C, P> {
    fn from(policy: Policy) -> Self {
        Self::Fixed(PreparedPolicy::shared(policy))
    }
}

impl<C: ?Sized, P> From<Arc<PreparedPolicy<P>>> for PolicySource<C, P> {
    fn from(policy: Arc<PreparedPolicy<P>>) -> Self {
        Self::Fixed(policy)
    }
}

impl<C: ?Sized, P> From<PolicyHandle<P>> for PolicySource<C, P> {
    fn from(handle: PolicyHandle<P>) -> Self {
        Self::Handle(handle)
    }
}

impl<C: ?Sized, P> Clone for PolicySource<C, P> {
    fn clone(&self) -> Self {
        match self {
            Self::Fixed(policy) => Self::Fixed(Arc::clone(policy)),
            Self::Handle(handle) => Self::Handle(handle.clone()),
            Self::PerRequest { choose, vary_on } => Self::PerRequest {
                choose: Arc::clone(choose),
                vary_on: vary_on.clone(),
            },
        }
    }
}

impl<C: ?Sized, P: fmt::Debug> fmt::Debug for PolicySource<C, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(policy) => policy.fmt(f),
            Self::Handle(handle) => handle.fmt(f),
            Self::PerRequest { vary_on, .. } => f
                .debug_struct("PerRequest")
                .field("vary_on", vary_on)
                .finish_non_exhaustive(),
        }
    }
}

#[cfg(test)]
mod tests {
    use omnicors_core::PolicyConfig;

    use super::*;
    use crate::prepared::NoPreparedValues;

    type Prepared = PreparedPolicy<NoPreparedValues>;
    type Source = PolicySource<dyn Fn(&str) -> Option<Arc<Prepared>>, NoPreparedValues>;

    fn policy(origin: &str) -> Policy {
        let config = PolicyConfig::new().allow_origins([origin]);
        config.build().unwrap()
    }

    /// Returns whether the policy for a request allows an origin, or `None` if there is no policy.
    fn allows(source: &Source, request: &str, origin: &str) -> Option<bool> {
        let allows = |policy: &Prepared| {
            let origins = policy.policy().origins();
            origins.unwrap().contains(origin.as_bytes())
        };
        let result = source.choose(request).map(|policy| allows(&policy));
        assert_eq!(
            source.with_chosen(request, |policy| policy.map(allows)),
            result
        );
        result
    }

    #[test]
    fn a_replaced_policy_decides_the_next_request() {
        let handle = PolicyHandle::new(policy("https://old.example"));
        let source = Source::from(handle.clone());
        assert_eq!(allows(&source, "/", "https://old.example"), Some(true));
        handle.replace(policy("https://new.example"));
        assert_eq!(allows(&source, "/", "https://old.example"), Some(false));
        assert_eq!(allows(&source, "/", "https://new.example"), Some(true));
    }

    #[test]
    fn a_policy_is_chosen_per_request_or_none() {
        let chosen = PreparedPolicy::shared(policy("https://a.example"));
        let choose = move |path: &str| (path == "/api").then(|| Arc::clone(&chosen));
        let source = Source::per_request(Arc::new(choose));
        assert_eq!(allows(&source, "/api", "https://a.example"), Some(true));
        assert_eq!(allows(&source, "/", "https://a.example"), None);
    }

    #[test]
    fn only_a_choice_per_request_has_names_to_vary_on() {
        let source = Source::per_request(Arc::new(|_: &str| None));
        assert!(source.vary_names().is_empty());
        assert!(!source.has_vary_names());
        let source = source.vary_on(["x-tenant"]);
        assert!(!source.vary_names().is_empty());
        assert!(source.has_vary_names());
        let fixed = Source::from(policy("https://a.example")).vary_on(["x-tenant"]);
        assert!(fixed.vary_names().is_empty());
        assert!(!fixed.has_vary_names());
    }
}
