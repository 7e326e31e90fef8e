//! Drives real browsers from Rust, to compare what they send and conclude with what `omnicors-browser` and the core predict.
//!
//! * [`engine`]: Chromium, Firefox and WebKit; [`Engine::start`] starts one, headless. Dropping the [`Browser`] ends all
//!   its processes.
//! * [`browser`]: opens pages, runs scripts in them, and reads the console.
//! * [`site`]: serves pages on loopback for any number of hosts; [`relay`]: forwards requests of an engine to a server, and
//!   records both sides.
//! * [`origins`]: serves https with HTTP/2 on loopback, with a [`certificate`] that the engines accept.
//! * [`cases`]: the cases: those of `tests/cases` that a page can cause, and more in this package.
//! * [`api`]: a server of real files behind a policy; [`document`]: reads the documents that tests check.
//! * [`prediction`]: what a browser is predicted to do, and what it did; [`page`]: makes requests in a page.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

pub mod api;
pub mod browser;
pub mod cases;
pub mod certificate;
pub mod document;
pub mod engine;
pub mod http;
pub mod origins;
pub mod page;
pub mod prediction;
mod processes;
pub mod programs;
pub mod relay;
pub mod site;

pub use browser::Browser;
pub use engine::Engine;
pub use processes::Process;
