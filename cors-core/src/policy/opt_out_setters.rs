//! The setters of [`PolicyConfig`] that permit unsafe settings.

use super::config::PolicyConfig;

impl PolicyConfig {
    /// Permits `null` and `file://` in [`allow_origins`](Self::allow_origins), and lets regular expressions, predicates, sets
    /// and lookups allow them.
    ///
    /// Danger: any site can create a page with the origin `null`, in a sandboxed frame, and every file that a visitor opens has
    /// the origin `file://`.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::new().allow_origin("null");
    /// assert!(config.clone().build().is_err());
    /// let policy = config.dangerously_allow_opaque_origins(true).build()?;
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn dangerously_allow_opaque_origins(mut self, yes: bool) -> Self {
        self.dangerously_allow_opaque_origins = yes;
        self
    }

    /// Permits, together with credentials, `*`, any host of a scheme (`moz-extension://*`), and regular expressions that match
    /// origins of any site. `*` then includes origins without TLS. The last two are permitted together with a [guard](Self::guard) as
    /// well.
    ///
    /// Danger: any site can read, as the visitor, everything that the visitor can read, and its requests pass the guard.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::new().allow_origin("*").allow_credentials(true);
    /// assert!(config.clone().build().is_err());
    /// let policy = config.dangerously_allow_any_origin_with_credentials(true).build()?;
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn dangerously_allow_any_origin_with_credentials(mut self, yes: bool) -> Self {
        self.dangerously_allow_any_origin_with_credentials = yes;
        self
    }

    /// Permits origins that are neither https nor loopback, together with credentials and in
    /// [`allow_navigations_from`](Self::allow_navigations_from).
    ///
    /// Danger: anyone who controls the network between a visitor and such an origin can act as the visitor.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::new().allow_origin("http://intranet.example").allow_credentials(true);
    /// assert!(config.clone().build().is_err());
    /// let policy = config.dangerously_allow_insecure_origins(true).build()?;
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn dangerously_allow_insecure_origins(mut self, yes: bool) -> Self {
        self.dangerously_allow_insecure_origins = yes;
        self
    }

    /// Permits a `*` directly under a public suffix, as in `https://*.co.uk`, or above one, as in `https://*.amazonaws.com`
    /// (`s3.amazonaws.com` is a public suffix), together with credentials or a [guard](Self::guard), and in
    /// [`allow_navigations_from`](Self::allow_navigations_from).
    ///
    /// The feature `public-suffix` checks against the Public Suffix List. Without it, only top-level domains are known.
    ///
    /// Danger: anyone can register a name there.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::new().allow_origin("https://*.com").allow_credentials(true);
    /// assert!(config.clone().build().is_err());
    /// let policy = config.dangerously_allow_public_suffix_subdomains(true).build()?;
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn dangerously_allow_public_suffix_subdomains(mut self, yes: bool) -> Self {
        self.dangerously_allow_public_suffix_subdomains = yes;
        self
    }
}
