//! The getters of [`Policy`] for the settings that allow origins.

use super::compiled::Policy;
use super::dynamic_origins::DynamicOrigins;
use crate::origin::OriginSet;

/// # Origins
///
/// Each of these returns the value of the setting with the same name, as the policy uses it.
impl Policy {
    /// Returns the compiled [origin patterns](crate::PolicyConfig::allow_origins), or `None` if the policy allows any origin.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com", "https://*.example.com"]).build()?;
    /// let origins = policy.origins().ok_or("any origin")?;
    /// assert!(origins.patterns().eq(["https://example.com", "https://*.example.com"]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn origins(&self) -> Option<&OriginSet> {
        self.origins.listed.as_ref().map(|listed| &listed.set)
    }

    /// Returns the [regular expressions](crate::PolicyConfig::allow_origin_regexes) for origins, in the order in which they were
    /// listed.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origin_regexes([r"https://(app|admin)\.example\.com"]).build()?;
    /// assert!(policy.origin_regexes().eq([r"https://(app|admin)\.example\.com"]));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[cfg(feature = "regex")]
    pub fn origin_regexes(&self) -> impl Iterator<Item = &str> {
        let listed = self.origins.listed.as_ref();
        let regexes = listed.and_then(|listed| listed.regexes.as_ref());
        regexes
            .into_iter()
            .flat_map(|regexes| regexes.texts().iter().map(|text| &**text))
    }

    /// Returns true if the policy has a [predicate](crate::PolicyConfig::allow_origins_if) for origins.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origins_if(|origin| origin.host() == Some("example.com")).build()?;
    /// assert!(policy.has_origin_predicate());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn has_origin_predicate(&self) -> bool {
        let listed = self.origins.listed.as_ref();
        listed.is_some_and(|listed| listed.predicate.is_some())
    }

    /// Returns true if the policy allows the origins in a [set that can change](crate::PolicyConfig::allow_origins_in).
    ///
    /// ```
    /// use omnicors_core::{DynamicOriginSet, PolicyConfig};
    ///
    /// struct Tenants;
    ///
    /// impl DynamicOriginSet for Tenants {
    ///     fn contains(&self, origin: &str) -> bool {
    ///         origin == "https://tenant.example"
    ///     }
    /// }
    ///
    /// let policy = PolicyConfig::new().allow_origins_in(Tenants).build()?;
    /// assert!(policy.has_dynamic_origins());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn has_dynamic_origins(&self) -> bool {
        self.dynamic_origins().is_some()
    }

    fn dynamic_origins(&self) -> Option<&DynamicOrigins> {
        let listed = self.origins.listed.as_ref();
        listed.and_then(|listed| listed.dynamic.as_ref())
    }

    /// Returns true if origins that nothing else allows are [looked up](crate::PolicyConfig::lookup_origins). Otherwise,
    /// [`origin_to_look_up`](Self::origin_to_look_up) always returns `None`.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// assert!(policy.lookup_origins());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn lookup_origins(&self) -> bool {
        self.origins
            .listed
            .as_ref()
            .is_some_and(|listed| listed.lookup)
    }

    /// Calls the function that returns the [revision](crate::PolicyConfig::origins_revision) of the origins outside the policy. Without
    /// such a function, returns the revision of the [set](crate::PolicyConfig::allow_origins_in). Returns `None` if there is neither, or no
    /// revision yet.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::new().allow_origins_if(|origin| origin.host() == Some("example.com"));
    /// let policy = config.origins_revision(|| Some(42)).build()?;
    /// assert_eq!(policy.origins_revision(), Some(42));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn origins_revision(&self) -> Option<u64> {
        match &self.origins_revision {
            Some(revision) => revision.get(),
            None => self.dynamic_origins()?.revision(),
        }
    }
}
