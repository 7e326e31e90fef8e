//! The faults that are found while a config is read, which [`PolicyConfig::build`] reports with the others.

use alloc::vec::Vec;
use core::mem;

use super::config::PolicyConfig;
use super::fault_cause::FaultCause;
use super::faults::{Fault, Faults};
use super::setting::Setting;
use super::value::turn_on;

/// Which items and settings were not read. The other faults are those of the rest.
pub(super) struct NotRead {
    /// The items that are not in the lists of the config, in ascending order for each setting: the index of each, in the source,
    /// less the number of those before it.
    items: Vec<(Setting, usize)>,
    /// How many faults were found while the config was read.
    count: usize,
    /// True if something may allow origins that was not read.
    may_allow_origins: bool,
}

impl NotRead {
    /// Takes the faults out of the config and adds them to the list: unknown settings first, and then the others as they were
    /// read.
    pub(super) fn take(config: &mut PolicyConfig, faults: &mut Faults) -> Self {
        let mut not_read = Self {
            items: Vec::new(),
            count: config.read_faults.len(),
            may_allow_origins: false,
        };
        let (first, rest): (Vec<_>, Vec<_>) = mem::take(&mut config.read_faults)
            .into_iter()
            .partition(|fault| *fault.cause() == FaultCause::UnknownSetting);
        for fault in first.into_iter().chain(rest) {
            not_read.note(&fault, config);
            faults.push(fault);
        }
        if let Some(path) = config.allow_origins_from.take() {
            not_read.count += 1;
            not_read.may_allow_origins = true;
            let setting = Some(Setting::AllowOriginsFrom);
            faults.push(Fault::new(setting, path, FaultCause::OnlyInPolicyFile));
        }
        not_read.sort();
        not_read
    }

    fn note(&mut self, fault: &Fault, config: &mut PolicyConfig) {
        if *fault.cause() == FaultCause::Renamed {
            // For the other faults, it counts under the new name.
            if let Some(setting) = fault.setting() {
                turn_on(config, setting);
            }
        }
        if let Some((setting, index)) = fault.setting().zip(fault.index()) {
            self.items.push((setting, index));
        }
        self.may_allow_origins |= matches!(
            fault.setting(),
            Some(
                Setting::AllowOrigins
                    | Setting::AllowOriginsFrom
                    | Setting::AllowOriginRegexes
                    | Setting::AllowOriginsIf
                    | Setting::LookupOrigins
            )
        );
    }

    fn sort(&mut self) {
        self.items.sort_unstable();
        let mut last = None;
        let mut before = 0;
        for (setting, index) in &mut self.items {
            if last != Some(*setting) {
                last = Some(*setting);
                before = 0;
            }
            *index -= before;
            before += 1;
        }
    }

    /// Corrects the faults that were found in the rest: their indices count all items, and if a setting was not read that may
    /// allow origins, then "no origin" is not one of them.
    pub(super) fn correct(self, faults: &mut Faults) {
        if self.may_allow_origins {
            faults.retain(|fault| *fault.cause() != FaultCause::NoOrigin);
        }
        if self.items.is_empty() {
            return;
        }
        for fault in faults.iter_mut().skip(self.count) {
            let (Some(setting), Some(index)) = (fault.setting, fault.index) else {
                continue;
            };
            let start = self.items.partition_point(|item| *item < (setting, 0));
            let end = self.items.partition_point(|item| *item <= (setting, index));
            fault.index = Some(index + (end - start));
        }
    }
}

impl PolicyConfig {
    /// Returns how many patterns are written in `allow_origins`, those included that were not read.
    pub(crate) fn count_origins(&self) -> usize {
        let not_read = self
            .read_faults
            .iter()
            .filter(|fault| fault.setting == Some(Setting::AllowOrigins) && fault.index.is_some());
        self.allow_origins.len() + not_read.count()
    }
}
