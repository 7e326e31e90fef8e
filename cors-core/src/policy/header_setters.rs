//! The setters of [`PolicyConfig`] for methods, header fields and preflights.

use core::time::Duration;

use super::config::{PolicyConfig, extend};
use super::setting::Setting;

impl PolicyConfig {
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
}
