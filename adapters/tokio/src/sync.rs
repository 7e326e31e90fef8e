//! The locks and atomic numbers of lookups and of stores.
//!
//! `tests/model` compiles the same files with those of a checker, which tries many orders in which threads can run.

pub(crate) use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) mod atomic {
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
}
