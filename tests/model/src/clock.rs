use std::time::Duration;

use tokio::time::boot_time;

/// Clocks are never zero.
const START: Duration = Duration::from_secs(1);

/// A clock that the tests set, in place of `adapters/tokio/src/clock.rs`.
#[derive(Clone, Debug)]
pub(crate) enum Clock {
    System,
}

impl Clock {
    #[allow(
        clippy::unused_self,
        reason = "the clock whose place it takes needs it"
    )]
    pub(crate) fn nanoseconds(&self) -> u64 {
        let nanoseconds = (START + boot_time()).as_nanos();
        u64::try_from(nanoseconds).expect("less than centuries")
    }
}
