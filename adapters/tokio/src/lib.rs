//! What needs a runtime, for CORS in any framework: origins looked up asynchronously, behind a bounded cache:
//! [`OriginLookup`].

#![forbid(unsafe_code)]

#[cfg(feature = "lookup")]
mod lookup;

#[cfg(feature = "lookup")]
pub use lookup::{LookupFailure, LookupOptions, OriginLookup, WhenFailed};

pub use omnicors_core;
pub use omnicors_core::{Policy, PolicyConfig, PolicyError};
