//! The store with real servers. A private instance of PostgreSQL starts for these tests, and further ones for those that kill it.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic makes a test fail"
)]

mod changes;
mod contract;
mod cost;
mod database;
mod history;
mod lookups;
mod prune;
mod replication;
mod restored;
mod rights;
mod servers;
mod sessions;
mod tables;
#[cfg(feature = "rustls")]
mod tls;
mod writer;
