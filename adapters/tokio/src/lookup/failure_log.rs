use std::mem;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::failure::LookupFailure;

/// The shortest time between two events.
const INTERVAL: Duration = Duration::from_secs(1);

/// Logs failed lookups, at most one each second: while the database is down, clients decide how many lookups fail, because they can
/// send any origin.
#[derive(Default)]
pub(super) struct FailureLog {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last_event: Option<Instant>,
    /// The number of failures since then, which were not logged.
    suppressed: u64,
}

impl FailureLog {
    pub(super) fn log(&self, origin: &str, failure: &LookupFailure) {
        // Not under the lock, because a subscriber may be slow.
        if let Some(suppressed) = self.take_suppressed() {
            tracing::warn!(origin, suppressed, "CORS: {failure:#}");
        }
    }

    /// Returns `None` if it is too early for another event.
    fn take_suppressed(&self) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if state.last_event.is_some_and(|last| now < last + INTERVAL) {
            state.suppressed += 1;
            return None;
        }
        state.last_event = Some(now);
        Some(mem::take(&mut state.suppressed))
    }
}
