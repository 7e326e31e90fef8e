use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::dynamic_origins::DynamicOrigins;
use super::environment::Environment;
use super::faults::Fault;
use super::guard::Guard;
use super::predicate::Predicate;
use super::revision::Revision;
use super::setting::Setting;

/// The settings of a CORS policy, as a person writes them in code or in a file.
///
/// [`build`](Self::build) validates the settings and returns a [`Policy`](crate::Policy), or all faults together.
///
/// Everything is denied unless a setting allows it: origins, methods other than the safelisted `GET`, `HEAD` and `POST`,
/// headers other than the safelisted ones, and credentials. Calls of a list setter add to the list. The items can be `&str`,
/// `String`, or `Method` and `HeaderName` of the `http` crate.
///
/// ```
/// use omnicors_core::PolicyConfig;
/// use std::time::Duration;
///
/// let policy = PolicyConfig::new()
///     .allow_origins(["https://example.com", "https://*.example.com"])
///     .allow_methods(["PUT", "DELETE"])
///     .allow_headers(["content-type", "authorization"])
///     .expose_headers(["x-request-id"])
///     .allow_credentials(true)
///     .max_age(Duration::from_secs(3600))
///     .build()?;
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
///
/// With the feature `serde`, a config can be read from TOML, JSON, YAML and other formats. A list can also be one string with
/// commas or spaces between the items (`"PUT, DELETE"`), and numbers and booleans can be strings, because some sources have only
/// strings. Unknown settings and values of the wrong type are faults, which [`build`](Self::build) reports with the others:
///
#[cfg_attr(feature = "serde", doc = "```")]
#[cfg_attr(not(feature = "serde"), doc = "```ignore")]
/// use omnicors_core::PolicyConfig;
///
/// let config: PolicyConfig = toml::from_str(r#"
///     allow_origins = ["https://example.com", "https://*.example.com"]
///     allow_methods = ["PUT", "DELETE"]
///     allow_headers = ["content-type", "authorization"]
///     expose_headers = ["x-request-id"]
///     allow_credentials = true
///     max_age = 3600   # seconds, or "none"
/// "#)?;
/// let policy = config.build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[must_use = "a config does nothing until it is built"]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each bool is an independent setting"
)]
pub struct PolicyConfig {
    pub(crate) allow_origins: Vec<String>,
    /// The path of a file with origins, which only the code that reads policy files can open.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(crate) allow_origins_from: Option<String>,
    #[cfg(feature = "regex")]
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub(super) allow_origin_regexes: Vec<String>,
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(super) allow_origins_if: Option<Predicate>,
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(super) allow_origins_in: Option<DynamicOrigins>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub(super) lookup_origins: bool,
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(super) origins_revision: Option<Revision>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub(super) static_origin: bool,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub(super) allow_credentials: bool,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub(super) allow_others_without_credentials: bool,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub(super) allow_methods: Vec<String>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub(super) allow_headers: Vec<String>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub(super) expose_headers: Vec<String>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub(super) merge_expose_headers: bool,
    #[cfg_attr(
        feature = "serde",
        serde(
            serialize_with = "super::serialize_max_age::serialize",
            skip_serializing_if = "is_default_max_age"
        )
    )]
    pub(super) max_age: Option<Duration>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub(super) timing_allow_origin: bool,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub(super) allow_private_network: bool,
    #[cfg_attr(
        feature = "serde",
        serde(skip_serializing_if = "is_default_preflight_status")
    )]
    pub(super) preflight_status: u16,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub(super) forward_preflights: bool,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Guard::is_off"))]
    pub(super) guard: Guard,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub(super) guard_report_only: bool,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub(super) allow_navigations_from: Vec<String>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub(super) allow_hosts: Vec<String>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub(super) dangerously_allow_opaque_origins: bool,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub(super) dangerously_allow_any_origin_with_credentials: bool,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub(super) dangerously_allow_insecure_origins: bool,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub(super) dangerously_allow_public_suffix_subdomains: bool,
    /// The faults that were found when the config was read.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(super) read_faults: Vec<Fault>,
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(super) environment: Environment,
}

/// The longest time that every browser keeps the response to a preflight.
const DEFAULT_MAX_AGE: Duration = Duration::from_secs(600);

/// 204 (No Content).
const DEFAULT_PREFLIGHT_STATUS: u16 = 204;

impl PolicyConfig {
    /// Creates a config that allows nothing.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// // A policy must allow at least one origin.
    /// assert!(PolicyConfig::new().build().is_err());
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn new() -> Self {
        Self {
            allow_origins: Vec::new(),
            allow_origins_from: None,
            #[cfg(feature = "regex")]
            allow_origin_regexes: Vec::new(),
            allow_origins_if: None,
            allow_origins_in: None,
            lookup_origins: false,
            origins_revision: None,
            static_origin: false,
            allow_credentials: false,
            allow_others_without_credentials: false,
            allow_methods: Vec::new(),
            allow_headers: Vec::new(),
            expose_headers: Vec::new(),
            merge_expose_headers: false,
            max_age: Some(DEFAULT_MAX_AGE),
            timing_allow_origin: false,
            allow_private_network: false,
            preflight_status: DEFAULT_PREFLIGHT_STATUS,
            forward_preflights: false,
            guard: Guard::Off,
            guard_report_only: false,
            allow_navigations_from: Vec::new(),
            allow_hosts: Vec::new(),
            dangerously_allow_opaque_origins: false,
            dangerously_allow_any_origin_with_credentials: false,
            dangerously_allow_insecure_origins: false,
            dangerously_allow_public_suffix_subdomains: false,
            read_faults: Vec::new(),
            environment: Environment::default(),
        }
    }

    /// Records that code sets a setting, so that its faults do not name an environment variable.
    pub(super) fn set_in_code(&mut self, setting: Setting) {
        self.environment.forget(setting);
    }
}

pub(super) fn extend<I>(list: &mut Vec<String>, items: I)
where
    I: IntoIterator<Item: AsRef<str>>,
{
    list.extend(items.into_iter().map(|item| item.as_ref().to_owned()));
}

impl Default for PolicyConfig {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(feature = "serde")]
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde requires this signature"
)]
fn is_false(value: &bool) -> bool {
    !value
}

#[cfg(feature = "serde")]
#[expect(clippy::ref_option, reason = "serde requires this signature")]
fn is_default_max_age(age: &Option<Duration>) -> bool {
    *age == Some(DEFAULT_MAX_AGE)
}

#[cfg(feature = "serde")]
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde requires this signature"
)]
fn is_default_preflight_status(status: &u16) -> bool {
    *status == DEFAULT_PREFLIGHT_STATUS
}

#[cfg(test)]
#[cfg(feature = "serde")]
mod tests;
