//! Presets: configs for common cases.

use core::time::Duration;

use super::config::PolicyConfig;

impl PolicyConfig {
    /// Returns a preset for a public, read-only API: any page may send requests without credentials with the safelisted methods, and
    /// read all response headers and detailed resource timing.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::public_read_only().build()?;
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn public_read_only() -> Self {
        Self::new()
            .allow_origins(["*"])
            .expose_headers(["*"])
            .timing_allow_origin(true)
    }

    /// Returns a preset for development: any page served from this machine may send requests with credentials, any method and any
    /// header. Browsers do not cache preflights. [`Policy::warnings`](crate::Policy::warnings) warns that the policy is for
    /// development only.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::local_development().build()?;
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

    /// Returns a preset for an application whose pages send cookies to an API on another origin. It allows credentials, the methods
    /// `PUT`, `PATCH` and `DELETE`, and JSON, for pages of `origins` only. The origins must be https or loopback.
    ///
    /// Add the other headers that your pages send and read, such as the CSRF token of your framework.
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

    /// Returns a preset for gRPC-web. It allows the request headers that clients send, and exposes the response headers with the status
    /// of a call. Calls are `POST` requests, which every policy allows.
    ///
    /// Add the origins, and the metadata that your clients send ([`allow_header`](Self::allow_header)) and read
    /// ([`expose_header`](Self::expose_header)). Clients of the Connect protocol also send `connect-protocol-version` and
    /// `connect-timeout-ms`.
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
            // The status of a call that fails immediately is in the header fields, not in the trailers in the body.
            .expose_headers(["grpc-status", "grpc-message", "grpc-status-details-bin"])
    }
}

#[cfg(test)]
mod tests;
