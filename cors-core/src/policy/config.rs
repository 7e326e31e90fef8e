use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::environment::Environment;
use super::faults::Fault;
use super::predicate::Predicate;
use super::setting::Setting;
use crate::origin::Origin;

/// The settings of a policy, as a person writes them in code or in a file. They may contain mistakes, which
/// [`build`](Self::build) reports.
///
/// Everything is denied unless a setting allows it: no origin, no method beyond the safelisted ones (`GET`, `HEAD`, `POST`),
/// no header beyond the safelisted ones, no credentials. Lists grow with each call. Their items are anything that is text:
/// `&str`, `String`, and `Method` and `HeaderName` of the `http` crate.
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
/// With the feature `serde`, the same from TOML, JSON, YAML and other formats. A list can also be one text with commas or spaces
/// between the items (`"PUT, DELETE"`), and numbers, `true` and `false` can be text, because some sources have nothing else. An
/// unknown setting and a value of the wrong type are faults, which [`build`](Self::build) reports with the others:
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
    reason = "each is a setting of its own"
)]
pub struct PolicyConfig {
    pub(crate) allow_origins: Vec<String>,
    /// The path of a list of origins, which only the reader of a policy file can read.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(crate) allow_origins_from: Option<String>,
    #[cfg(feature = "regex")]
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub(super) allow_origin_regexes: Vec<String>,
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(super) allow_origins_if: Option<Predicate>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub(super) lookup_origins: bool,
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
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub(super) refuse_disallowed_origins: bool,
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

/// 600 seconds: the longest that every browser keeps a response to a preflight.
const DEFAULT_MAX_AGE: Duration = Duration::from_secs(600);

/// 204 (No Content).
const DEFAULT_PREFLIGHT_STATUS: u16 = 204;

impl PolicyConfig {
    /// Returns a config that allows nothing.
    pub fn new() -> Self {
        Self {
            allow_origins: Vec::new(),
            allow_origins_from: None,
            #[cfg(feature = "regex")]
            allow_origin_regexes: Vec::new(),
            allow_origins_if: None,
            lookup_origins: false,
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
            refuse_disallowed_origins: false,
            dangerously_allow_opaque_origins: false,
            dangerously_allow_any_origin_with_credentials: false,
            dangerously_allow_insecure_origins: false,
            dangerously_allow_public_suffix_subdomains: false,
            read_faults: Vec::new(),
            environment: Environment::default(),
        }
    }

    /// Adds patterns of origins (see [`OriginPattern`](crate::OriginPattern)): `https://example.com`,
    /// `https://*.example.com`, `https://pr-*.example.com`, `http://localhost:*`, `tauri://localhost`, `moz-extension://*`; or `*` alone
    /// for any origin. The list can have one item: `allow_origins(["https://example.com"])`.
    pub fn allow_origins<I>(mut self, patterns: I) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        extend(&mut self.allow_origins, patterns);
        self
    }

    /// Adds one pattern of origins: see [`allow_origins`](Self::allow_origins).
    pub fn allow_origin(mut self, pattern: impl AsRef<str>) -> Self {
        extend(&mut self.allow_origins, [pattern]);
        self
    }

    /// Adds regular expressions that match whole origins: they are anchored at both ends, with and without `^` and `$`. They
    /// are compiled to tables of bounded size, and a match takes one step per byte. Prefer patterns, where no dot has to be
    /// escaped.
    ///
    /// With credentials, only origins that are https or loopback are tried, unless
    /// [`dangerously_allow_insecure_origins`](Self::dangerously_allow_insecure_origins) is set; and each expression must end,
    /// before an optional port, in hosts that are written out, after `\.` or `//`: `https://.+\.example\.com(:\d+)?` does,
    /// `https://.*example\.com` and `https://app.*` do not. Those hosts are at most [`limits::REGEX_HOSTS`](crate::limits::REGEX_HOSTS), and with the feature
    /// `public-suffix` none of them is a public suffix such as `co.uk`. (See
    /// [`dangerously_allow_any_origin_with_credentials`](Self::dangerously_allow_any_origin_with_credentials).)
    #[cfg(feature = "regex")]
    pub fn allow_origin_regexes<I>(mut self, expressions: I) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        extend(&mut self.allow_origin_regexes, expressions);
        self
    }

    /// Allows each origin for which `predicate` returns true, in addition to those listed. It is called with well-formed
    /// origins that no pattern matches, with `null` and `file://` only if
    /// [`dangerously_allow_opaque_origins`](Self::dangerously_allow_opaque_origins) is set. It runs while a request waits: it should return quickly and must
    /// not panic. A later call replaces it. A config that is written to a file (feature `serde`) does not contain it.
    ///
    /// With credentials, it is only called with origins that are https or loopback, unless
    /// [`dangerously_allow_insecure_origins`](Self::dangerously_allow_insecure_origins) is set.
    ///
    /// On targets without atomic pointers, such as `thumbv6m-none-eabi`, the memory of what the predicate captures is never
    /// freed.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new()
    ///     .allow_origins_if(|origin| origin.scheme() == "chrome-extension" && origin.authority().len() == 32)
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

    /// Leaves origins that nothing else allows to a lookup, in a database for example: see an adapter's `lookup_origins`, or
    /// [`Policy::origin_to_look_up`](crate::Policy::origin_to_look_up) for a server without an adapter.
    pub fn lookup_origins(mut self, yes: bool) -> Self {
        self.lookup_origins = yes;
        self
    }

    /// States the only origin of the policy in every response, whatever `Origin` is, and sends no `Vary`: the responses to all
    /// requests of one kind are the same, so that one cache entry serves everyone, even in a cache that ignores `Vary`. A browser
    /// denies pages of other origins, since the origin that is stated is not theirs.
    ///
    /// The default is false, because it is hard to undo: when a second origin is added later, or the origin changes, caches still
    /// hold responses without `Vary` that state the old one, and its pages are denied until these expire.
    ///
    /// It is a fault unless exactly one origin is listed, without a wildcard, and nothing else decides; and, with credentials, if
    /// any method or any header is allowed, where the response names what is asked for. See Fetch,
    /// [CORS protocol and HTTP caches](https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches).
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").static_origin(true).build()?;
    /// for request in [RequestParts::new("GET"), RequestParts::new("GET").origin("https://other.example")] {
    ///     let decision = evaluate(&policy, &request);
    ///     let fields: Vec<String> = decision.headers().iter().map(|field| field.to_string()).collect();
    ///     assert_eq!(fields, ["access-control-allow-origin: https://example.com"]);
    /// }
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn static_origin(mut self, yes: bool) -> Self {
        self.static_origin = yes;
        self
    }

    /// Allows requests with credentials: cookies, HTTP authentication, client certificates.
    pub fn allow_credentials(mut self, yes: bool) -> Self {
        self.allow_credentials = yes;
        self
    }

    /// Gives all other origins what [`allow_credentials`](Self::allow_credentials) gives those that are listed, without
    /// credentials: their responses say `*`. For an API that anyone may read, and that signed-in users read from a few sites.
    ///
    /// "Any method" and "any header" are `*` for the others, and the requested ones for the listed origins. All responses vary by
    /// `Origin`. An origin that was not looked up counts as one of the others, and no cache may store the response; but a preflight
    /// whose lookup failed gets a 503.
    ///
    /// It is a fault without `allow_credentials`, with `*` among the origins, and with
    /// [`refuse_disallowed_origins`](Self::refuse_disallowed_origins).
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new()
    ///     .allow_origin("https://app.example.com")
    ///     .allow_credentials(true)
    ///     .allow_others_without_credentials(true)
    ///     .build()?;
    /// let request = RequestParts::new("GET").origin("https://other.example");
    /// let decision = evaluate(&policy, &request);
    /// let fields: Vec<String> = decision.headers().iter().map(|field| field.to_string()).collect();
    /// assert_eq!(fields, ["access-control-allow-origin: *", "vary: Origin"]);
    /// assert!(decision.verdict().is_allowed());
    /// assert!(!decision.verdict_with_credentials().is_allowed());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn allow_others_without_credentials(mut self, yes: bool) -> Self {
        self.allow_others_without_credentials = yes;
        self
    }

    /// Adds methods, case-sensitive, beyond the safelisted `GET`, `HEAD` and `POST`; or `*` for any.
    ///
    /// With credentials, where a browser takes `*` literally, any method means that the requested one is echoed.
    pub fn allow_methods<I>(mut self, methods: I) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        extend(&mut self.allow_methods, methods);
        self
    }

    /// Adds one method: see [`allow_methods`](Self::allow_methods).
    pub fn allow_method(mut self, method: impl AsRef<str>) -> Self {
        extend(&mut self.allow_methods, [method]);
        self
    }

    /// Adds names of request headers, in any case; or `*` for any but `Authorization`, which must be listed as well.
    ///
    /// With credentials, where a browser takes `*` literally, any header means that the requested ones are echoed,
    /// `Authorization` included.
    pub fn allow_headers<I>(mut self, names: I) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        extend(&mut self.allow_headers, names);
        self
    }

    /// Adds the name of one request header: see [`allow_headers`](Self::allow_headers).
    pub fn allow_header(mut self, name: impl AsRef<str>) -> Self {
        extend(&mut self.allow_headers, [name]);
        self
    }

    /// Adds names of response headers that a page may read beyond the safelisted ones; or `*` for any, which works
    /// without credentials only.
    pub fn expose_headers<I>(mut self, names: I) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        extend(&mut self.expose_headers, names);
        self
    }

    /// Adds the name of one response header: see [`expose_headers`](Self::expose_headers).
    pub fn expose_header(mut self, name: impl AsRef<str>) -> Self {
        extend(&mut self.expose_headers, [name]);
        self
    }

    /// Keeps the names that the application sends in `Access-Control-Expose-Headers`, in addition to those of
    /// [`expose_headers`](Self::expose_headers): a handler can expose a header of its own. By default, its field is removed.
    ///
    /// Names are joined without duplicates, whatever their case. A `*` of the application is left out if the policy allows
    /// credentials, where a browser takes it literally. Elements that are not valid header names are left out, and so are values
    /// beyond [`limits::APPLICATION_EXPOSE_HEADERS`](crate::limits::APPLICATION_EXPOSE_HEADERS). Denied origins, and preflights,
    /// get no names.
    ///
    /// Adapters do this. A server without one calls [`merged_expose_headers`](crate::adapter::merged_expose_headers).
    pub fn merge_expose_headers(mut self, yes: bool) -> Self {
        self.merge_expose_headers = yes;
        self
    }

    /// Records that code sets a setting. A fault of it then names no environment variable.
    fn set_in_code(&mut self, setting: Setting) {
        self.environment.forget(setting);
    }

    /// Sets how long a browser may keep the response to a preflight, in whole seconds, at most 86 400:
    /// `max_age(Duration::from_secs(3600))`. The default is 600 s,
    /// the longest that every browser keeps. `Duration::ZERO` turns caching off; `None` sends no such field and leaves it to
    /// the browser (Fetch: 5 s).
    pub fn max_age(mut self, age: impl Into<Option<Duration>>) -> Self {
        self.max_age = age.into();
        self.set_in_code(Setting::MaxAge);
        self
    }

    /// Lets allowed origins see the details of resource timing (`Timing-Allow-Origin`). If this is not set, fields of that
    /// name that the application sends are kept.
    ///
    /// Images, scripts and style sheets are usually requested without `Origin`. The responses to such requests list the exact
    /// origins of the policy, if they are at most [`limits::TIMING_ORIGINS`](crate::limits::TIMING_ORIGINS): anyone can read
    /// which these are. Origins that are allowed by a pattern with a wildcard, a regular expression, a predicate or a lookup are
    /// not in the list. Their pages see the timing of an image that has the attribute `crossorigin`, which adds `Origin`.
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new()
    ///     .allow_origins(["https://example.com", "https://example.org", "https://*.example.net"])
    ///     .timing_allow_origin(true)
    ///     .build()?;
    /// let decision = evaluate(&policy, &RequestParts::new("GET"));
    /// let fields: Vec<String> = decision.headers().iter().map(|field| field.to_string()).collect();
    /// assert_eq!(fields, ["timing-allow-origin: https://example.com, https://example.org", "vary: Origin"]);
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn timing_allow_origin(mut self, yes: bool) -> Self {
        self.timing_allow_origin = yes;
        self
    }

    /// Sends `Access-Control-Allow-Private-Network: true` in the response to each allowed preflight. Current browsers no longer
    /// make the preflight of Private Network Access; this is for old ones that do.
    pub fn allow_private_network(mut self, yes: bool) -> Self {
        self.allow_private_network = yes;
        self
    }

    /// Sets the status of the response to an allowed preflight, 200 to 299. The default is 204.
    pub fn preflight_status(mut self, status: u16) -> Self {
        self.preflight_status = status;
        self.set_in_code(Setting::PreflightStatus);
        self
    }

    /// Forwards preflights to the application, and sets the headers on its response.
    pub fn forward_preflights(mut self, yes: bool) -> Self {
        self.forward_preflights = yes;
        self
    }

    /// Responds with 403 to an actual request from an origin that is not allowed, instead of running the application and
    /// letting the browser hide its response from the page. Requests of the server's own pages are not affected, nor are
    /// any where [any origin](crate::Policy::is_static) is allowed.
    ///
    /// This does not protect from forged requests: browsers send some without `Origin`, and other clients can send any value.
    pub fn refuse_disallowed_origins(mut self, yes: bool) -> Self {
        self.refuse_disallowed_origins = yes;
        self
    }

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

fn extend<I>(list: &mut Vec<String>, items: I)
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

#[cfg(test)]
#[cfg(feature = "serde")]
mod tests;
