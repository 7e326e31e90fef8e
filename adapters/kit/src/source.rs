use std::fmt;
use std::sync::Arc;

use omnicors_core::Policy;

use crate::handle::PolicyHandle;
use crate::prepared::PreparedPolicy;
use crate::vary::VaryNames;

/// The source of the policy for each request: one policy, a handle, or a choice per request. Cloning is cheap.
///
/// Each adapter has an alias with its types, also named `PolicySource`. `C` is the type of the function that chooses a policy
/// per request: `dyn Fn(&Request) -> Option<Arc<PreparedPolicy<P>>> + Send + Sync`. `P` is the type of the values that the
/// adapter prepares.
///
/// ```
/// use std::sync::Arc;
///
/// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PolicyHandle};
///
/// /// The request of the framework.
/// struct Request {
///     path: String,
/// }
///
/// type PreparedPolicy = omnicors_adapter::PreparedPolicy<NoPreparedValues>;
/// type Choose = dyn Fn(&Request) -> Option<Arc<PreparedPolicy>> + Send + Sync;
/// type PolicySource = omnicors_adapter::PolicySource<Choose, NoPreparedValues>;
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let fixed = PolicySource::from(policy.clone());
/// let replaceable = PolicySource::from(PolicyHandle::new(policy.clone()));
///
/// let api = PreparedPolicy::shared(policy);
/// let chosen = PolicySource::per_request(Arc::new(move |request: &Request| {
///     request.path.starts_with("/api/").then(|| api.clone())
/// }));
/// assert!(chosen.choose(&Request { path: "/api/items".to_owned() }).is_some());
/// assert!(chosen.choose(&Request { path: "/health".to_owned() }).is_none());
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
    PerRequest {
        /// Chooses the policy.
        choose: Arc<C>,
        /// The names of the request fields that `choose` reads. See [`vary_on`](Self::vary_on).
        vary_on: VaryNames,
    },
}

impl<C: ?Sized, P> PolicySource<C, P> {
    /// Creates a source from a function that chooses a policy per request.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PolicySource, PreparedPolicy};
    ///
    /// type Choose = dyn Fn(&str) -> Option<Arc<PreparedPolicy<NoPreparedValues>>>;
    ///
    /// let api = PreparedPolicy::shared(PolicyConfig::public_read_only().build()?);
    /// let by_path = move |path: &str| path.starts_with("/api/").then(|| api.clone());
    /// let source = PolicySource::<Choose, _>::per_request(Arc::new(by_path));
    /// assert!(source.choose("/api/items").is_some());
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    pub fn per_request(choose: Arc<C>) -> Self {
        let vary_on = VaryNames::default();
        Self::PerRequest { choose, vary_on }
    }

    /// Names the request fields that the choice of the policy reads. The names are added to `Vary` of every response, so that a
    /// cache does not reuse a response that another policy decided.
    ///
    /// Name every field that the function reads, and every field that other middleware has read for it. The method, the path
    /// and the host need no name.
    ///
    /// A browser sends preflights without cookies, `Authorization` and the custom fields of the page
    /// ([Fetch, CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch)). If the choice depends on one of
    /// these, it chooses another policy for the preflight than for the request after it. Do not choose by `Origin`: one policy
    /// can allow listed origins with credentials and all others without, with
    /// [`allow_others_without_credentials`](omnicors_core::PolicyConfig::allow_others_without_credentials).
    ///
    /// Names are compared without case, and are added to the names of earlier calls. If the choice depends on something that is
    /// not a header field, such as the client's address, use `*`: then caches do not reuse the responses
    /// ([RFC 9110, section 12.5.5](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.5)).
    ///
    /// This has no effect on a source that is one policy or a handle: their policies set `Vary` themselves.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use std::sync::Arc;
    ///
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PolicySource, PreparedPolicy};
    ///
    /// type Fields = HashMap<&'static str, String>;
    /// type Choose = dyn Fn(&Fields) -> Option<Arc<PreparedPolicy<NoPreparedValues>>>;
    ///
    /// let public = PreparedPolicy::shared(PolicyConfig::public_read_only().build()?);
    /// let by_tenant = move |fields: &Fields| fields.contains_key("x-tenant").then(|| public.clone());
    /// let source = PolicySource::<Choose, NoPreparedValues>::per_request(Arc::new(by_tenant));
    /// let source = source.vary_on(["x-tenant"]);
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if one of the names is not a valid header name.
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

    /// Returns the names that were given to [`vary_on`](Self::vary_on).
    ///
    /// An adapter adds them to every response: with [`ForwardHeaders::vary_on`](crate::ForwardHeaders::vary_on) if the
    /// application is run, and with [`VaryNames::merge_into`] if it is not.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PolicySource, PreparedPolicy};
    ///
    /// type Choose = dyn Fn(&str) -> Option<Arc<PreparedPolicy<NoPreparedValues>>>;
    ///
    /// let source = PolicySource::<Choose, NoPreparedValues>::per_request(Arc::new(|_| None));
    /// assert!(source.vary_names().is_empty());
    /// assert!(!source.vary_on(["x-tenant"]).vary_names().is_empty());
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    #[inline]
    pub fn vary_names(&self) -> VaryNames {
        match self {
            Self::PerRequest { vary_on, .. } => vary_on.clone(),
            Self::Fixed(_) | Self::Handle(_) => VaryNames::default(),
        }
    }

    /// Returns true if there are [`vary_names`](Self::vary_names), without cloning them.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PolicySource, PreparedPolicy};
    ///
    /// type Choose = dyn Fn(&str) -> Option<Arc<PreparedPolicy<NoPreparedValues>>>;
    ///
    /// let source = PolicySource::<Choose, NoPreparedValues>::per_request(Arc::new(|_| None));
    /// assert!(!source.has_vary_names());
    /// assert!(source.vary_on(["x-tenant"]).has_vary_names());
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    #[inline]
    pub fn has_vary_names(&self) -> bool {
        matches!(self, Self::PerRequest { vary_on, .. } if !vary_on.is_empty())
    }

    /// Returns the policy for a request, or `None` to bypass CORS.
    ///
    /// Hold the policy during an origin lookup, so that the policy that needs the lookup also decides. Without a lookup, use
    /// [`with_chosen`](Self::with_chosen).
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PolicySource, PreparedPolicy};
    ///
    /// type Choose = dyn Fn(&str) -> Option<Arc<PreparedPolicy<NoPreparedValues>>>;
    ///
    /// let policy = PolicyConfig::public_read_only().build()?;
    /// let source = PolicySource::<Choose, NoPreparedValues>::from(policy);
    /// let chosen = source.choose("/items").expect("a fixed policy decides every request");
    /// assert!(!chosen.policy().allow_credentials());
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
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

    /// Calls a function with the policy for a request, or with `None` to bypass CORS.
    ///
    /// Use this without an origin lookup. It is cheaper than [`choose`](Self::choose), which counts a reference that all
    /// threads share.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use omnicors_adapter::{NoPreparedValues, PolicyConfig, PolicySource, PreparedPolicy};
    ///
    /// type Choose = dyn Fn(&str) -> Option<Arc<PreparedPolicy<NoPreparedValues>>>;
    ///
    /// let policy = PolicyConfig::public_read_only().build()?;
    /// let source = PolicySource::<Choose, NoPreparedValues>::from(policy);
    /// let allows_credentials = source.with_chosen("/items", |chosen| {
    ///     chosen.is_some_and(|chosen| chosen.policy().allow_credentials())
    /// });
    /// assert!(!allows_credentials);
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    #[inline]
    pub fn with_chosen<R, O>(
        &self,
        request: R,
        then: impl FnOnce(Option<&PreparedPolicy<P>>) -> O,
    ) -> O
    where
        C: Fn(R) -> Option<Arc<PreparedPolicy<P>>>,
    {
        // `then` is called in one place only: it is long, and the compiler inlines it here.
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
        then(policy)
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
    label = "expected a `Policy`, a `PolicyHandle` or `per_request(…)`",
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

    /// Returns whether the policy for a request allows an origin, or `None` if the request has no policy.
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
    fn a_policy_can_be_chosen_per_request() {
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
