//! The setters of [`PolicyConfig`] for methods, header fields and preflights.

use core::time::Duration;

use super::config::{PolicyConfig, extend};
use super::setting::Setting;

impl PolicyConfig {
    /// Adds methods, or `*` for any method. Methods are case-sensitive.
    ///
    /// The [safelisted methods](https://fetch.spec.whatwg.org/#cors-safelisted-method) `GET`, `HEAD` and `POST` are always allowed.
    /// With credentials, browsers read `*` literally, so the response echoes the requested method instead.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::new().allow_origin("https://example.com");
    /// let policy = config.allow_methods(["PUT", "DELETE"]).build()?;
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn allow_methods<I>(mut self, methods: I) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        extend(&mut self.allow_methods, methods);
        self
    }

    /// Adds one method: see [`allow_methods`](Self::allow_methods).
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").allow_method("PUT").build()?;
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn allow_method(mut self, method: impl AsRef<str>) -> Self {
        extend(&mut self.allow_methods, [method]);
        self
    }

    /// Adds names of request headers, or `*` for any header except `Authorization`, which must be listed as well. Names are
    /// case-insensitive.
    ///
    /// With credentials, browsers read `*` literally, so the response echoes the requested names instead, including
    /// `Authorization`.
    ///
    /// Fetch: [CORS-safelisted request-header](https://fetch.spec.whatwg.org/#cors-safelisted-request-header),
    /// [CORS non-wildcard request-header name](https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name).
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::new().allow_origin("https://example.com");
    /// let policy = config.allow_headers(["content-type", "authorization"]).build()?;
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn allow_headers<I>(mut self, names: I) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        extend(&mut self.allow_headers, names);
        self
    }

    /// Adds the name of one request header: see [`allow_headers`](Self::allow_headers).
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").allow_header("content-type").build()?;
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn allow_header(mut self, name: impl AsRef<str>) -> Self {
        extend(&mut self.allow_headers, [name]);
        self
    }

    /// Adds names of response headers that pages may read, or, without credentials only, `*` for any header.
    ///
    /// Pages can always read the
    /// [safelisted response headers](https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name), such as `Content-Type`.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::new().allow_origin("https://example.com");
    /// let policy = config.expose_headers(["etag", "x-request-id"]).build()?;
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn expose_headers<I>(mut self, names: I) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        extend(&mut self.expose_headers, names);
        self
    }

    /// Adds the name of one response header: see [`expose_headers`](Self::expose_headers).
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").expose_header("etag").build()?;
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn expose_header(mut self, name: impl AsRef<str>) -> Self {
        extend(&mut self.expose_headers, [name]);
        self
    }

    /// Keeps the names that the application sends in `Access-Control-Expose-Headers`, in addition to those of
    /// [`expose_headers`](Self::expose_headers). A handler can then expose a header of its own. By default, the application's field
    /// is removed.
    ///
    /// Names are merged case-insensitively, without duplicates. The result leaves out:
    ///
    /// * the application's `*`, if the policy allows credentials, because browsers would read it literally;
    /// * elements that are not valid header names;
    /// * values beyond [`limits::APPLICATION_EXPOSE_HEADERS`](crate::limits::APPLICATION_EXPOSE_HEADERS).
    ///
    /// Responses to denied origins and to preflights expose no names.
    ///
    /// Adapters merge the names. A server without an adapter calls
    /// [`merged_expose_headers`](crate::adapter::merged_expose_headers), which has an example.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::new().allow_origin("https://example.com");
    /// let policy = config.merge_expose_headers(true).build()?;
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn merge_expose_headers(mut self, yes: bool) -> Self {
        self.merge_expose_headers = yes;
        self
    }

    /// Sets how long a browser may keep the response to a preflight, in whole seconds, at most 86,400.
    ///
    /// The default is 600 seconds, the longest that every browser keeps. `Duration::ZERO` disables caching. `None` omits the field
    /// and leaves the time to the browser (5 seconds in Fetch).
    ///
    /// Fetch: [`Access-Control-Max-Age`](https://fetch.spec.whatwg.org/#http-access-control-max-age).
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    /// use std::time::Duration;
    ///
    /// let config = PolicyConfig::new().allow_origin("https://example.com");
    /// let policy = config.max_age(Duration::from_secs(3600)).build()?;
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn max_age(mut self, age: impl Into<Option<Duration>>) -> Self {
        self.max_age = age.into();
        self.set_in_code(Setting::MaxAge);
        self
    }

    /// Lets pages of allowed origins see detailed resource timing: responses get `Timing-Allow-Origin`. If this is not set, the
    /// application's own fields of that name are kept.
    ///
    /// Browsers usually request images, scripts and style sheets without `Origin`. The responses to such requests list the exact
    /// origins of the policy, if there are at most [`limits::TIMING_ORIGINS`](crate::limits::TIMING_ORIGINS) of them, so anyone can
    /// see which these are. The list does not contain origins that a pattern with a wildcard, a set, a regular expression, a predicate
    /// or a lookup allows. Pages of those origins see the timing of elements with the attribute `crossorigin`, which makes the
    /// browser send `Origin`.
    ///
    /// Fetch: [TAO check](https://fetch.spec.whatwg.org/#concept-tao-check).
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

    /// Sends `Access-Control-Allow-Private-Network: true` in the response to each allowed preflight.
    ///
    /// Only older browsers need it: current ones no longer send the preflights of
    /// [Private Network Access](https://wicg.github.io/private-network-access/).
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::new().allow_origin("https://example.com");
    /// let policy = config.allow_private_network(true).build()?;
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn allow_private_network(mut self, yes: bool) -> Self {
        self.allow_private_network = yes;
        self
    }

    /// Sets the status of the response to an allowed preflight, from 200 to 299. The default is 204 (No Content).
    ///
    /// Fetch: [ok status](https://fetch.spec.whatwg.org/#ok-status).
    ///
    /// ```
    /// use omnicors_core::{Decision, PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").preflight_status(200).build()?;
    /// let preflight = RequestParts::new("OPTIONS").origin("https://example.com").request_method("POST");
    /// assert!(matches!(evaluate(&policy, &preflight), Decision::Respond { status: 200, .. }));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn preflight_status(mut self, status: u16) -> Self {
        self.preflight_status = status;
        self.set_in_code(Setting::PreflightStatus);
        self
    }

    /// Forwards preflights to the application, and sets the headers on its response.
    ///
    /// ```
    /// use omnicors_core::{Decision, PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").forward_preflights(true).build()?;
    /// let preflight = RequestParts::new("OPTIONS").origin("https://example.com").request_method("POST");
    /// assert!(matches!(evaluate(&policy, &preflight), Decision::Forward { .. }));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn forward_preflights(mut self, yes: bool) -> Self {
        self.forward_preflights = yes;
        self
    }
}
