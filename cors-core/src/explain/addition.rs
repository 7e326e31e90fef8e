//! The change that lists another origin in a policy.

use alloc::string::{String, ToString as _};
use core::fmt;

use crate::origin::Origin;
use crate::policy::{Policy, PolicyConfig, is_origin_to_list};

/// A change that adds an origin to a policy.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Addition {
    origin: String,
    /// The policy allows credentials and the page is not served over https: listing it needs the opt-out.
    is_insecure: bool,
    /// The policy is static, so it can have only one origin.
    is_static: bool,
}

impl Addition {
    /// Returns how to add the origin. Returns `None` if a policy cannot list it.
    pub(super) fn new(policy: &Policy, origin: &Origin<'_>) -> Option<Self> {
        let origin = origin.to_string();
        let config = settings_of(policy);
        let is_insecure = !is_origin_to_list(&origin, &config);
        let with_opt_out = || config.dangerously_allow_insecure_origins(true);
        if is_insecure && !is_origin_to_list(&origin, &with_opt_out()) {
            return None;
        }
        Some(Self {
            origin,
            is_insecure,
            is_static: policy.static_origin(),
        })
    }
}

impl fmt::Display for Addition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_insecure {
            f.write_str("serve the page over https, or ")?;
        }
        if self.is_static {
            f.write_str("remove static_origin and ")?;
        }
        write!(f, "add `{}` to allow_origins", self.origin)?;
        if self.is_insecure {
            f.write_str(" and set dangerously_allow_insecure_origins")?;
        }
        Ok(())
    }
}

/// Returns a config with the policy's settings for origins, but without the origins themselves: a policy can have a million.
pub(super) fn settings_of(policy: &Policy) -> PolicyConfig {
    PolicyConfig::new()
        .allow_credentials(policy.allow_credentials())
        .guard(policy.guard())
        .dangerously_allow_opaque_origins(policy.dangerously_allow_opaque_origins())
        .dangerously_allow_insecure_origins(policy.dangerously_allow_insecure_origins())
        .dangerously_allow_public_suffix_subdomains(
            policy.dangerously_allow_public_suffix_subdomains(),
        )
}
