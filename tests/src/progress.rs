//! A counter that worker threads increment while one thread waits for it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Thread};

/// The number of completed steps, and whether the work is finished: enough steps are done, or something failed.
#[derive(Debug)]
pub struct Progress {
    done: AtomicUsize,
    is_finished: AtomicBool,
    /// The waiting thread.
    waiter: Thread,
}

impl Progress {
    /// Creates a counter at zero. The calling thread is the one that waits.
    #[must_use]
    pub fn new() -> Self {
        Self {
            done: AtomicUsize::new(0),
            is_finished: AtomicBool::new(false),
            waiter: thread::current(),
        }
    }

    /// Counts one more step.
    pub fn add(&self) {
        self.done.fetch_add(1, Ordering::SeqCst);
        self.waiter.unpark();
    }

    /// Returns the number of steps.
    pub fn done(&self) -> usize {
        self.done.load(Ordering::SeqCst)
    }

    /// Returns true if the work is finished.
    pub fn is_finished(&self) -> bool {
        self.is_finished.load(Ordering::SeqCst)
    }

    /// Waits for `count` more steps, or until the work is finished.
    pub fn wait_for(&self, count: usize) {
        let enough = self.done() + count;
        while self.done() < enough && !self.is_finished() {
            thread::park();
        }
    }

    /// Returns a guard that finishes the work when it is dropped, so that a thread that panics does not block the waiting one.
    #[must_use]
    pub fn finish_when_dropped(&self) -> FinishGuard<'_> {
        FinishGuard(self)
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

/// The guard of [`Progress::finish_when_dropped`].
#[derive(Debug)]
pub struct FinishGuard<'a>(&'a Progress);

impl Drop for FinishGuard<'_> {
    fn drop(&mut self) {
        self.0.is_finished.store(true, Ordering::SeqCst);
        self.0.waiter.unpark();
    }
}
