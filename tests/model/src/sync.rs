//! The locks and atomic numbers of shuttle, in place of `adapters/tokio/src/sync.rs`.

pub(crate) use shuttle::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) mod atomic {
    pub(crate) use shuttle::sync::atomic::{AtomicBool, AtomicU64, Ordering};
}
