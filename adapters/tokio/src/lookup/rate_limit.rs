use std::mem;
use std::time::Duration;

use tokio::time::Instant;

use crate::sync::{Mutex, PoisonError};

/// The shortest time between two events.
const INTERVAL: Duration = Duration::from_secs(1);

/// Lets one event a second pass, and counts the others: clients decide how many lookups fail or are not begun, because they can
/// send any origin.
#[derive(Default)]
pub(super) struct RateLimit {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last_event: Option<Instant>,
    /// The number of events since then, which did not pass.
    suppressed: u64,
}

impl RateLimit {
    /// Returns the number of events that were suppressed before this one, or `None` if it is too early for another event.
    pub(super) fn pass(&self) -> Option<u64> {
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
