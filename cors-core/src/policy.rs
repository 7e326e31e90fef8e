//! Turns a policy config into a validated policy, and reports its faults.

mod build;
mod build_guard;
mod check_names;
mod compiled;
mod config;
#[cfg(feature = "serde")]
mod deserialize;
mod display;
mod dynamic_origins;
mod environment;
mod fault_cause;
mod fault_text;
mod faults;
#[cfg(feature = "std")]
mod from_env;
mod from_pairs;
mod getters;
mod guard;
mod guard_setters;
mod header_setters;
mod hosts;
mod known_names;
mod names;
mod old_name;
mod opt_out_setters;
mod origin_getters;
mod origin_rules;
mod origin_setters;
mod pattern_check;
mod predicate;
mod presets;
mod read;
mod read_faults;
mod read_settings;
mod response_fields;
mod revision;
#[cfg(feature = "serde")]
mod serialize_max_age;
mod setting;
mod shared_function;
mod similar_name;
mod timing_list;
mod to_config;
mod value;
mod warning;
mod warnings;

pub(crate) use build::build_with_warnings;
pub(crate) use check_names::{is_method_to_list, is_request_header_to_list};
pub use compiled::Policy;
pub(crate) use compiled::ResponseFields;
pub use config::PolicyConfig;
pub use dynamic_origins::{DynamicOriginSet, DynamicSetCall};
pub use fault_cause::FaultCause;
pub use faults::{Fault, FaultKind, PolicyError};
pub use guard::Guard;
pub(crate) use guard::GuardRules;
pub(crate) use hosts::is_host_to_list;
pub use hosts::matches_port;
pub use origin_rules::OriginStatus;
pub(crate) use pattern_check::{is_accepted, is_origin_to_list};
pub use predicate::PredicateCall;
pub use setting::Setting;
pub use warning::Warning;
