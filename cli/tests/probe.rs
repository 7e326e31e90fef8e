//! `omnicors probe` against servers that the tests start on loopback.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic"
)]

#[path = "probe/adapters.rs"]
mod adapters;
#[path = "probe/audited_values.rs"]
mod audited_values;
#[path = "probe/audits.rs"]
mod audits;
#[path = "probe/command.rs"]
mod command;
#[path = "probe/conclusions.rs"]
mod conclusions;
#[path = "probe/connections.rs"]
mod connections;
#[path = "probe/hostile.rs"]
mod hostile;
#[path = "probe/hosts.rs"]
mod hosts;
#[path = "probe/limits.rs"]
mod limits;
#[path = "probe/messages.rs"]
mod messages;
#[path = "probe/server.rs"]
mod server;
#[path = "probe/sites.rs"]
mod sites;
#[path = "probe/tls.rs"]
mod tls;
