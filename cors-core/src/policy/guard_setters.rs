//! The setters of [`PolicyConfig`] for the guard.

use super::config::{PolicyConfig, extend};
use super::guard::Guard;
use super::setting::Setting;

/// # The guard
///
/// CORS decides which pages may *read* a response; the application runs for every request. The guard decides whose requests are
/// *run*. It rejects requests that pages of other origins make a browser send: forged forms (CSRF), WebSocket handshakes, and requests
/// to a local server through DNS rebinding.
///
/// It does not replace authentication, nor cookies with `SameSite`: programs other than browsers can send any field.
impl PolicyConfig {
    /// Rejects requests of pages whose origin the policy does not list, with a 403. The default is [`Guard::Off`].
    ///
    /// A request that the guard checks passes if one of these applies:
    ///
    /// * `Sec-Fetch-Site` is `same-origin` or `none`: a page of the server itself, or the user, has sent it.
    /// * Its origin is listed: a pattern, a set, a regular expression, a predicate or a lookup allows it. `*`,
    ///   [other origins without credentials](Self::allow_others_without_credentials), `null` and `file://` are not listed origins.
    /// * It is a navigation from an origin in [`allow_navigations_from`](Self::allow_navigations_from).
    /// * It has no `Sec-Fetch-Site`, as over plain http and from older browsers, and no `Origin`, or an `Origin` with the host of the
    ///   request.
    ///
    /// Behind a proxy that rewrites `Host`, list the site's own origin in [`allow_origins`](Self::allow_origins).
    /// A preflight always passes. In a file, the values are `"off"`, `"unsafe-methods"` and `"all"`.
    ///
    /// It is a fault together with `*` in [`allow_origins`](Self::allow_origins), because it would reject all other origins. Patterns and
    /// regular expressions that match origins which anyone can have, such as `https://*.com` and `https://.*`, are faults as with
    /// credentials, because listed origins pass the guard.
    ///
    /// [Fetch Metadata](https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header).
    ///
    /// ```
    /// use omnicors_core::{Decision, Guard, PolicyConfig, RequestParts, evaluate};
    ///
    /// let config = PolicyConfig::new().allow_origin("https://app.example");
    /// let policy = config.guard(Guard::UnsafeMethods).build()?;
    ///
    /// let form = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
    /// let request = RequestParts::read(&policy, "POST", &form);
    /// assert!(matches!(evaluate(&policy, &request), Decision::Respond { status: 403, .. }));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn guard(mut self, guard: Guard) -> Self {
        self.set_in_code(Setting::Guard);
        self.guard = guard;
        self
    }

    /// Runs the application for requests that the guard would reject. [`Decision::rejection`](crate::Decision::rejection) still returns
    /// the reason, so that a log can show what would be rejected.
    ///
    /// ```
    /// use omnicors_core::{Decision, Guard, PolicyConfig, RequestParts, evaluate};
    ///
    /// // Patterns that a guard does not permit are faults here as well, so that the guard can be switched on later.
    /// let config = PolicyConfig::new().allow_origin("https://app.example");
    /// let policy = config.guard(Guard::UnsafeMethods).guard_report_only(true).build()?;
    ///
    /// let form = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    /// let request = RequestParts::read(&policy, "POST", &form);
    /// let decision = evaluate(&policy, &request);
    /// assert!(matches!(decision, Decision::Forward { .. }));
    /// assert!(decision.rejection().is_some());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn guard_report_only(mut self, yes: bool) -> Self {
        self.guard_report_only = yes;
        self
    }

    /// Adds patterns of origins that may send a navigation, such as a form, without being allowed to read anything: an identity provider
    /// that returns its result with a form (SAML, `response_mode=form_post`).
    ///
    /// Browsers say that a request is a navigation in `Sec-Fetch-Mode`, which they send only to https servers and to this machine.
    ///
    /// ```
    /// use omnicors_core::{Decision, Guard, PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new()
    ///     .allow_origin("https://app.example")
    ///     .guard(Guard::UnsafeMethods)
    ///     .allow_navigations_from(["https://login.example"])
    ///     .build()?;
    ///
    /// let form = [("origin", "https://login.example"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
    /// let request = RequestParts::read(&policy, "POST", &form);
    /// assert!(matches!(evaluate(&policy, &request), Decision::Forward { .. }));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn allow_navigations_from<I>(mut self, origins: I) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        extend(&mut self.allow_navigations_from, origins);
        self
    }

    /// Adds hosts that are served. A request with another `Host` or `:authority`, with none, or with several that differ, gets a 421,
    /// whatever the [`guard`](Self::guard) is. Without this setting, every host is served.
    ///
    /// Use it for a server that is reached at fixed names, above all one that listens on this machine: a page can let its own name resolve
    /// to `127.0.0.1` (DNS rebinding), and is then of the same origin as that server.
    ///
    /// An entry is a host, with a port or, for any port, without. Case and one trailing dot are ignored.
    ///
    /// RFC 9110: [421 (Misdirected Request)](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.20).
    ///
    /// ```
    /// use omnicors_core::{Decision, PolicyConfig, RequestParts, evaluate};
    ///
    /// let config = PolicyConfig::new().allow_origin("https://app.example");
    /// let policy = config.allow_hosts(["localhost", "127.0.0.1", "[::1]"]).build()?;
    ///
    /// let rebound = [("host", "evil.example:8080")];
    /// let request = RequestParts::read(&policy, "GET", &rebound);
    /// assert!(matches!(evaluate(&policy, &request), Decision::Respond { status: 421, .. }));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn allow_hosts<I>(mut self, hosts: I) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        extend(&mut self.allow_hosts, hosts);
        self
    }

    /// Serves only `localhost`, `127.0.0.1` and `[::1]`, with any port: for a server that listens on this machine alone, so that no page can
    /// reach it by DNS rebinding. It is short for [`allow_hosts`](Self::allow_hosts) with these.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origin("http://localhost:3000").allow_loopback_hosts().build()?;
    /// assert!(policy.allow_hosts().eq(["127.0.0.1", "[::1]", "localhost"]));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn allow_loopback_hosts(self) -> Self {
        self.allow_hosts(["localhost", "127.0.0.1", "[::1]"])
    }
}
