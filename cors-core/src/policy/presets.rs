//! Configs for common cases, to start from.

use core::time::Duration;

use super::config::PolicyConfig;

impl PolicyConfig {
    /// Returns a preset for a public API: any page may read it, without credentials, by safelisted methods, with all response
    /// headers and resource timing.
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

    /// Returns a preset for development: any page served from this machine, with credentials, any method and any header, and
    /// no caching of preflights. [`Policy::warnings`](crate::Policy::warnings) says that it is for development only.
    ///
    /// ```
    /// let policy = omnicors_core::PolicyConfig::local_development().build()?;
    /// assert!(policy.warnings()[0].to_string().starts_with("FOR DEVELOPMENT ONLY"));
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

    /// Returns a preset for an application whose pages send cookies to an API on another origin: credentials, the usual methods
    /// beyond `GET`, `HEAD` and `POST`, and JSON. It allows the pages of these origins only, and they must be https or loopback.
    ///
    /// List what your pages send and read besides: a CSRF token has a different name in each framework.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::with_cookies(["https://app.example.com"])
    ///     .allow_header("x-csrf-token")
    ///     .expose_header("x-request-id")
    ///     .build()?;
    /// assert!(policy.allow_credentials());
    /// assert!(policy.warnings().is_empty());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn with_cookies<I>(origins: I) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        Self::new()
            .allow_origins(origins)
            .allow_credentials(true)
            .allow_methods(["PUT", "PATCH", "DELETE"])
            .allow_headers(["content-type"])
    }

    /// Returns a preset for gRPC-web: the request headers that its clients send, and the response headers that say how a call
    /// ended. A call is a `POST`, which every policy allows.
    ///
    /// List the origins, and the metadata that your clients send (`allow_header`) and read (`expose_header`). Clients that speak
    /// the Connect protocol also send `connect-protocol-version` and `connect-timeout-ms`.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::grpc_web()
    ///     .allow_origin("https://example.com")
    ///     .allow_header("authorization")
    ///     .build()?;
    /// assert!(policy.warnings().is_empty());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn grpc_web() -> Self {
        Self::new()
            .allow_headers(["content-type", "grpc-timeout", "x-grpc-web", "x-user-agent"])
            // A call that fails at once says so in header fields, not in the trailers in the body.
            .expose_headers(["grpc-status", "grpc-message", "grpc-status-details-bin"])
    }
}

#[cfg(test)]
mod tests;
