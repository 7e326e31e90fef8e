#[cfg(feature = "store-contract")]
mod contract;
#[cfg(feature = "filter")]
mod filters;
#[cfg(feature = "metrics")]
mod gauges;
mod images;
mod leases;
mod memory;
mod policies;
mod sessions;
mod shared_connections;
mod simulation;
