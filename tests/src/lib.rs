//! The test suite of Omnicors: a table of cases, the servers that run it, and independent oracles.
//!
//! * [`cases`]: the table, as data in `cases/*.toml`.
//! * [`direct`]: the core without a server. `tests/table/` compares it with the table, without any framework.
//! * [`servers`]: the core and each adapter behind the same two traits; [`client`] talks to them over a socket.
//! * [`frameworks`]: the same servers, each with a realistic application: routes, errors, panics.
//! * [`conversation`]: compares the core with the browser's side of Fetch, which is the crate [`omnicors_browser`], and with [`naive`],
//!   a matcher of origin patterns. Neither shares code with the core.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

pub mod application;
pub mod apply;
pub mod cases;
pub mod client;
pub mod conversation;
pub mod direct;
pub mod effort;
#[cfg(feature = "servers")]
pub mod frameworks;
pub mod naive;
pub mod notation;
pub mod page_request;
pub mod progress;
#[cfg(feature = "servers")]
pub mod servers;
pub mod settings;
