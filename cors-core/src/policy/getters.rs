//! The getters of [`Policy`], one for each setting.

use core::time::Duration;

use super::compiled::Policy;
use crate::origin::OriginSet;

impl Policy {
    /// Returns the patterns of the origins that are allowed, compiled; `None` where any origin is.
    pub fn origins(&self) -> Option<&OriginSet> {
        self.origins.listed.as_ref().map(|listed| &listed.set)
    }

    /// Returns the regular expressions for origins, in the order in which they were listed.
    #[cfg(feature = "regex")]
    pub fn origin_regexes(&self) -> impl Iterator<Item = &str> {
        let listed = self.origins.listed.as_ref();
        let regexes = listed.and_then(|listed| listed.regexes.as_ref());
        regexes
            .into_iter()
            .flat_map(|regexes| regexes.texts().iter().map(|text| &**text))
    }

    /// Returns true if a [predicate](super::PolicyConfig::allow_origins_if) is asked about origins.
    pub fn has_origin_predicate(&self) -> bool {
        let listed = self.origins.listed.as_ref();
        listed.is_some_and(|listed| listed.predicate.is_some())
    }

    /// Returns true if origins that nothing else allows are [looked up](super::PolicyConfig::lookup_origins). Only then does
    /// [`origin_to_look_up`](Self::origin_to_look_up) return one.
    pub fn lookup_origins(&self) -> bool {
        self.origins
            .listed
            .as_ref()
            .is_some_and(|listed| listed.lookup)
    }

    /// Returns true if every response states the [only origin](super::PolicyConfig::static_origin) of the policy.
    pub fn static_origin(&self) -> bool {
        self.origins.static_origin.is_some()
    }

    /// Returns true if origins that are not allowed with credentials are
    /// [allowed without](super::PolicyConfig::allow_others_without_credentials).
    pub fn allow_others_without_credentials(&self) -> bool {
        self.origins.allow_others
    }

    /// Returns true if requests with credentials are allowed.
    pub fn allow_credentials(&self) -> bool {
        self.credentials
    }

    /// Returns the methods that are listed, as they were written; `*` for any. The safelisted ones are allowed as well.
    pub fn allow_methods(&self) -> impl Iterator<Item = &str> {
        self.methods.listed()
    }

    /// Returns the names of the request headers that are listed, in lower case; `*` for any.
    pub fn allow_headers(&self) -> impl Iterator<Item = &str> {
        self.request_headers.listed()
    }

    /// Returns the names of the response headers that are exposed, in lower case; `*` for any.
    pub fn expose_headers(&self) -> impl Iterator<Item = &str> {
        self.expose_headers.listed()
    }

    /// Returns true if the application's own `Access-Control-Expose-Headers` is
    /// [merged](super::PolicyConfig::merge_expose_headers).
    pub fn merge_expose_headers(&self) -> bool {
        self.merge_expose_headers
    }

    /// Returns how long a browser may keep the response to a preflight; `None` where the browser decides.
    pub fn max_age(&self) -> Option<Duration> {
        let seconds = self.max_age.as_deref()?;
        seconds.parse().ok().map(Duration::from_secs)
    }

    /// Returns true if allowed origins may see the details of resource timing.
    pub fn timing_allow_origin(&self) -> bool {
        self.timing_allow_origin
    }

    /// Returns true if allowed preflights get `Access-Control-Allow-Private-Network: true`.
    pub fn allow_private_network(&self) -> bool {
        self.private_network
    }

    /// Returns the status of the response to an allowed preflight: 200 to 299.
    pub fn preflight_status(&self) -> u16 {
        self.preflight_status
    }

    /// Returns true if preflights are forwarded to the application.
    pub fn forward_preflights(&self) -> bool {
        self.forward_preflights
    }

    /// Returns true if an actual request from an origin that is not allowed gets a 403.
    #[inline]
    pub fn refuse_disallowed_origins(&self) -> bool {
        self.refuse_disallowed_origins
    }

    /// Returns true if opaque origins (`null`) may be allowed.
    pub fn dangerously_allow_opaque_origins(&self) -> bool {
        self.origins.allow_opaque
    }

    /// Returns true if any origin may be allowed together with credentials.
    pub fn dangerously_allow_any_origin_with_credentials(&self) -> bool {
        self.dangerously_allow_any_origin_with_credentials
    }

    /// Returns true if, with credentials, origins may be allowed that are neither https nor loopback.
    pub fn dangerously_allow_insecure_origins(&self) -> bool {
        self.origins.allow_insecure
    }

    /// Returns true if, with credentials, a `*` may stand directly under a public suffix.
    pub fn dangerously_allow_public_suffix_subdomains(&self) -> bool {
        self.dangerously_allow_public_suffix_subdomains
    }
}
