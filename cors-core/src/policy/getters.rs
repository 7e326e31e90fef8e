//! The getters of [`Policy`], one for each setting, except those of origins.

use core::time::Duration;

use super::compiled::Policy;
use super::guard::Guard;

/// # Settings
///
/// Each of these returns the value of the setting with the same name, as the policy uses it.
impl Policy {
    /// Returns true if every response has the [only origin](crate::PolicyConfig::static_origin) of the policy.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").static_origin(true).build()?;
    /// assert!(policy.static_origin() && policy.is_static());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn static_origin(&self) -> bool {
        self.origins.static_origin.is_some()
    }

    /// Returns true if origins that are not allowed with credentials are
    /// [allowed without](crate::PolicyConfig::allow_others_without_credentials).
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::new().allow_origin("https://example.com").allow_credentials(true);
    /// let policy = config.allow_others_without_credentials(true).build()?;
    /// assert!(policy.allow_others_without_credentials());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn allow_others_without_credentials(&self) -> bool {
        self.origins.allow_others
    }

    /// Returns true if the policy allows [credentials](crate::PolicyConfig::allow_credentials).
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").allow_credentials(true).build()?;
    /// assert!(policy.allow_credentials());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn allow_credentials(&self) -> bool {
        self.credentials
    }

    /// Returns the listed [methods](crate::PolicyConfig::allow_methods), or `*` for any. Safelisted methods are allowed as well.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").allow_method("PUT").build()?;
    /// assert!(policy.allow_methods().eq(["PUT"]));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn allow_methods(&self) -> impl Iterator<Item = &str> {
        self.methods.listed()
    }

    /// Returns the listed names of [request headers](crate::PolicyConfig::allow_headers) in lower case, or `*` for any.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").allow_header("Content-Type").build()?;
    /// assert!(policy.allow_headers().eq(["content-type"]));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn allow_headers(&self) -> impl Iterator<Item = &str> {
        self.request_headers.listed()
    }

    /// Returns the names of the [exposed response headers](crate::PolicyConfig::expose_headers) in lower case, or `*` for any.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").expose_header("ETag").build()?;
    /// assert!(policy.expose_headers().eq(["etag"]));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn expose_headers(&self) -> impl Iterator<Item = &str> {
        self.expose_headers.listed()
    }

    /// Returns true if the application's own `Access-Control-Expose-Headers` is
    /// [merged](crate::PolicyConfig::merge_expose_headers).
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").merge_expose_headers(true).build()?;
    /// assert!(policy.merge_expose_headers());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn merge_expose_headers(&self) -> bool {
        self.merge_expose_headers
    }

    /// Returns how long a browser may keep the response to a preflight (the [max age](crate::PolicyConfig::max_age)), or `None` if
    /// the browser decides.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    /// use std::time::Duration;
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
    /// assert_eq!(policy.max_age(), Some(Duration::from_secs(600)));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn max_age(&self) -> Option<Duration> {
        let seconds = self.max_age.as_deref()?;
        seconds.parse().ok().map(Duration::from_secs)
    }

    /// Returns true if pages of allowed origins see detailed [resource timing](crate::PolicyConfig::timing_allow_origin).
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").timing_allow_origin(true).build()?;
    /// assert!(policy.timing_allow_origin());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn timing_allow_origin(&self) -> bool {
        self.timing_allow_origin
    }

    /// Returns true if allowed preflights get
    /// [`Access-Control-Allow-Private-Network: true`](crate::PolicyConfig::allow_private_network).
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").allow_private_network(true).build()?;
    /// assert!(policy.allow_private_network());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn allow_private_network(&self) -> bool {
        self.private_network
    }

    /// Returns the [status](crate::PolicyConfig::preflight_status) of the response to an allowed preflight, from 200 to 299.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
    /// assert_eq!(policy.preflight_status(), 204);
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn preflight_status(&self) -> u16 {
        self.preflight_status
    }

    /// Returns true if preflights are [forwarded](crate::PolicyConfig::forward_preflights) to the application.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").forward_preflights(true).build()?;
    /// assert!(policy.forward_preflights());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn forward_preflights(&self) -> bool {
        self.forward_preflights
    }

    /// Returns which requests the [guard](crate::PolicyConfig::guard) checks.
    ///
    /// ```
    /// use omnicors_core::{Guard, PolicyConfig};
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").guard(Guard::All).build()?;
    /// assert_eq!(policy.guard(), Guard::All);
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn guard(&self) -> Guard {
        self.guard
            .as_ref()
            .map_or(Guard::Off, |rules| rules.checked)
    }

    /// Returns true if the policy checks whether a request is rejected: because of its origin, with the
    /// [guard](crate::PolicyConfig::guard), or because of its [host](crate::PolicyConfig::allow_hosts).
    ///
    /// ```
    /// use omnicors_core::{Guard, PolicyConfig};
    ///
    /// let config = PolicyConfig::new().allow_origin("https://example.com");
    /// assert!(!config.clone().build()?.may_reject());
    /// assert!(config.guard(Guard::All).build()?.may_reject());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn may_reject(&self) -> bool {
        self.guard.is_some()
    }

    /// Returns true if the guard [only reports](crate::PolicyConfig::guard_report_only).
    ///
    /// ```
    /// use omnicors_core::{Guard, PolicyConfig};
    ///
    /// let config = PolicyConfig::new().allow_origin("https://example.com").guard(Guard::All);
    /// assert!(config.guard_report_only(true).build()?.guard_report_only());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn guard_report_only(&self) -> bool {
        self.guard.as_ref().is_some_and(|rules| rules.report_only)
    }

    /// Returns the patterns of origins that [may send navigations](crate::PolicyConfig::allow_navigations_from).
    ///
    /// ```
    /// use omnicors_core::{Guard, PolicyConfig};
    ///
    /// let config = PolicyConfig::new().allow_origin("https://example.com").guard(Guard::UnsafeMethods);
    /// let policy = config.allow_navigations_from(["https://login.example"]).build()?;
    /// assert!(policy.allow_navigations_from().eq(["https://login.example"]));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn allow_navigations_from(&self) -> impl Iterator<Item = &str> {
        let rules = self.guard.iter();
        rules.flat_map(|rules| rules.navigations.patterns())
    }

    /// Returns the [hosts that are served](crate::PolicyConfig::allow_hosts), in lower case and sorted; none if any host is.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").allow_hosts(["API.example"]).build()?;
    /// assert!(policy.allow_hosts().eq(["api.example"]));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn allow_hosts(&self) -> impl Iterator<Item = &str> {
        self.guard.iter().flat_map(|rules| rules.hosts.texts())
    }

    /// Returns true if the policy [permits opaque origins](crate::PolicyConfig::dangerously_allow_opaque_origins): `null` and
    /// `file://`.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origin("null").dangerously_allow_opaque_origins(true).build()?;
    /// assert!(policy.dangerously_allow_opaque_origins());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn dangerously_allow_opaque_origins(&self) -> bool {
        self.origins.allow_opaque
    }

    /// Returns true if the policy
    /// [permits any origin with credentials](crate::PolicyConfig::dangerously_allow_any_origin_with_credentials).
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::new().allow_origin("*").allow_credentials(true);
    /// let policy = config.dangerously_allow_any_origin_with_credentials(true).build()?;
    /// assert!(policy.dangerously_allow_any_origin_with_credentials());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn dangerously_allow_any_origin_with_credentials(&self) -> bool {
        self.dangerously_allow_any_origin_with_credentials
    }

    /// Returns true if the policy
    /// [permits insecure origins with credentials](crate::PolicyConfig::dangerously_allow_insecure_origins).
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::new().allow_origin("http://intranet.example").allow_credentials(true);
    /// let policy = config.dangerously_allow_insecure_origins(true).build()?;
    /// assert!(policy.dangerously_allow_insecure_origins());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn dangerously_allow_insecure_origins(&self) -> bool {
        self.origins.allow_insecure
    }

    /// Returns true if the policy permits, with credentials, a `*`
    /// [under a public suffix](crate::PolicyConfig::dangerously_allow_public_suffix_subdomains).
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::new().allow_origin("https://*.com").allow_credentials(true);
    /// let policy = config.dangerously_allow_public_suffix_subdomains(true).build()?;
    /// assert!(policy.dangerously_allow_public_suffix_subdomains());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn dangerously_allow_public_suffix_subdomains(&self) -> bool {
        self.dangerously_allow_public_suffix_subdomains
    }
}
