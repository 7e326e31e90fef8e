//! Starts servers that other projects have written, and compares what `omnicors-browser`, `omnicors probe` and Chromium conclude about them.
//!
//! * [`catalog`]: the servers; [`install`]: installs them with their package managers, into `target/foreign`; [`versions`]: the
//!   versions of their packages.
//! * [`running`]: starts a server in one of its configurations; [`supervised`]: a process that does not outlive the test.
//! * [`requests`]: the requests of pages; [`ask`]: what `omnicors-browser` concludes; [`probe`]: what `omnicors probe` says;
//!   [`observe`]: what Chromium does.
//! * [`measured`]: the outcomes of a server; [`traits`]: what its responses have in common; [`document`]: the page
//!   `docs/other-servers.md`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

pub mod ask;
pub mod catalog;
pub mod document;
pub mod install;
pub mod measured;
pub mod observe;
pub mod probe;
pub mod requests;
pub mod running;
pub mod supervised;
pub mod traits;
pub mod versions;
