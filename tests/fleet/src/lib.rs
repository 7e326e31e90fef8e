//! Nodes as processes, clients that ask them as a browser would, and a check of what they answered.
//!
//! Each module imports only from those after it: `fleet`, `recorder`, `checker`, `history`, `node`, `network`, `client`, `engine`, `times`.

#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a panic fails the test"
)]

mod checker;
mod client;
mod engine;
mod fleet;
mod history;
mod network;
mod node;
mod recorder;
mod times;

pub use checker::{Checked, OfNode, Promise, Violation, check};
pub use client::Client;
pub use engine::{Database, Engine, Writer};
pub use fleet::{BOUND, Fleet, LONG, RECOVERY, origin};
pub use history::{Answer, Change, Cut, History, Moment};
pub use network::{Fault, Host, Network, in_own_network};
pub use node::{Mode, Node, NodeOptions};
pub use recorder::Recorder;
pub use times::{Times, until};
