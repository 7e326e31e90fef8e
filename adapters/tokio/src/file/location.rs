//! Locates each setting in a policy file. The file is parsed for this only if it has faults.

mod entry;
mod find;
#[cfg(feature = "json")]
mod json;
mod place;
#[cfg(feature = "toml")]
mod toml;
#[cfg(feature = "yaml")]
mod yaml;

pub(super) use find::Locations;
pub(super) use place::{Place, places};
