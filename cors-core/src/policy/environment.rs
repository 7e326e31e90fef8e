use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::faults::{Fault, Faults};
use super::setting::Setting;

/// The environment variables that a config was read from. Faults name them.
#[derive(Clone, Debug, Default)]
pub(super) struct Environment {
    /// `None` if the config was not read from variables.
    prefix: Option<String>,
    /// The settings that come from a variable, each with its number of items if it is a list.
    set: Vec<(Setting, usize)>,
}

/// Always equal, so that two configs with the same settings are equal, regardless of their source.
impl PartialEq for Environment {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Environment {
    pub(super) fn new(prefix: &str) -> Self {
        Self {
            prefix: Some(prefix.into()),
            set: Vec::new(),
        }
    }

    /// Records that a setting, or the first items of a list, come from a variable.
    pub(super) fn record(&mut self, setting: Setting, items: usize) {
        self.set.push((setting, items));
    }

    /// Removes a setting that code has replaced.
    pub(super) fn forget(&mut self, setting: Setting) {
        self.set.retain(|&(other, _)| other != setting);
    }

    /// Returns the name of the variable for a setting.
    pub(super) fn variable(prefix: &str, setting: Setting) -> String {
        format!("{prefix}{}", setting.as_str().to_ascii_uppercase())
    }

    /// Adds the name of the variable to each fault of a setting that comes from one. In a list, the items of the variable come before
    /// those that code has added.
    pub(super) fn name_variables(&self, faults: &mut Faults) {
        let Some(prefix) = &self.prefix else {
            return;
        };
        for fault in faults.iter_mut() {
            self.name_variable(prefix, fault);
            fault.prefix = fault.variable.as_ref().map(|_| prefix.clone());
        }
    }

    fn name_variable(&self, prefix: &str, fault: &mut Fault) {
        if let (Some(setting), None) = (fault.setting, &fault.variable) {
            let mut set = self.set.iter();
            let is_from_variable = match set.find(|&&(other, _)| other == setting) {
                Some(&(_, items)) => fault.index.is_none_or(|index| index < items),
                // No origin is allowed: name the variable to set.
                None => setting == Setting::AllowOrigins && fault.index.is_none(),
            };
            if is_from_variable {
                fault.variable = Some(Self::variable(prefix, setting));
            }
        }
    }
}
