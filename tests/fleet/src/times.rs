use std::fmt;
use std::time::{Duration, Instant};

/// Waits until the result is as expected, and returns how long that took. Panics after `limit`.
pub async fn until(what: &str, limit: Duration, mut is_so: impl AsyncFnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < limit, "{what}: not within {limit:?}");
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    begun.elapsed()
}

/// Times of the same event.
#[derive(Debug, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Adds a time.
    pub fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// Returns the time that this many of a thousand do not exceed.
    pub fn of_thousand(&self, thousandths: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * thousandths).div_ceil(1_000).max(1);
        sorted.get(rank - 1).copied().unwrap_or_default()
    }

    /// Returns how many times are in each range of milliseconds, as text: `0 to 2: 1, 2 to 4: 2, …`.
    pub fn histogram(&self) -> String {
        let milliseconds = |time: &Duration| time.as_secs_f64() * 1_000.0;
        let mut from = 0.0;
        let ranges = [
            2.0,
            4.0,
            6.0,
            8.0,
            10.0,
            15.0,
            20.0,
            30.0,
            50.0,
            f64::INFINITY,
        ]
        .map(|to| {
            let times = self.0.iter().map(milliseconds);
            let count = times.filter(|time| (from..to).contains(time)).count();
            let text = format!("{from} to {to}: {count}");
            from = to;
            text
        });
        ranges.join(", ")
    }
}

/// Shows the median, 99 % and the slowest, in milliseconds.
impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = |thousandths| self.of_thousand(thousandths).as_secs_f64() * 1_000.0;
        write!(
            f,
            "{} times: median {:.1} ms, 99 % {:.1} ms, slowest {:.1} ms",
            self.0.len(),
            milliseconds(500),
            milliseconds(990),
            milliseconds(1_000)
        )
    }
}
