use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::predicate::Predicate;
use super::{Policy, PolicyError};
use crate::origin::Origin;

/// The raw settings of a policy, as a person writes them, in code or in a file: anything may be wrong in them until
/// [`build`](Self::build) has looked.
///
/// Settings that are left out are closed: no origin, no method beyond the safelisted ones (`GET`, `HEAD`, `POST`), no
/// header beyond the safelisted ones, no credentials. Lists grow with each call.
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
/// With the feature `serde`, the same from TOML, JSON or YAML; a field that does not exist is refused:
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
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default, deny_unknown_fields)
)]
#[must_use = "a config does nothing until it is built"]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
pub struct PolicyConfig {
    pub(super) allow_origins: Vec<String>,
    #[cfg(feature = "regex")]
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub(super) allow_origin_regexes: Vec<String>,
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(super) allow_origins_if: Option<Predicate>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub(super) decide_origins_outside: bool,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub(super) allow_credentials: bool,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub(super) allow_methods: Vec<String>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub(super) allow_headers: Vec<String>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub(super) expose_headers: Vec<String>,
    #[cfg_attr(
        feature = "serde",
        serde(
            with = "super::serde_max_age",
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
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub(super) refuse_disallowed_origins: bool,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub(super) dangerously_allow_null_origin: bool,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub(super) dangerously_allow_any_origin_with_credentials: bool,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub(super) dangerously_allow_insecure_origins: bool,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub(super) dangerously_allow_public_suffix_subdomains: bool,
}

/// The longest that every browser keeps.
const DEFAULT_MAX_AGE: Duration = Duration::from_secs(600);

/// No Content: there is none.
const DEFAULT_PREFLIGHT_STATUS: u16 = 204;

impl PolicyConfig {
    /// Nothing is allowed yet.
    pub fn new() -> Self {
        Self {
            allow_origins: Vec::new(),
            #[cfg(feature = "regex")]
            allow_origin_regexes: Vec::new(),
            allow_origins_if: None,
            decide_origins_outside: false,
            allow_credentials: false,
            allow_methods: Vec::new(),
            allow_headers: Vec::new(),
            expose_headers: Vec::new(),
            max_age: Some(DEFAULT_MAX_AGE),
            timing_allow_origin: false,
            allow_private_network: false,
            preflight_status: DEFAULT_PREFLIGHT_STATUS,
            forward_preflights: false,
            refuse_disallowed_origins: false,
            dangerously_allow_null_origin: false,
            dangerously_allow_any_origin_with_credentials: false,
            dangerously_allow_insecure_origins: false,
            dangerously_allow_public_suffix_subdomains: false,
        }
    }

    /// A preset: a public API that anyone's page may read, without credentials, by safelisted methods, all response
    /// headers and resource timing included.
    ///
    /// ```
    /// let policy = omnicors_core::PolicyConfig::public_read_only().build()?;
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn public_read_only() -> Self {
        Self::new()
            .allow_origins(["*"])
            .expose_headers(["*"])
            .timing_allow_origin(true)
    }

    /// A preset: any page served from this very machine, with credentials, any method and any header, and no caching of
    /// preflights. For development only, and [`Policy::advice`] says so loudly.
    ///
    /// ```
    /// let policy = omnicors_core::PolicyConfig::local_development().build()?;
    /// assert!(policy.advice()[0].to_string().starts_with("FOR DEVELOPMENT ONLY"));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn local_development() -> Self {
        let hosts = ["localhost", "*.localhost", "127.0.0.1", "[::1]"];
        let with = |scheme: &'static str| hosts.map(|host| alloc::format!("{scheme}://{host}:*"));
        Self::new()
            .allow_origins(with("http"))
            .allow_origins(with("https"))
            .allow_credentials(true)
            .allow_methods(["*"])
            .allow_headers(["*"])
            .max_age(Duration::ZERO)
    }

    /// Adds patterns of origins (see [`OriginPattern`](crate::OriginPattern)): `https://example.com`,
    /// `https://*.example.com`, `https://pr-*.example.com`, `http://localhost:*`; or `*` alone for any origin.
    pub fn allow_origins<I>(mut self, patterns: I) -> Self
    where
        I: IntoIterator<Item: Into<String>>,
    {
        self.allow_origins
            .extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Adds regular expressions that match whole origins, anchored at both ends whatever they say. They are compiled
    /// to tables of bounded size, so that a match takes one step per byte. Prefer patterns: `.` is easily forgotten to be
    /// escaped.
    ///
    /// With credentials, only origins that are https or loopback are tried, unless
    /// [`dangerously_allow_insecure_origins`](Self::dangerously_allow_insecure_origins) is set; and each expression must end,
    /// before an optional port, in hosts that are written out, after `\.` or `//`: `https://.+\.example\.com(:\d+)?` does,
    /// `https://.*example\.com` and `https://app.*` do not. (See
    /// [`dangerously_allow_any_origin_with_credentials`](Self::dangerously_allow_any_origin_with_credentials).)
    #[cfg(feature = "regex")]
    pub fn allow_origin_regexes<I>(mut self, expressions: I) -> Self
    where
        I: IntoIterator<Item: Into<String>>,
    {
        self.allow_origin_regexes
            .extend(expressions.into_iter().map(Into::into));
        self
    }

    /// Allows each origin for which `predicate` is true, beside those listed. It is asked in requests about well-formed
    /// origins that no pattern admits, never about `null`; it should be quick, and not panic. A later call replaces it.
    /// A config that is written to a file (feature `serde`) leaves it behind.
    ///
    /// With credentials, only about origins that are https or loopback, unless
    /// [`dangerously_allow_insecure_origins`](Self::dangerously_allow_insecure_origins) is set.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new()
    ///     .allow_origins_if(|origin| origin.scheme() == "chrome-extension" && origin.host().len() == 32)
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

    /// Leaves origins that are not listed to the caller of [`evaluate`](crate::evaluate), who may look them up in a
    /// database. See [`Policy::origin_to_decide`].
    pub fn decide_origins_outside(mut self, yes: bool) -> Self {
        self.decide_origins_outside = yes;
        self
    }

    /// Allows requests with credentials: cookies, HTTP authentication, client certificates.
    pub fn allow_credentials(mut self, yes: bool) -> Self {
        self.allow_credentials = yes;
        self
    }

    /// Adds methods, case-sensitive, beyond the safelisted `GET`, `HEAD` and `POST`; or `*` for any.
    ///
    /// With credentials, where a browser takes `*` literally, any method means that the requested one is echoed.
    pub fn allow_methods<I>(mut self, methods: I) -> Self
    where
        I: IntoIterator<Item: Into<String>>,
    {
        self.allow_methods
            .extend(methods.into_iter().map(Into::into));
        self
    }

    /// Adds names of request headers, in any case; or `*` for any but `Authorization`, which must be named beside it.
    ///
    /// With credentials, where a browser takes `*` literally, any header means that the requested ones are echoed,
    /// `Authorization` included.
    pub fn allow_headers<I>(mut self, names: I) -> Self
    where
        I: IntoIterator<Item: Into<String>>,
    {
        self.allow_headers.extend(names.into_iter().map(Into::into));
        self
    }

    /// Adds names of response headers that a page may read beyond the safelisted ones; or `*` for any, which works
    /// without credentials only.
    pub fn expose_headers<I>(mut self, names: I) -> Self
    where
        I: IntoIterator<Item: Into<String>>,
    {
        self.expose_headers
            .extend(names.into_iter().map(Into::into));
        self
    }

    /// How long a browser may keep the answer to a preflight, in whole seconds, 86 400 at most. 600 s by default: the
    /// longest that every browser keeps. `Duration::ZERO` for no caching; `None` to send no such line, which leaves it
    /// to the browser (Fetch: 5 s).
    pub fn max_age(mut self, age: impl Into<Option<Duration>>) -> Self {
        self.max_age = age.into();
        self
    }

    /// Lets allowed origins see the details of resource timing (`Timing-Allow-Origin`). Where this is not set, such lines
    /// of the application are left alone.
    pub fn timing_allow_origin(mut self, yes: bool) -> Self {
        self.timing_allow_origin = yes;
        self
    }

    /// Sends `Access-Control-Allow-Private-Network: true` in the answer to each allowed preflight. Browsers have dropped
    /// the preflight of Private Network Access; this is for those in the field that still make it.
    pub fn allow_private_network(mut self, yes: bool) -> Self {
        self.allow_private_network = yes;
        self
    }

    /// The status of the answer to an allowed preflight, 200 to 299. 204 by default.
    pub fn preflight_status(mut self, status: u16) -> Self {
        self.preflight_status = status;
        self
    }

    /// Hands preflights on to the application, and sets the headers on what it responds.
    pub fn forward_preflights(mut self, yes: bool) -> Self {
        self.forward_preflights = yes;
        self
    }

    /// Answers 403 to an actual request from an origin that is not allowed, instead of running the application and
    /// letting the browser keep its response from the page. Never for a request of the server's own pages.
    ///
    /// This is no protection against forged requests: browsers leave `Origin` out of some, and other clients write in it
    /// what they like.
    pub fn refuse_disallowed_origins(mut self, yes: bool) -> Self {
        self.refuse_disallowed_origins = yes;
        self
    }

    /// Permits `null` among the origins. Danger: any site can make a page with that origin, in a sandboxed frame.
    pub fn dangerously_allow_null_origin(mut self, yes: bool) -> Self {
        self.dangerously_allow_null_origin = yes;
        self
    }

    /// Permits `*`, and regular expressions that match origins of any site, together with credentials; `*` for origins
    /// without TLS as well. Danger: any site can read, in the name of
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

    /// Permits, together with credentials, a `*` directly under a public suffix, as in `https://*.co.uk`. Danger: anyone
    /// can register a name there. (The Public Suffix List is consulted with the feature `public-suffix`; top-level
    /// domains are known without.)
    pub fn dangerously_allow_public_suffix_subdomains(mut self, yes: bool) -> Self {
        self.dangerously_allow_public_suffix_subdomains = yes;
        self
    }

    /// Validates all settings and compiles the policy.
    ///
    /// # Errors
    ///
    /// Every fault there is, at once: see [`PolicyError`].
    pub fn build(self) -> Result<Policy, PolicyError> {
        super::build::build(self)
    }
}

impl Default for PolicyConfig {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(feature = "serde")]
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
fn is_false(value: &bool) -> bool {
    !value
}

#[cfg(feature = "serde")]
#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
fn is_default_max_age(age: &Option<Duration>) -> bool {
    *age == Some(DEFAULT_MAX_AGE)
}

#[cfg(feature = "serde")]
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
fn is_default_preflight_status(status: &u16) -> bool {
    *status == DEFAULT_PREFLIGHT_STATUS
}

#[cfg(all(test, feature = "serde"))]
mod tests;
