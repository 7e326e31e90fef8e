use alloc::string::ToString;
use alloc::vec::Vec;

use super::compiled::Policy;
use super::config::PolicyConfig;
use super::names::NameList;
use crate::origin::OriginSet;

impl Policy {
    /// Returns a config that builds an equivalent policy.
    ///
    /// Patterns with a wildcard come after the others, header names are in lower case, and duplicates are removed.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::new().allow_origins(["https://example.com"]).allow_methods(["PUT"]);
    /// assert_eq!(config.clone().build()?.config(), config);
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn config(&self) -> PolicyConfig {
        let origins = self.origins().map(OriginSet::patterns);
        self.config_with(origins.into_iter().flatten())
    }

    /// Does the same with these origins, unless the policy lists `*`. A policy can have a million origins.
    pub(super) fn config_with<'a>(&self, origins: impl Iterator<Item = &'a str>) -> PolicyConfig {
        let mut config = PolicyConfig::new();
        match &self.origins.listed {
            None => config = config.allow_origin("*"),
            Some(listed) => {
                config = config.allow_origins(origins);
                #[cfg(feature = "regex")]
                {
                    config = config.allow_origin_regexes(self.origin_regexes());
                }
                config.allow_origins_if.clone_from(&listed.predicate);
                config.allow_origins_in.clone_from(&listed.dynamic);
                config.lookup_origins = listed.lookup;
            }
        }
        let listed =
            |list: &NameList| -> Vec<_> { list.listed().map(ToString::to_string).collect() };
        config.origins_revision.clone_from(&self.origins_revision);
        config.static_origin = self.static_origin();
        config.allow_credentials = self.credentials;
        config.allow_others_without_credentials = self.origins.allow_others;
        config.allow_methods = listed(&self.methods);
        config.allow_headers = listed(&self.request_headers);
        config.expose_headers = listed(&self.expose_headers);
        config.merge_expose_headers = self.merge_expose_headers;
        config.max_age = self.max_age();
        config.timing_allow_origin = self.timing_allow_origin;
        config.allow_private_network = self.private_network;
        config.preflight_status = self.preflight_status;
        config.forward_preflights = self.forward_preflights;
        config.guard = self.guard();
        config.guard_report_only = self.guard_report_only();
        config = config
            .allow_navigations_from(self.allow_navigations_from())
            .allow_hosts(self.allow_hosts());
        config.dangerously_allow_opaque_origins = self.origins.allow_opaque;
        config.dangerously_allow_any_origin_with_credentials =
            self.dangerously_allow_any_origin_with_credentials;
        config.dangerously_allow_insecure_origins = self.origins.allow_insecure;
        config.dangerously_allow_public_suffix_subdomains =
            self.dangerously_allow_public_suffix_subdomains;
        config
    }
}
