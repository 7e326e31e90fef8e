//! The packages that are published: what `cargo package` puts into them, what their manifests say, and which Rust they need.
//!
//! `cargo xtask package` also compiles each package from its `.crate` file.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "to panic is how a test fails"
)]

#[path = "packages/contents.rs"]
mod contents;
#[path = "packages/manifests.rs"]
mod manifests;
#[path = "packages/metadata.rs"]
mod metadata;
#[path = "packages/rust_versions.rs"]
mod rust_versions;
