//! A runner for benchmarks whose result is a ratio.
//!
//! Machines are shared and noisy, and what is measured takes nanoseconds: so the contenders take turns, round by round, and
//! each is told by the fastest of its rounds, which noise can only make slower.

#![forbid(unsafe_code)]
#![expect(clippy::expect_used, reason = "a benchmark that is wrong says so")]

pub mod valgrind;

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Something to be measured.
pub struct Contender<'a> {
    name: String,
    /// Does it so many times, and tells how long that took.
    round: Box<dyn FnMut(u32) -> Duration + 'a>,
}

impl<'a> Contender<'a> {
    /// Takes a name, and what to do once.
    pub fn new<R>(name: impl Into<String>, mut once: impl FnMut() -> R + 'a) -> Self {
        let round = move |times| {
            let start = Instant::now();
            for _ in 0..times {
                black_box(once());
            }
            start.elapsed()
        };
        Self {
            name: name.into(),
            round: Box::new(round),
        }
    }

    /// Takes a name, how to make what is worked on, which is not measured, and what to do with it, which is.
    pub fn on<Q: 'a, R>(
        name: impl Into<String>,
        make: impl Fn() -> Q + 'a,
        work: impl Fn(Q) -> R + 'a,
    ) -> Self {
        let mut inputs = Vec::new();
        let round = move |times| {
            inputs.extend((0..times).map(|_| make()));
            let start = Instant::now();
            for each in inputs.drain(..) {
                black_box(work(each));
            }
            start.elapsed()
        };
        Self {
            name: name.into(),
            round: Box::new(round),
        }
    }
}

impl Contender<'_> {
    /// Does it so many times.
    pub fn run(&mut self, times: u32) {
        (self.round)(times);
    }
}

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// How often each contender takes its turn, whatever the time.
    pub rounds: u32,
    /// No further rounds than those after this time, for all contenders together.
    pub time: Duration,
}

/// Long enough that the clock is not what is measured, and short enough to fall between two interruptions.
const ROUND: Duration = Duration::from_micros(30);
const MOST_TIMES: u32 = 2_000;

/// What each contender takes, in nanoseconds.
pub struct Figures(Vec<(String, f64)>);

/// Measures all contenders, in turns.
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
            let once = (contender.round)(*times).as_secs_f64() * 1e9 / f64::from(*times);
            *fastest = once.min(*fastest);
        }
        round += 1;
    }
    let names = contenders.into_iter().map(|contender| contender.name);
    Figures(names.zip(fastest).collect())
}

/// As many times as fill a round.
fn times(round: &mut dyn FnMut(u32) -> Duration) -> u32 {
    // The first time finds nothing in the caches.
    round(1);
    let mut times = 1;
    while times < MOST_TIMES && round(times) < ROUND {
        times *= 2;
    }
    times.min(MOST_TIMES)
}

impl Figures {
    /// Prints what each takes, in nanoseconds.
    pub fn print(&self) {
        for (name, nanoseconds) in &self.0 {
            println!("{name:<44} {nanoseconds:>8.1} ns");
        }
    }

    /// Prints a ratio beside its limit; false if it is over.
    ///
    /// # Panics
    ///
    /// Panics if there is no contender of one of the names.
    pub fn check(&self, name: &str, against: &str, limit: f64) -> bool {
        let ratio = self.nanoseconds(name) / self.nanoseconds(against);
        let holds = ratio <= limit;
        let mark = if holds { "" } else { "   MISSED" };
        println!("{name} / {against}: {ratio:.2} (at most {limit:.2}){mark}");
        holds
    }

    /// What one of them takes.
    ///
    /// # Panics
    ///
    /// Panics if there is no contender of the name.
    pub fn nanoseconds(&self, name: &str) -> f64 {
        let found = self.0.iter().find(|(contender, _)| *contender == name);
        found.expect("a contender of this name").1
    }
}
