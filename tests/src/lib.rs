//! What proves Omnicors: the table of cases, the servers that are asked it, and the judges.
//!
//! * [`cases`]: the table, as data: `cases/*.toml`.
//! * [`servers`]: what is asked the table, each behind the same two traits; [`client`] speaks to those over a socket.
//! * [`frameworks`]: the same servers with an application as one writes it for them, routes, errors, panics and all.
//! * [`oracle`]: the browser's side of Fetch, and [`naive`]: a matcher of origin patterns. Neither shares a line of code
//!   with the core. [`conversation`] asks both.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "nothing here serves anyone: to panic is how a test fails"
)]

pub mod apply;
pub mod cases;
pub mod client;
pub mod conversation;
pub mod effort;
#[cfg(feature = "servers")]
pub mod frameworks;
pub mod naive;
pub mod notation;
pub mod oracle;
pub mod progress;
#[cfg(feature = "servers")]
pub mod servers;
pub mod settings;
