//! Reads a config from the environment of the process.

use std::env;
use std::ffi::OsString;

use super::config::PolicyConfig;
use super::from_pairs::Variables;

impl PolicyConfig {
    /// Reads a config from the environment variables whose names begin with a prefix: with `CORS_`, from `CORS_ALLOW_ORIGINS`,
    /// `CORS_ALLOW_CREDENTIALS`, `CORS_MAX_AGE` and so on. How a value is written is said at [`from_pairs`](Self::from_pairs).
    ///
    /// ```console
    /// $ export CORS_ALLOW_ORIGINS="https://example.com, https://*.example.com"
    /// $ export CORS_ALLOW_METHODS=PUT,DELETE
    /// $ export CORS_ALLOW_CREDENTIALS=true
    /// ```
    ///
    /// ```no_run
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::from_env("CORS_").build()?;
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    ///
    /// All variables with the prefix must be settings. In Kubernetes, a service with the name `cors` adds `CORS_SERVICE_HOST` and
    /// others: then use another prefix, or set `enableServiceLinks: false`.
    ///
    /// More settings can follow in code. Those add to lists and replace other settings.
    pub fn from_env(prefix: &str) -> Self {
        from_variables(prefix, env::vars_os())
    }
}

/// Variables in the form of the operating system, which may not be valid Unicode.
fn from_variables(
    prefix: &str,
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> PolicyConfig {
    // The order in which a system returns them differs from one start to the next.
    let mut sorted: std::vec::Vec<_> = variables.collect();
    sorted.sort_unstable();
    let mut read = Variables::new(prefix);
    for (name, value) in sorted {
        // A name that is not valid Unicode is not that of a setting. If it has the prefix, it is reported.
        read.read(&name.to_string_lossy(), value.to_str());
    }
    read.config()
}

#[cfg(test)]
mod tests;
