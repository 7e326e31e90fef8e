//! The setters of [`PolicyConfig`] that permit unsafe settings.

use super::config::PolicyConfig;

impl PolicyConfig {
    /// Permits `null` and `file://` among the origins, and lets regular expressions, predicates and lookups allow them. Danger: any
    /// site can create a page with the origin `null`, in a sandboxed frame, and every file that is opened has `file://`.
    pub fn dangerously_allow_opaque_origins(mut self, yes: bool) -> Self {
        self.dangerously_allow_opaque_origins = yes;
        self
    }

    /// Permits `*`, any host of a scheme (`moz-extension://*`), and regular expressions that match origins of any site, together with
    /// credentials; `*` for origins without TLS as well. Danger: any site can read, in the name of
    /// whoever visits it, all that the visitor can.
    pub fn dangerously_allow_any_origin_with_credentials(mut self, yes: bool) -> Self {
        self.dangerously_allow_any_origin_with_credentials = yes;
        self
    }

    /// Permits, together with credentials, origins that are neither https nor loopback. Danger: whoever controls the
    /// network between a visitor and such an origin can act in the visitor's name.
    pub fn dangerously_allow_insecure_origins(mut self, yes: bool) -> Self {
        self.dangerously_allow_insecure_origins = yes;
        self
    }

    /// Permits, together with credentials, a `*` directly under a public suffix, as in `https://*.co.uk`, or for names above one, as
    /// in `https://*.amazonaws.com` (`s3.amazonaws.com` is a public suffix). Danger: anyone can register a name there. (The Public Suffix List is consulted with the feature `public-suffix`; top-level
    /// domains are known without.)
    pub fn dangerously_allow_public_suffix_subdomains(mut self, yes: bool) -> Self {
        self.dangerously_allow_public_suffix_subdomains = yes;
        self
    }
}
