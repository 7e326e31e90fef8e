//! Faults that were found while a config was read. [`PolicyConfig::build`] reports them with the others.

use alloc::vec::Vec;
use core::mem;

use super::config::PolicyConfig;
use super::fault_cause::FaultCause;
use super::faults::{Fault, Faults};
use super::setting::Setting;
use super::value::turn_on;

/// The items and settings that could not be read. The config contains only the others.
pub(super) struct NotRead {
    /// The items that are missing in the lists of the config, in ascending order for each setting. Each index is the index in the
    /// source minus the number of missing items before it, which is the index in the config where the item is missing.
    items: Vec<(Setting, usize)>,
    /// The number of faults that were found while the config was read, and so have the indices of the source.
    count: usize,
    /// True if a setting or an item that could not be read may allow origins.
    may_allow_origins: bool,
}

impl NotRead {
    /// Moves the faults from the config to the list: first unknown settings, then the others in the order in which they were read.
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
            not_read.may_allow_origins = true;
            let setting = Some(Setting::AllowOriginsFrom);
            faults.push(Fault::new(setting, path, FaultCause::OnlyInPolicyFile));
        }
        not_read.sort();
        not_read
    }

    fn note(&mut self, fault: &Fault, config: &mut PolicyConfig) {
        if *fault.cause() == FaultCause::Renamed {
            // Check the other settings as if it had the new name.
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
                    | Setting::AllowOriginsIn
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

    /// Corrects the faults that were found later. Their indices must count the missing items, and "no origin is allowed" is not a fault
    /// if a setting that may allow origins could not be read.
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
    /// Returns the number of patterns in `allow_origins`, including those that could not be read.
    pub(crate) fn count_origins(&self) -> usize {
        let not_read = self
            .read_faults
            .iter()
            .filter(|fault| fault.setting == Some(Setting::AllowOrigins) && fault.index.is_some());
        self.allow_origins.len() + not_read.count()
    }
}
