//! A runner for benchmarks whose result is a ratio.
//!
//! The measured calls take nanoseconds, and the load of the machine varies. So the contenders are measured in turns, and the fastest
//! round of each counts, because other load can only make a round slower.

#![forbid(unsafe_code)]
#![expect(clippy::expect_used, reason = "a panic fails the benchmark")]

pub mod baseline;
pub mod callgrind;
pub mod valgrind;

use std::hint::black_box;
use std::time::{Duration, Instant};

/// A call that is measured.
pub struct Contender<'a> {
    name: String,
    /// Repeats the call inside a function that measures.
    round: Box<Round<'a>>,
}

type Round<'a> = dyn FnMut(u32, &mut dyn FnMut(&mut dyn FnMut())) + 'a;

impl<'a> Contender<'a> {
    /// Creates a contender from a name and a call.
    pub fn new<R>(name: impl Into<String>, mut once: impl FnMut() -> R + 'a) -> Self {
        Self {
            name: name.into(),
            round: Box::new(move |times, measure| {
                measure(&mut || {
                    for _ in 0..times {
                        black_box(once());
                    }
                });
            }),
        }
    }

    /// Creates a contender from a name, a function that creates an input, which is not measured, and a call with the input.
    pub fn on<Q: 'a, R>(
        name: impl Into<String>,
        make: impl Fn() -> Q + 'a,
        work: impl Fn(Q) -> R + 'a,
    ) -> Self {
        let mut inputs = Vec::new();
        Self {
            name: name.into(),
            round: Box::new(move |times, measure| {
                inputs.extend((0..times).map(|_| make()));
                measure(&mut || {
                    for each in inputs.drain(..) {
                        black_box(work(each));
                    }
                });
            }),
        }
    }

    /// Repeats the call [`COUNTED`] times in the current section of [`callgrind::sections`]. The first call, which may initialize
    /// something, is not counted.
    pub fn count(&mut self) {
        (self.round)(1, &mut |calls| calls());
        for _ in 0..COUNTED / AT_ONCE {
            (self.round)(AT_ONCE, &mut callgrind::counted_by_callgrind);
        }
    }
}

/// The number of calls that [`Contender::count`] counts.
pub const COUNTED: u32 = 24;
/// The number of inputs that exist at once: so few that the allocator keeps their memory in its fastest lists, as in a server.
const AT_ONCE: u32 = 4;

/// Returns the time of a number of repetitions.
fn time(round: &mut Round<'_>, times: u32) -> Duration {
    let mut elapsed = Duration::ZERO;
    round(times, &mut |calls| {
        let start = Instant::now();
        calls();
        elapsed = start.elapsed();
    });
    elapsed
}

/// The duration of a measurement.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// The minimum number of rounds.
    pub rounds: u32,
    /// The minimum time for all contenders together.
    pub time: Duration,
}

/// The time of a round: long compared with the resolution of the clock, and short enough that many rounds are not interrupted.
const ROUND: Duration = Duration::from_micros(30);
const MOST_TIMES: u32 = 2_000;

/// The time of each contender, in nanoseconds.
pub struct Figures(Vec<(String, f64)>);

/// Measures all contenders in turns.
pub fn measure(effort: Effort, mut contenders: Vec<Contender<'_>>) -> Figures {
    let times: Vec<u32> = contenders
        .iter_mut()
        .map(|contender| times(&mut *contender.round))
        .collect();
    let mut fastest = vec![f64::INFINITY; contenders.len()];
    let start = Instant::now();
    let mut round = 0;
    while round < effort.rounds || start.elapsed() < effort.time {
        for ((contender, times), fastest) in contenders.iter_mut().zip(&times).zip(&mut fastest) {
            let once = time(&mut *contender.round, *times).as_secs_f64() * 1e9 / f64::from(*times);
            *fastest = once.min(*fastest);
        }
        round += 1;
    }
    let names = contenders.into_iter().map(|contender| contender.name);
    Figures(names.zip(fastest).collect())
}

/// Returns the number of repetitions that fill a round.
fn times(round: &mut Round<'_>) -> u32 {
    // The first call is slower, because the caches are cold.
    time(round, 1);
    let mut times = 1;
    while times < MOST_TIMES && time(round, times) < ROUND {
        times *= 2;
    }
    times.min(MOST_TIMES)
}

impl Figures {
    /// Prints the time of each contender, in nanoseconds.
    pub fn print(&self) {
        for (name, nanoseconds) in &self.0 {
            println!("{name:<44} {nanoseconds:>8.1} ns");
        }
    }

    /// Prints a ratio and its limit. Returns false if the ratio exceeds the limit.
    ///
    /// # Panics
    ///
    /// Panics if one of the names is unknown.
    pub fn check(&self, name: &str, against: &str, limit: f64) -> bool {
        let ratio = self.nanoseconds(name) / self.nanoseconds(against);
        let holds = ratio <= limit;
        let mark = if holds { "" } else { "   MISSED" };
        println!("{name} / {against}: {ratio:.2} (at most {limit:.2}){mark}");
        holds
    }

    /// Returns the time of a contender.
    ///
    /// # Panics
    ///
    /// Panics if the name is unknown.
    pub fn nanoseconds(&self, name: &str) -> f64 {
        let found = self.0.iter().find(|(contender, _)| *contender == name);
        found.expect("a contender of this name").1
    }
}
