//! Reads a config from names and values, such as environment variables.

use alloc::borrow::ToOwned as _;
use alloc::string::String;

use super::config::PolicyConfig;
use super::environment::Environment;
use super::fault_cause::FaultCause;
use super::faults::Fault;
use super::read_settings::Settings;
use super::value::{Value, count_items};

impl PolicyConfig {
    /// Reads a config from names and values, such as environment variables. `from_env` (feature `std`) reads those of the process.
    ///
    /// A name consists of the prefix and the name of a setting, in any case: `CORS_ALLOW_ORIGINS`, `CORS_MAX_AGE`. Names without the
    /// prefix are ignored. A name with the prefix that is not a setting is a fault.
    ///
    /// * The items of a list are separated by commas, spaces or line breaks: `https://a.example, https://b.example`. The value of
    ///   `allow_origin_regexes` is not split: it is one expression, which can contain alternatives such as `(a|b)`.
    /// * Booleans are `true` and `false`. Numbers consist of digits. `max_age` can also be `none`.
    /// * An empty value is the same as a missing variable: `CORS_ALLOW_HEADERS=` allows no header, and `CORS_MAX_AGE=` keeps the
    ///   default.
    ///
    /// [`build`](Self::build) reports the faults together with all others. Each names its variable.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::from_pairs("CORS_", [
    ///     ("CORS_ALLOW_ORIGINS", "https://example.com, https://*.example.com"),
    ///     ("CORS_ALLOW_CREDENTIALS", "true"),
    ///     ("CORS_MAX_AGE", "3600"),
    ///     ("PATH", "/usr/bin"),
    /// ]);
    /// let policy = config.build()?;
    /// assert!(policy.allow_credentials());
    ///
    /// let config = PolicyConfig::from_pairs("CORS_", [("CORS_ORIGINS", "https://example.com")]);
    /// let error = config.build().unwrap_err();
    /// let expected = "unknown variable `CORS_ORIGINS`: did you mean `CORS_ALLOW_ORIGINS`?";
    /// assert_eq!(error.faults()[0].to_string(), expected);
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn from_pairs<N, V>(prefix: &str, pairs: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: AsRef<str>,
        V: AsRef<str>,
    {
        let mut variables = Variables::new(prefix);
        for (name, value) in pairs {
            variables.read(name.as_ref(), Some(value.as_ref()));
        }
        variables.config()
    }
}

/// Reads variables one by one.
pub(super) struct Variables<'a> {
    prefix: &'a str,
    settings: Settings<'a>,
    environment: Environment,
}

impl<'a> Variables<'a> {
    pub(super) fn new(prefix: &'a str) -> Self {
        Self {
            prefix,
            settings: Settings::of_variables(prefix),
            environment: Environment::new(prefix),
        }
    }

    /// Reads a variable. The value is `None` if it is not valid Unicode.
    pub(super) fn read(&mut self, name: &str, value: Option<&str>) {
        let Some(rest) = name.strip_prefix(self.prefix) else {
            return;
        };
        let is_empty = value.is_some_and(|value| value.trim().is_empty());
        let Some(setting) = self
            .settings
            .find(&rest.to_ascii_lowercase(), name.to_owned())
        else {
            return;
        };
        if is_empty {
            return;
        }
        let config = &mut self.settings.config;
        let first = config.read_faults.len();
        let Some(value) = value else {
            config.read_faults.push(Fault {
                variable: Some(name.to_owned()),
                ..Fault::new(Some(setting), String::new(), FaultCause::NotUnicode)
            });
            return;
        };
        self.settings.set(setting, Value::Text(value.to_owned()));
        let config = &mut self.settings.config;
        for fault in config.read_faults.iter_mut().skip(first) {
            fault.variable = Some(name.to_owned());
        }
        let items = count_items(config, setting);
        self.environment.record(setting, items);
    }

    pub(super) fn config(self) -> PolicyConfig {
        PolicyConfig {
            environment: self.environment,
            ..self.settings.config
        }
    }
}

#[cfg(test)]
mod tests;
