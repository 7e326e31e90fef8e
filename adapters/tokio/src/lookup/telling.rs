use std::mem;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::LookupFailure;

/// The least time between two events.
const APART: Duration = Duration::from_secs(1);

/// Logs lookups that fail, but not each: while the database is down, strangers set how many do, with origins made up.
#[derive(Default)]
pub(super) struct Telling {
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    last: Option<Instant>,
    /// How many have failed since, and not been told.
    untold: u64,
}

impl Telling {
    pub(super) fn tell(&self, origin: &str, failure: &LookupFailure) {
        // Not under the lock: what listens may be slow.
        if let Some(untold) = self.untold() {
            tracing::warn!(origin, untold, "CORS origin: {failure}");
        }
    }

    /// None: it is too early to tell one more.
    fn untold(&self) -> Option<u64> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if told.last.is_some_and(|last| now < last + APART) {
            told.untold += 1;
            return None;
        }
        told.last = Some(now);
        Some(mem::take(&mut told.untold))
    }
}
