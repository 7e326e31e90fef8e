//! Stand-ins for the dependencies of `omnicors-tokio` that cannot run under shuttle. `omnicors-model-tests` uses this one package in place of
//! `arc-swap`, `moka`, `papaya` and `tokio`, so it has the items of all of them that are needed.
//!
//! * Maps and swapped pointers are behind a lock for each call. In the original, such a call is atomic as well; here, a thread can be interrupted
//!   before and after it.
//! * Time passes only when a test says so. So a task that is never woken is a deadlock, which shuttle reports.
//! * The channels and semaphores are those of tokio, which tokio checks itself: each call is one step. They run on one thread, as everything does
//!   under shuttle.

mod arc_swap;
mod cache;
mod map;
pub mod task;
pub mod time;

pub use arc_swap::ArcSwap;
pub use cache::Expiry;
pub use map::HashMap;
pub use task::spawn;
pub use tokio::select;

/// The module `sync` of tokio, and that of moka.
pub mod sync {
    pub use crate::cache::Cache;
    pub use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
}
