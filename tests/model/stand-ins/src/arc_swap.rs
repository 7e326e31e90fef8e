use std::sync::{Arc, PoisonError};

use shuttle::sync::Mutex;

/// A pointer that is replaced, in place of that of arc-swap.
#[derive(Debug)]
pub struct ArcSwap<T>(Mutex<Arc<T>>);

impl<T> ArcSwap<T> {
    /// Creates a pointer to a value.
    pub fn from_pointee(value: T) -> Self {
        Self(Mutex::new(Arc::new(value)))
    }

    /// Returns the pointer.
    pub fn load(&self) -> Arc<T> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Does the same.
    pub fn load_full(&self) -> Arc<T> {
        self.load()
    }

    /// Replaces the pointer.
    pub fn store(&self, value: Arc<T>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = value;
    }
}
