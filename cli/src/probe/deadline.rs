//! When something must have ended, and the option that sets this.

use std::fmt::{self, Display};
use std::time::Duration;

use tokio::time::Instant;

/// The longest time for something. `Display` names the option with which it can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    /// For connecting to an address.
    Connect(Duration),
    /// For an exchange.
    Exchange(Duration),
    /// For everything.
    Command(Duration),
}

impl Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(time) => write!(f, "within {time:?} (`--connect-timeout`)"),
            Self::Exchange(time) => write!(f, "within {time:?} (`--timeout`)"),
            Self::Command(time) => {
                write!(f, "in the time of the command, {time:?} (`--max-time`)")
            }
        }
    }
}

/// When a limit is reached.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    pub(super) at: Instant,
    pub(super) limit: Limit,
}

impl Deadline {
    /// Returns the deadline of something that begins now.
    pub(super) fn of(limit: Limit) -> Self {
        let (Limit::Connect(time) | Limit::Exchange(time) | Limit::Command(time)) = limit;
        Self {
            at: Instant::now() + time,
            limit,
        }
    }

    /// Returns the one that is reached first.
    pub(super) fn or_earlier(self, other: Self) -> Self {
        if other.at < self.at { other } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_that_is_reached_first_is_named() {
        let command = Deadline::of(Limit::Command(Duration::from_secs(60)));
        for (seconds, expected) in [
            (10, "within 10s (`--timeout`)"),
            (100, "in the time of the command, 60s (`--max-time`)"),
        ] {
            let exchange = Deadline::of(Limit::Exchange(Duration::from_secs(seconds)));
            for earlier in [command.or_earlier(exchange), exchange.or_earlier(command)] {
                assert_eq!(earlier.limit.to_string(), expected);
            }
        }
    }
}
