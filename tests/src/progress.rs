//! Threads that get on with something, and one that waits for them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Thread};

/// How far they have got, and whether it is over: enough has been done, or something has gone wrong.
#[derive(Debug)]
pub struct Progress {
    done: AtomicUsize,
    is_over: AtomicBool,
    /// The thread that waits.
    waits: Thread,
}

impl Progress {
    /// Nothing is done yet. The thread that makes it is the one that waits.
    #[must_use]
    pub fn new() -> Self {
        Self {
            done: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
            waits: thread::current(),
        }
    }

    /// One more is done.
    pub fn add(&self) {
        self.done.fetch_add(1, Ordering::SeqCst);
        self.waits.unpark();
    }

    /// How many are done.
    pub fn done(&self) -> usize {
        self.done.load(Ordering::SeqCst)
    }

    /// No more is to be done.
    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }

    /// Waits until so many more are done, or it is over.
    pub fn wait_for(&self, count: usize) {
        let enough = self.done() + count;
        while self.done() < enough && !self.is_over() {
            thread::park();
        }
    }

    /// It is over when this is dropped, whatever the reason: a thread that panics holds up none that waits for it.
    #[must_use]
    pub fn over_when_dropped(&self) -> Over<'_> {
        Over(self)
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

/// Made by [`Progress::over_when_dropped`].
#[derive(Debug)]
pub struct Over<'a>(&'a Progress);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::SeqCst);
        self.0.waits.unpark();
    }
}
