//! The store with real servers. Each test starts servers of its own.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic makes a test fail"
)]

mod changes;
mod contract;
mod hints;
mod histories;
mod lookups;
mod shared;
#[cfg(feature = "rustls")]
mod tls;
mod writers;
