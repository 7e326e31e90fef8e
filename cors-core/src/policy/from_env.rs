//! Reads a config from the environment of the process.

use std::env;
use std::ffi::OsString;

use super::config::PolicyConfig;
use super::from_pairs::Variables;

impl PolicyConfig {
    /// Reads a config from the environment variables whose names begin with a prefix.
    ///
    /// With the prefix `CORS_`, the variables are `CORS_ALLOW_ORIGINS`, `CORS_ALLOW_CREDENTIALS`, `CORS_MAX_AGE` and so on.
    /// [`from_pairs`](Self::from_pairs) describes the syntax of the values.
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
    /// Every variable with the prefix must be a setting. In Kubernetes, a service with the name `cors` adds variables such as
    /// `CORS_SERVICE_HOST`. Use another prefix then, or set `enableServiceLinks: false`.
    ///
    /// Setters that are called on the config add to lists, and replace other settings.
    pub fn from_env(prefix: &str) -> Self {
        from_variables(prefix, env::vars_os())
    }
}

/// Reads variables in the form of the operating system, which may not be valid Unicode.
fn from_variables(
    prefix: &str,
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> PolicyConfig {
    // The system returns the variables in any order. Sort them, so that the faults are always in the same order.
    let mut sorted: std::vec::Vec<_> = variables.collect();
    sorted.sort_unstable();
    let mut read = Variables::new(prefix);
    for (name, value) in sorted {
        // A name that is not valid Unicode is not the name of a setting. It is a fault if it has the prefix.
        read.read(&name.to_string_lossy(), value.to_str());
    }
    read.config()
}

#[cfg(test)]
mod tests;
