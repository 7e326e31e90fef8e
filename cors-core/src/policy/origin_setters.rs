//! The setters of [`PolicyConfig`] for origins and credentials.

use super::config::{PolicyConfig, extend};
use super::predicate::Predicate;
use crate::origin::Origin;

impl PolicyConfig {
    /// Adds patterns of origins (see [`OriginPattern`](crate::OriginPattern)): `https://example.com`,
    /// `https://*.example.com`, `https://pr-*.example.com`, `http://localhost:*`, `tauri://localhost`, `moz-extension://*`; or `*` alone
    /// for any origin. The list can have one item: `allow_origins(["https://example.com"])`.
    pub fn allow_origins<I>(mut self, patterns: I) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        extend(&mut self.allow_origins, patterns);
        self
    }

    /// Adds one pattern of origins: see [`allow_origins`](Self::allow_origins).
    pub fn allow_origin(mut self, pattern: impl AsRef<str>) -> Self {
        extend(&mut self.allow_origins, [pattern]);
        self
    }

    /// Adds regular expressions that match whole origins: they are anchored at both ends, with and without `^` and `$`. They
    /// are compiled to tables of bounded size, and a match takes one step per byte. Prefer patterns, where no dot has to be
    /// escaped.
    ///
    /// With credentials, only origins that are https or loopback are tried, unless
    /// [`dangerously_allow_insecure_origins`](Self::dangerously_allow_insecure_origins) is set; and each expression must end,
    /// before an optional port, in hosts that are written out, after `\.` or `//`: `https://.+\.example\.com(:\d+)?` does,
    /// `https://.*example\.com` and `https://app.*` do not. Those hosts are at most [`limits::REGEX_HOSTS`](crate::limits::REGEX_HOSTS), and with the feature
    /// `public-suffix` none of them is a public suffix such as `co.uk`. (See
    /// [`dangerously_allow_any_origin_with_credentials`](Self::dangerously_allow_any_origin_with_credentials).)
    #[cfg(feature = "regex")]
    pub fn allow_origin_regexes<I>(mut self, expressions: I) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        extend(&mut self.allow_origin_regexes, expressions);
        self
    }

    /// Allows each origin for which `predicate` returns true, in addition to those listed. It is called with well-formed
    /// origins that no pattern matches, with `null` and `file://` only if
    /// [`dangerously_allow_opaque_origins`](Self::dangerously_allow_opaque_origins) is set. It runs while a request waits: it should return quickly and must
    /// not panic. A later call replaces it. A config that is written to a file (feature `serde`) does not contain it.
    ///
    /// With credentials, it is only called with origins that are https or loopback, unless
    /// [`dangerously_allow_insecure_origins`](Self::dangerously_allow_insecure_origins) is set.
    ///
    /// On targets without atomic pointers, such as `thumbv6m-none-eabi`, the memory of what the predicate captures is never
    /// freed.
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

    /// Leaves origins that nothing else allows to a lookup, in a database for example: see an adapter's `lookup_origins`, or
    /// [`Policy::origin_to_look_up`](crate::Policy::origin_to_look_up) for a server without an adapter.
    pub fn lookup_origins(mut self, yes: bool) -> Self {
        self.lookup_origins = yes;
        self
    }

    /// States the only origin of the policy in every response, whatever `Origin` is, and sends no `Vary`: the responses to all
    /// requests of one kind are the same, so that one cache entry serves everyone, even in a cache that ignores `Vary`. A browser
    /// denies pages of other origins, since the origin that is stated is not theirs.
    ///
    /// The default is false, because it is hard to undo: when a second origin is added later, or the origin changes, caches still
    /// hold responses without `Vary` that state the old one, and its pages are denied until these expire.
    ///
    /// It is a fault unless exactly one origin is listed, without a wildcard, and nothing else decides; and, with credentials, if
    /// any method or any header is allowed, where the response names what is asked for. See Fetch,
    /// [CORS protocol and HTTP caches](https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches).
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

    /// Allows requests with credentials: cookies, HTTP authentication, client certificates.
    pub fn allow_credentials(mut self, yes: bool) -> Self {
        self.allow_credentials = yes;
        self
    }

    /// Gives all other origins what [`allow_credentials`](Self::allow_credentials) gives those that are listed, without
    /// credentials: their responses say `*`. For an API that anyone may read, and that signed-in users read from a few sites.
    ///
    /// "Any method" and "any header" are `*` for the others, and the requested ones for the listed origins. All responses vary by
    /// `Origin`. An origin that was not looked up counts as one of the others, and no cache may store the response; but a preflight
    /// whose lookup failed gets a 503.
    ///
    /// It is a fault without `allow_credentials`, with `*` among the origins, and with
    /// [`refuse_disallowed_origins`](Self::refuse_disallowed_origins).
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

    /// Responds with 403 to an actual request from an origin that is not allowed, instead of running the application and
    /// letting the browser hide its response from the page. Requests of the server's own pages are not affected, nor are
    /// any where [any origin](crate::Policy::is_static) is allowed.
    ///
    /// This does not protect from forged requests: browsers send some without `Origin`, and other clients can send any value.
    pub fn refuse_disallowed_origins(mut self, yes: bool) -> Self {
        self.refuse_disallowed_origins = yes;
        self
    }
}
