//! docs/configuration.md: every block of it runs here.
//!
//! The Rust blocks are in the files of `configuration/`, word for word, where their functions are called. Each of the other blocks has a
//! function in [`blocks`] that reads it as the docs say.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "to panic is how a test fails"
)]

#[path = "configuration/blocks.rs"]
mod blocks;
#[path = "configuration/clap.rs"]
mod clap;
#[path = "configuration/code.rs"]
mod code;
#[path = "configuration/config.rs"]
mod config;
#[path = "configuration/document.rs"]
mod document;
#[path = "configuration/environment.rs"]
mod environment;
#[path = "configuration/figment.rs"]
mod figment;
#[path = "configuration/file.rs"]
mod file;
#[path = "configuration/loco.rs"]
mod loco;
#[path = "configuration/rocket.rs"]
mod rocket;
