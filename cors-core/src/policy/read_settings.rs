//! Settings by name, as text has them.

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

/// Settings that are read one by one into a config. Whatever is wrong becomes a fault of the config.
pub(super) struct Settings<'a> {
    pub(super) config: PolicyConfig,
    seen: Vec<Setting>,
    /// How many names were unknown.
    unknown: usize,
    /// The prefix of the environment variables, if that is what is read.
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

    /// Finds the setting of a name, whose value is to be read next. If there is none, this adds a fault to the config.
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
            (None, Some(old_name)) => (Some(old_name.setting()), FaultCause::Renamed),
            (None, None) => (self.meant(name), FaultCause::UnknownSetting),
        };
        let suggestion =
            setting
                .filter(|_| cause != FaultCause::Repeated)
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

    /// Returns the setting that was probably meant. To look for it takes time, and a message shows only the first few.
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
