use std::fmt;
use std::sync::Arc;

use omnicors_core::Policy;

use crate::choice::{Choice, PolicyChoice};
use crate::choice_request::{ChoiceRequest, RequestView};
use crate::entry::Lookups;
use crate::handle::PolicyHandle;
use crate::prepared::PreparedPolicy;
use crate::vary::VaryNames;

/// The source of the policy for each request: one policy, a handle, or a choice per request. Cloning is cheap.
///
/// Each adapter has an alias with its types, also named `PolicySource`. `C` is the type of the function that chooses a policy
/// per request: `dyn Fn(&ChoiceRequest<'_>) -> Option<Arc<PreparedPolicy<P>>> + Send + Sync`. `P` is the type of the values that
/// the adapter prepares.
///
/// ```
/// use std::sync::Arc;
///
/// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PolicyHandle, RequestView};
///
/// /// The request of the framework.
/// struct Request {
///     path: String,
/// }
///
/// impl RequestView for Request {
///     type Extensions<'a> = ();
///
///     fn path(&self) -> &str {
///         &self.path
///     }
///
///     // Abridged: see the example of `RequestView`.
///     fn method(&self) -> &str {
///         "GET"
///     }
///
///     fn authority(&self) -> Option<&str> {
///         None
///     }
///
///     fn query(&self) -> Option<&str> {
///         None
///     }
///
///     fn header(&self, _: &str, _: usize) -> Option<&[u8]> {
///         None
///     }
///
///     fn extensions(&self) {}
/// }
///
/// type PreparedPolicy = omnicors_adapter::PreparedPolicy<NoPreparedValues>;
/// type ChoiceRequest<'a> = omnicors_adapter::ChoiceRequest<'a, Request>;
/// type Choose = dyn Fn(&ChoiceRequest<'_>) -> Option<Arc<PreparedPolicy>> + Send + Sync;
/// type PolicySource = omnicors_adapter::PolicySource<Choose, NoPreparedValues>;
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let fixed = PolicySource::from(policy.clone());
/// let replaceable = PolicySource::from(PolicyHandle::new(policy.clone()));
///
/// let api = PreparedPolicy::shared(policy);
/// let chosen = PolicySource::per_request(Arc::new(move |request: &ChoiceRequest<'_>| {
///     request.path().starts_with("/api/").then(|| api.clone())
/// }));
/// assert!(chosen.choose(&Request { path: "/api/items".to_owned() }).policy.is_some());
/// assert!(chosen.choose(&Request { path: "/health".to_owned() }).policy.is_none());
/// # Ok::<(), omnicors_adapter::PolicyError>(())
/// ```
#[non_exhaustive]
pub enum PolicySource<C: ?Sized, P> {
    /// One policy for all requests.
    Fixed(Arc<PreparedPolicy<P>>),
    /// A policy that can be replaced while requests are served.
    Handle(PolicyHandle<P>),
    /// A policy chosen per request. If the function returns `None`, the request bypasses CORS: it is forwarded, and its
    /// response gets only the names to vary on.
    PerRequest(PolicyChoice<C, P>),
}

impl<C: ?Sized, P> PolicySource<C, P> {
    /// Creates a source from a function that chooses a policy per request. See the example of [`PolicySource`].
    ///
    /// If the function panics, the panic is caught. Then the request gets 421 and the application does not run, because the function could have
    /// chosen a policy that rejects it.
    pub fn per_request(choose: Arc<C>) -> Self
    where
        P: for<'a> From<&'a Policy>,
    {
        Self::PerRequest(PolicyChoice::of_application(choose))
    }

    /// Creates a source from a function that chooses an entry of [`PathPolicies`](crate::PathPolicies) or
    /// [`HostPolicies`](crate::HostPolicies). Pass what their `lookups` function returns, which is checked when the framework
    /// builds the service.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use omnicors_adapter::{
    ///     ChoiceRequest, NoPreparedValues, PathPolicies, PolicyEntry, PolicySource, PreparedPolicy, RequestView,
    /// };
    ///
    /// type Choose<V> = dyn Fn(&ChoiceRequest<'_, V>) -> Option<Arc<PreparedPolicy<NoPreparedValues>>>;
    ///
    /// /// The function `per_path` of an adapter.
    /// fn per_path<V: RequestView + 'static>(
    ///     entries: &[(&str, PolicyEntry<NoPreparedValues>)],
    /// ) -> PolicySource<Choose<V>, NoPreparedValues> {
    ///     let paths = PathPolicies::new(entries.iter().cloned());
    ///     let lookups = paths.lookups();
    ///     let choose = move |request: &ChoiceRequest<'_, V>| paths.choose(request);
    ///     PolicySource::per_entry(Arc::new(choose), lookups)
    /// }
    /// ```
    pub fn per_entry(choose: Arc<C>, lookups: Lookups) -> Self {
        Self::PerRequest(PolicyChoice::of_entries(choose, lookups))
    }

    /// Names request fields that the choice of the policy depends on. The names are added to `Vary` of every response, so that a
    /// cache does not reuse a response that another policy decided.
    ///
    /// Name every field that other middleware has read for the choice, for example to put a value into the extensions of the
    /// request. The fields that the choice reads itself with [`ChoiceRequest::header`] need no name here, and neither do the
    /// method, the path and the host.
    ///
    /// A browser sends a preflight without cookies, `Authorization` and the custom fields of the page: see
    /// [`ChoiceRequest::header`]. If the choice depends on one of these, it chooses another policy for the preflight than for the
    /// request after it. Do not choose by `Origin`: one policy can allow listed origins with credentials and all others without,
    /// with [`allow_others_without_credentials`](omnicors_core::PolicyConfig::allow_others_without_credentials).
    ///
    /// Names are compared without case, and are added to the names of earlier calls. If the choice depends on something that is
    /// not a header field, such as the client's address, use `*`: then caches do not reuse the responses
    /// ([RFC 9110, section 12.5.5](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.5)).
    ///
    /// This has no effect on a source that is one policy or a handle: their policies set `Vary` themselves.
    ///
    /// ```
    /// use omnicors_adapter::{NoPreparedValues, PolicySource};
    ///
    /// /// The choice reads a value that other middleware has derived from `X-Tenant`.
    /// fn by_tenant<C: ?Sized>(source: PolicySource<C, NoPreparedValues>) -> PolicySource<C, NoPreparedValues> {
    ///     source.vary_on(["x-tenant"])
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if one of the names is not a valid header name.
    #[must_use]
    #[track_caller]
    pub fn vary_on(mut self, names: impl IntoIterator<Item = &'static str>) -> Self {
        if let Self::PerRequest(choice) = &mut self {
            choice.vary_on(names);
        } else {
            // Invalid names are mistakes also if they have no effect.
            let _ = VaryNames::default().with(names);
        }
        self
    }

    /// Returns true if a function chooses the policy per request. If not, [`with_policy`](Self::with_policy) is cheaper than
    /// [`choose`](Self::choose).
    ///
    /// ```
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PolicySource};
    ///
    /// let policy = PolicyConfig::public_read_only().build()?;
    /// assert!(!PolicySource::<dyn Fn(), NoPreparedValues>::from(policy).is_per_request());
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    #[inline]
    pub fn is_per_request(&self) -> bool {
        matches!(self, Self::PerRequest(_))
    }

    /// Returns whether the policies need origin lookups.
    pub(crate) fn lookups(&self) -> Lookups {
        match self {
            Self::Fixed(policy) if policy.policy().lookup_origins() => Lookups::Needed,
            Self::Fixed(_) => Lookups::NotNeeded,
            Self::Handle(_) => Lookups::Unknown,
            Self::PerRequest(choice) => choice.lookups(),
        }
    }

    /// Calls a function with the policy in force. If a function chooses the policy [per request](Self::is_per_request), the policy
    /// is `None`.
    ///
    /// It is cheaper than [`choose`](Self::choose), which counts a reference that all threads share.
    ///
    /// ```
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PolicySource};
    ///
    /// let policy = PolicyConfig::public_read_only().build()?;
    /// let source = PolicySource::<dyn Fn(), NoPreparedValues>::from(policy);
    /// let allows_credentials = source.with_policy(|policy| {
    ///     policy.is_some_and(|policy| policy.policy().allow_credentials())
    /// });
    /// assert!(!allows_credentials);
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    #[inline]
    pub fn with_policy<O>(&self, then: impl FnOnce(Option<&PreparedPolicy<P>>) -> O) -> O {
        // `then` is called in one place only: it is long, and the compiler inlines it here.
        let current;
        let policy: Option<&PreparedPolicy<P>> = match self {
            Self::Fixed(policy) => Some(policy),
            Self::Handle(handle) => {
                current = handle.peek();
                Some(&current)
            }
            Self::PerRequest(_) => None,
        };
        then(policy)
    }

    /// Chooses the policy for a request.
    ///
    /// Hold the policy during an origin lookup, so that the policy that needs the lookup also decides.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use omnicors_adapter::{Choice, ChoiceRequest, NoPreparedValues, PolicySource, PreparedPolicy, RequestView};
    ///
    /// type Choose<V> = dyn Fn(&ChoiceRequest<'_, V>) -> Option<Arc<PreparedPolicy<NoPreparedValues>>>;
    ///
    /// fn allows_credentials<V: RequestView>(
    ///     source: &PolicySource<Choose<V>, NoPreparedValues>,
    ///     request: &V,
    /// ) -> bool {
    ///     let Choice { policy, vary_names } = source.choose(request);
    ///     policy.is_some_and(|policy| policy.policy().allow_credentials())
    /// }
    /// ```
    pub fn choose<'v, V: RequestView>(&self, view: &'v V) -> Choice<P>
    where
        C: Fn(&ChoiceRequest<'v, V>) -> Option<Arc<PreparedPolicy<P>>>,
    {
        let policy = match self {
            Self::Fixed(policy) => Arc::clone(policy),
            Self::Handle(handle) => handle.load(),
            Self::PerRequest(choice) => return choice.choose(view),
        };
        Choice {
            policy: Some(policy),
            vary_names: VaryNames::default(),
        }
    }
}

/// A conversion into a [`PolicySource`], for the constructor of an adapter.
///
/// Implemented for a [`Policy`], an `Arc<`[`PreparedPolicy`]`>`, a [`PolicyHandle`] and a [`PolicySource`].
///
/// ```
/// use std::sync::Arc;
///
/// use omnicors_adapter::{IntoPolicySource, NoPreparedValues, PolicyConfig, PolicySource, PreparedPolicy};
///
/// type Choose = dyn Fn(&str) -> Option<Arc<PreparedPolicy<NoPreparedValues>>>;
///
/// /// The middleware of an adapter.
/// struct Cors {
///     source: PolicySource<Choose, NoPreparedValues>,
/// }
///
/// impl Cors {
///     fn new(policy: impl IntoPolicySource<Choose, NoPreparedValues>) -> Self {
///         Self { source: policy.into_policy_source() }
///     }
/// }
///
/// let cors = Cors::new(PolicyConfig::public_read_only().build()?);
/// # Ok::<(), omnicors_adapter::PolicyError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a CORS policy",
    label = "expected a `Policy`, a `PolicyHandle`, `per_path(…)`, `per_host(…)` or `per_request(…)`",
    note = "if this is a `PolicyConfig`, build the policy first: call `.build()?`"
)]
pub trait IntoPolicySource<C: ?Sized, P> {
    /// Converts this into a policy source. See the example of [`IntoPolicySource`].
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
            Self::PerRequest(choice) => Self::PerRequest(choice.clone()),
        }
    }
}

impl<C: ?Sized, P: fmt::Debug> fmt::Debug for PolicySource<C, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(policy) => policy.fmt(f),
            Self::Handle(handle) => handle.fmt(f),
            Self::PerRequest(choice) => choice.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use omnicors_core::PolicyConfig;

    use super::*;
    use crate::choice_request::tests::View;
    use crate::prepared::NoPreparedValues;

    type Prepared = PreparedPolicy<NoPreparedValues>;
    type Request<'a> = ChoiceRequest<'a, View>;
    type Source = PolicySource<dyn Fn(&Request<'_>) -> Option<Arc<Prepared>>, NoPreparedValues>;

    fn policy(origin: &str) -> Policy {
        let config = PolicyConfig::new().allow_origins([origin]);
        config.build().unwrap()
    }

    /// Returns whether the policy for a request allows an origin, or `None` if the request has no policy.
    fn allows(source: &Source, path: &'static str, origin: &str) -> Option<bool> {
        let allows = |policy: &Prepared| {
            let origins = policy.policy().origins();
            origins.unwrap().contains(origin.as_bytes())
        };
        let view = View {
            path,
            ..View::default()
        };
        let result = source.choose(&view).policy.map(|policy| allows(&policy));
        if !source.is_per_request() {
            assert_eq!(source.with_policy(|policy| policy.map(allows)), result);
        }
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
    fn a_policy_can_be_chosen_per_request() {
        let chosen = PreparedPolicy::shared(policy("https://a.example"));
        let choose =
            move |request: &Request<'_>| (request.path() == "/api").then(|| Arc::clone(&chosen));
        let source = Source::per_request(Arc::new(choose));
        assert_eq!(allows(&source, "/api", "https://a.example"), Some(true));
        assert_eq!(allows(&source, "/", "https://a.example"), None);
    }

    #[test]
    fn only_a_choice_per_request_has_names_to_vary_on() {
        let names = |source: &Source| {
            let names = source.choose(&View::default()).vary_names;
            format!("{names:?}")
        };
        let source = Source::per_request(Arc::new(|_: &Request<'_>| None));
        let empty = format!("{:?}", VaryNames::default());
        assert_eq!(names(&source), empty);
        assert!(names(&source.vary_on(["x-tenant"])).contains("x-tenant"));
        let reading = Source::per_request(Arc::new(|request: &Request<'_>| {
            request.header("x-read");
            None
        }));
        assert!(names(&reading).contains("x-read"));
        let clone = reading.clone();
        let both = names(&reading.vary_on(["x-tenant"]));
        assert!(
            both.contains("x-tenant") && both.contains("x-read"),
            "{both}"
        );
        assert!(!names(&clone).contains("x-tenant"), "a clone is as it was");
        let fixed = Source::from(policy("https://a.example")).vary_on(["x-tenant"]);
        assert_eq!(names(&fixed), empty);
    }
}
