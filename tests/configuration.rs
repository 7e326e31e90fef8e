//! Runs every block of docs/configuration.md.
//!
//! The Rust blocks are in the files of `configuration/`, word for word, and their functions are called. [`blocks`] has a function
//! for each of the other blocks, which reads it as the docs say.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
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
