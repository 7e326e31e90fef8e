//! Real browsers, driven from Rust: what a page may do is asked of an engine, not of a model of one.
//!
//! * [`engine`]: Chromium, Firefox and WebKit; [`Engine::start`] starts one, headless, with nothing left behind when the
//!   [`Browser`] is dropped.
//! * [`browser`]: pages are opened and scripts run in them, and Chromium's console is read.
//! * [`site`]: the pages' server, on loopback, for as many hosts as are named; [`relay`]: stands between an engine and a
//!   server, and keeps what was said.
//! * [`asks`]: what is asked: the table of `tests/cases`, as far as a page can provoke it, and cases of its own.
//! * [`api`]: a server of real files, with a policy before them; [`document`]: the documents that tests check.
//! * [`prediction`]: what the core says that a browser will do, [`page`]: what one does.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "nothing here serves anyone: to panic is how a test fails"
)]

pub mod api;
pub mod asks;
pub mod browser;
pub mod document;
pub mod engine;
pub mod http;
pub mod page;
pub mod prediction;
mod processes;
pub mod programs;
pub mod relay;
pub mod site;

pub use browser::Browser;
pub use engine::Engine;
pub use processes::Process;
