//! Reads settings by name.

use alloc::string::String;
use alloc::vec::Vec;

use super::config::PolicyConfig;
use super::environment::Environment;
use super::fault_cause::FaultCause;
use super::faults::Fault;
use super::old_name::OldName;
use super::setting::Setting;
use super::similar_name::meant;
use super::value::{Value, set};

/// Reads settings one by one into a config. Mistakes become faults of the config.
pub(super) struct Settings<'a> {
    pub(super) config: PolicyConfig,
    seen: Vec<Setting>,
    /// The number of unknown names.
    unknown: usize,
    /// The prefix of the environment variables, if the settings are read from variables.
    variables: Option<&'a str>,
}

impl<'a> Settings<'a> {
    pub(super) fn new() -> Self {
        Self {
            config: PolicyConfig::new(),
            seen: Vec::new(),
            unknown: 0,
            variables: None,
        }
    }

    pub(super) fn of_variables(prefix: &'a str) -> Self {
        Self {
            variables: Some(prefix),
            ..Self::new()
        }
    }

    /// Returns the setting with a name. If there is none, or it was already read, this adds a fault to the config.
    pub(super) fn find(&mut self, name: &str, written: String) -> Option<Setting> {
        let found = Setting::ALL
            .into_iter()
            .find(|setting| setting.as_str() == name);
        let (setting, cause) = match (found, OldName::of(name)) {
            (Some(setting), _) if !self.seen.contains(&setting) => {
                self.seen.push(setting);
                return Some(setting);
            }
            (Some(setting), _) => (Some(setting), FaultCause::Repeated),
            (None, Some(OldName::RefuseDisallowedOrigins)) => {
                (Some(Setting::Guard), FaultCause::Replaced)
            }
            (None, Some(old_name)) => (Some(old_name.setting()), FaultCause::Renamed),
            (None, None) => (self.meant(name), FaultCause::UnknownSetting),
        };
        let suggestion = setting
            .filter(|_| !matches!(cause, FaultCause::Repeated | FaultCause::Replaced))
            .map(|setting| match self.variables {
                Some(prefix) => Environment::variable(prefix, setting),
                None => setting.as_str().into(),
            });
        let text = match cause {
            FaultCause::Repeated => String::new(),
            _ => written.clone(),
        };
        self.config.read_faults.push(Fault {
            variable: self.variables.map(|_| written),
            suggestion,
            ..Fault::new(setting, text, cause)
        });
        None
    }

    /// Returns the setting that was probably meant. Stops after 100 names, because the search is slow and a message shows only the
    /// first few.
    fn meant(&mut self, name: &str) -> Option<Setting> {
        const MOST: usize = 100;
        self.unknown += 1;
        if self.unknown > MOST {
            return None;
        }
        meant(name)
    }

    pub(super) fn set(&mut self, setting: Setting, value: Value) {
        set(&mut self.config, setting, value);
    }
}
