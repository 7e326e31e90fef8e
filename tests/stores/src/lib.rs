//! Private instances of the servers in which stores of origins are tested.
//!
//! An instance listens on a free port of the loopback interface, keeps its files in a temporary folder, and ends when its value is dropped
//! or when the process of the tests ends.
//!
//! Each module imports only from those after it: `postgres`, `options`, `redis`, `clock`, `process`, `programs`.

// The servers run as another user, with signals.
#![cfg(unix)]
#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a panic makes a test fail"
)]

mod clock;
mod options;
mod postgres;
mod process;
mod programs;
mod redis;

pub use clock::WallClock;
pub use options::PostgresOptions;
pub use postgres::Postgres;
pub use process::{free_port, signal};
pub use redis::RedisServer;
