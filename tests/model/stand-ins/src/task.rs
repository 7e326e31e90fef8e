//! Tasks, in place of those of tokio.

use std::mem;
use std::sync::{Mutex, PoisonError};

pub use shuttle::future::JoinHandle;
use shuttle::future::{self, AbortHandle};

shuttle::lazy_static! {
    // Not a lock of shuttle, because it is not part of what is checked.
    static ref SPAWNED: Mutex<Vec<AbortHandle>> = Mutex::new(Vec::new());
}

/// Runs a future in a task.
pub fn spawn<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    let handle = future::spawn(future);
    let mut spawned = SPAWNED.lock().unwrap_or_else(PoisonError::into_inner);
    spawned.push(handle.abort_handle());
    handle
}

/// Runs a function in a task.
pub fn spawn_blocking<T: Send + 'static>(
    function: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    future::spawn(async move { function() })
}

/// Drops the tasks that [`spawn`] has started, as the end of a runtime does.
pub fn shut_down() {
    let spawned = mem::take(&mut *SPAWNED.lock().unwrap_or_else(PoisonError::into_inner));
    for task in spawned {
        task.abort();
    }
}
