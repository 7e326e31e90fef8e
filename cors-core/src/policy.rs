//! The policy: settings in, immutable compiled rules out, and every fault in between.

mod build;
mod check_names;
mod compiled;
mod config;
#[cfg(feature = "serde")]
mod deserialize;
mod display;
mod faults;
mod known_names;
mod names;
#[cfg(feature = "serde")]
mod old_name;
mod origin_rules;
mod predicate;
mod read;
mod response_fields;
#[cfg(feature = "serde")]
mod serde_max_age;
mod setting;
mod to_config;
mod warning;
mod warnings;

pub use compiled::Policy;
pub use config::PolicyConfig;
pub use faults::{Fault, FaultCause, FaultKind, PolicyError};
pub use origin_rules::OriginStatus;
pub use predicate::PredicateCall;
pub use setting::Setting;
pub use warning::Warning;
