//! Private database servers for the tests of origin stores. Each listens on a free port of 127.0.0.1, has its data in a temporary
//! directory, and ends when it is dropped or when the test ends.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "to panic is how a test fails"
)]

mod process;
mod redis;

pub use redis::RedisServer;
