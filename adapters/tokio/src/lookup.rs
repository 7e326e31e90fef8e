//! Origins looked up by an async function, behind a bounded cache.

#[cfg(feature = "metrics")]
mod counters;
mod failure;
mod join;
mod moment;
mod options;
mod origin_lookup;
mod panics;
mod permits;
mod rate_limit;
mod result_cache;
mod running_call;
mod shared;
mod single_flight;
#[cfg(test)]
mod tests;
mod when_failed;

pub use failure::LookupFailure;
pub use options::LookupOptions;
pub use origin_lookup::OriginLookup;
#[cfg(feature = "store")]
pub(crate) use origin_lookup::WeakLookup;
#[cfg(feature = "store")]
pub(crate) use shared::Follower;
pub use when_failed::WhenFailed;
