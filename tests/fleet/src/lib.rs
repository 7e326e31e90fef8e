//! Nodes as processes, and clients that ask them as a browser would.

#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a panic fails the test"
)]

mod client;
mod engine;
mod node;
mod times;

pub use client::Client;
pub use engine::{Database, Engine, Writer};
pub use node::{Mode, Node};
pub use times::{Times, until};
