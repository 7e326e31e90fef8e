#[cfg(feature = "store-contract")]
mod contract;
mod images;
mod leases;
mod memory;
mod sessions;
