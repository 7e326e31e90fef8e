//! The setters of [`PolicyConfig`] for origins and credentials.

use super::config::{PolicyConfig, extend};
use super::dynamic_origins::{DynamicOriginSet, DynamicOrigins};
use super::predicate::Predicate;
use super::revision::Revision;
use crate::origin::Origin;

impl PolicyConfig {
    /// Adds origin patterns, or `*` alone for any origin.
    ///
    /// | pattern | allows |
    /// |---|---|
    /// | `https://example.com` | this origin |
    /// | `https://*.example.com` | all subdomains of `example.com`, at any depth |
    /// | `https://pr-*.example.com` | `https://pr-1.example.com`, `https://pr-login.example.com`, … |
    /// | `http://localhost:*` | `http://localhost` with any port |
    /// | `tauri://localhost`, `moz-extension://*` | applications and extensions |
    /// | `*` | any origin |
    ///
    /// [`OriginPattern`](crate::OriginPattern) describes the syntax.
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new()
    ///     .allow_origins(["https://example.com", "https://*.example.com"])
    ///     .build()?;
    /// let request = RequestParts::new("GET").origin("https://app.example.com");
    /// assert!(evaluate(&policy, &request).verdict().is_allowed());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn allow_origins<I>(mut self, patterns: I) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        extend(&mut self.allow_origins, patterns);
        self
    }

    /// Adds one origin pattern: see [`allow_origins`](Self::allow_origins).
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn allow_origin(mut self, pattern: impl AsRef<str>) -> Self {
        extend(&mut self.allow_origins, [pattern]);
        self
    }

    /// Adds regular expressions for origins.
    ///
    /// An expression must match the whole origin, with and without `^` and `$`. Expressions are compiled to tables of bounded
    /// size, and matching takes one step per byte. Prefer patterns ([`allow_origins`](Self::allow_origins)), where no dot has
    /// to be escaped.
    ///
    /// With credentials, only origins that are https or loopback are matched, unless
    /// [`dangerously_allow_insecure_origins`](Self::dangerously_allow_insecure_origins) is set.
    ///
    /// With credentials or a [guard](Self::guard):
    ///
    /// * Each expression must end, before an optional port, with literal hosts that follow `\.` or `//`:
    ///   `https://.+\.example\.com(:\d+)?` is accepted, `https://.*example\.com` and `https://app.*` are not.
    /// * There are at most [`limits::REGEX_HOSTS`](crate::limits::REGEX_HOSTS) such hosts, and with the feature
    ///   `public-suffix`, none of them is a public suffix such as `co.uk`.
    ///
    /// [`dangerously_allow_any_origin_with_credentials`](Self::dangerously_allow_any_origin_with_credentials) lifts these two
    /// restrictions.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new()
    ///     .allow_origin_regexes([r"https://(app|admin)\.example\.com(:\d+)?"])
    ///     .allow_credentials(true)
    ///     .build()?;
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[cfg(feature = "regex")]
    pub fn allow_origin_regexes<I>(mut self, expressions: I) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        extend(&mut self.allow_origin_regexes, expressions);
        self
    }

    /// Allows each origin for which `predicate` returns true, in addition to the listed ones.
    ///
    /// The predicate is called only with well-formed origins that no pattern matches. It is called with `null` and `file://`
    /// only if [`dangerously_allow_opaque_origins`](Self::dangerously_allow_opaque_origins) is set, and, with credentials, with
    /// origins that are neither https nor loopback only if
    /// [`dangerously_allow_insecure_origins`](Self::dangerously_allow_insecure_origins) is set.
    ///
    /// It runs while a request waits, so it should return quickly and must not panic. To query a database, use
    /// [`lookup_origins`](Self::lookup_origins). A later call replaces the predicate. A config that is serialized (feature
    /// `serde`) does not contain it.
    ///
    /// On targets without atomic pointers, such as `thumbv6m-none-eabi`, the memory of captured values is never freed.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new()
    ///     .allow_origins_if(|origin| origin.scheme() == "chrome-extension" && origin.authority().len() == 32)
    ///     .build()?;
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn allow_origins_if(
        mut self,
        predicate: impl Fn(&Origin<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.allow_origins_if = Some(Predicate::new(predicate));
        self
    }

    /// Allows the origins in a set that can change while the policy is in force, in addition to the listed ones.
    ///
    /// [`DynamicOriginSet`] has an example of a set. The package `omnicors-tokio` has one that follows a database: `OriginReplica`. A request
    /// costs less than with [`allow_origins_if`](Self::allow_origins_if), because its origin need not be parsed.
    ///
    /// The set is asked about each value of `Origin` of at most [`limits::ORIGIN`](crate::limits::ORIGIN) bytes that no pattern matches.
    /// Whatever it contains, `null` and `file://` are allowed only if
    /// [`dangerously_allow_opaque_origins`](Self::dangerously_allow_opaque_origins) is set, and, with credentials, origins that are neither
    /// https nor loopback only if [`dangerously_allow_insecure_origins`](Self::dangerously_allow_insecure_origins) is set.
    ///
    /// A later call replaces the set. A config that is serialized (feature `serde`) does not contain it.
    ///
    /// On targets without atomic pointers, such as `thumbv6m-none-eabi`, the memory of the set is never freed.
    ///
    /// ```
    /// use omnicors_core::{DynamicOriginSet, Policy, PolicyConfig, PolicyError};
    ///
    /// fn policy(tenants: impl DynamicOriginSet + 'static) -> Result<Policy, PolicyError> {
    ///     PolicyConfig::new().allow_origins_in(tenants).build()
    /// }
    /// ```
    pub fn allow_origins_in(mut self, set: impl DynamicOriginSet + 'static) -> Self {
        self.allow_origins_in = Some(DynamicOrigins::new(set));
        self
    }

    /// Enables origin lookups: code outside the policy, for example a database query, is asked about each well-formed origin that
    /// nothing else in the policy allows.
    ///
    /// With an adapter, pass the function to its `lookup_origins`. Without an adapter, call
    /// [`Policy::origin_to_look_up`](crate::Policy::origin_to_look_up) before [`evaluate`](crate::evaluate).
    ///
    /// List the origin of the server itself in [`allow_origins`](Self::allow_origins). Browsers send `Origin` with the POST requests of its own
    /// pages as well, and each of these would wait for a lookup. (`Sec-Fetch-Site: same-origin` does not prevent it, because programs other than
    /// browsers can send this field.)
    ///
    /// ```
    /// use omnicors_core::{LookupResult, PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// let request = RequestParts::new("GET").origin("https://tenant.example");
    /// let request = request.lookup_result(LookupResult::Allowed);
    /// assert!(evaluate(&policy, &request).verdict().is_allowed());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn lookup_origins(mut self, yes: bool) -> Self {
        self.lookup_origins = yes;
        self
    }

    /// Sets a function that returns the revision of the origins that a predicate or a lookup knows, for example of a set that follows a
    /// database. The revision decides nothing: adapters add it to their events, so that you can see which state of the set a decision is
    /// based on. A [`DynamicOriginSet`] can return its revision itself.
    ///
    /// It is called after a decision, and only if someone listens to an event about it: a denial or a rejection. So the revision contains
    /// each change before the decision, and maybe one that came after it. It must not block. A config that is serialized (feature `serde`)
    /// does not contain it.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    /// use std::collections::HashSet;
    /// use std::sync::{Arc, RwLock};
    ///
    /// #[derive(Default)]
    /// struct Tenants {
    ///     origins: HashSet<String>,
    ///     revision: u64,
    /// }
    ///
    /// let tenants = Arc::new(RwLock::new(Tenants::default()));
    /// let for_revision = Arc::clone(&tenants);
    /// let policy = PolicyConfig::new()
    ///     .allow_origins_if(move |origin| tenants.read().is_ok_and(|tenants| tenants.origins.contains(origin.as_str())))
    ///     .origins_revision(move || Some(for_revision.read().ok()?.revision))
    ///     .build()?;
    /// assert_eq!(policy.origins_revision(), Some(0));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn origins_revision(
        mut self,
        revision: impl Fn() -> Option<u64> + Send + Sync + 'static,
    ) -> Self {
        self.origins_revision = Some(Revision::new(revision));
        self
    }

    /// Sends the only origin of the policy in every response, whatever `Origin` is, and does not send `Vary`.
    ///
    /// All responses of one kind are then the same, so that one cache entry serves everyone, even in a cache that ignores `Vary`.
    /// Browsers block pages of other origins, because the response names an origin that is not theirs.
    ///
    /// The default is false, because this setting is hard to undo. If you add a second origin or change the origin later, caches
    /// still hold responses without `Vary` that name the old origin, and browsers block pages of the new one until those
    /// responses expire.
    ///
    /// `static_origin` is a fault unless exactly one origin without a wildcard is listed and nothing else allows or rejects origins.
    /// With credentials, it is also a fault together with `*` for methods or headers, because those responses echo the request.
    ///
    /// Fetch: [CORS protocol and HTTP caches](https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches).
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").static_origin(true).build()?;
    /// for request in [RequestParts::new("GET"), RequestParts::new("GET").origin("https://other.example")] {
    ///     let decision = evaluate(&policy, &request);
    ///     let fields: Vec<String> = decision.headers().iter().map(|field| field.to_string()).collect();
    ///     assert_eq!(fields, ["access-control-allow-origin: https://example.com"]);
    /// }
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn static_origin(mut self, yes: bool) -> Self {
        self.static_origin = yes;
        self
    }

    /// Allows requests with credentials: cookies, HTTP authentication and TLS client certificates.
    ///
    /// Fetch: [credentials](https://fetch.spec.whatwg.org/#credentials),
    /// [`Access-Control-Allow-Credentials`](https://fetch.spec.whatwg.org/#http-access-control-allow-credentials).
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").allow_credentials(true).build()?;
    /// let request = RequestParts::new("GET").origin("https://example.com");
    /// assert!(evaluate(&policy, &request).verdict_with_credentials().is_allowed());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn allow_credentials(mut self, yes: bool) -> Self {
        self.allow_credentials = yes;
        self
    }

    /// Allows all other origins without credentials, in addition to the listed origins with credentials. Use it for an API that
    /// anyone may read, and that signed-in users call from a few sites.
    ///
    /// Other origins get `Access-Control-Allow-Origin: *`. All responses have `Vary: Origin`. "Any method" and "any header" are sent
    /// as `*` to other origins, and as an echo of the request to listed ones. An origin whose lookup was not made counts as
    /// one of the others, and its response is not stored by caches; a preflight whose lookup failed gets a 503.
    ///
    /// The [`guard`](Self::guard) checks the requests of other origins like those of strangers.
    ///
    /// It is a fault without [`allow_credentials`](Self::allow_credentials), with `*` in [`allow_origins`](Self::allow_origins),
    /// and with the guard [`All`](crate::Guard::All), which would reject every request that it allows.
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new()
    ///     .allow_origin("https://app.example.com")
    ///     .allow_credentials(true)
    ///     .allow_others_without_credentials(true)
    ///     .build()?;
    /// let request = RequestParts::new("GET").origin("https://other.example");
    /// let decision = evaluate(&policy, &request);
    /// let fields: Vec<String> = decision.headers().iter().map(|field| field.to_string()).collect();
    /// assert_eq!(fields, ["access-control-allow-origin: *", "vary: Origin"]);
    /// assert!(decision.verdict().is_allowed());
    /// assert!(!decision.verdict_with_credentials().is_allowed());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn allow_others_without_credentials(mut self, yes: bool) -> Self {
        self.allow_others_without_credentials = yes;
        self
    }
}
