//! A runner for benchmarks whose result is a ratio.
//!
//! Machines are shared and noisy, and what is measured takes nanoseconds: so the contenders take turns, round by round, and
//! each is told by the fastest of its rounds, which noise can only make slower.

#![forbid(unsafe_code)]
#![expect(clippy::expect_used, reason = "a benchmark that is wrong says so")]

use std::time::{Duration, Instant};

/// Something to be measured.
pub struct Contender<'a> {
    name: &'static str,
    run: Box<dyn FnMut(u32) + 'a>,
}

impl<'a> Contender<'a> {
    /// Takes a name, and what to do once.
    pub fn new<R>(name: &'static str, mut once: impl FnMut() -> R + 'a) -> Self {
        let run = move |times| {
            for _ in 0..times {
                std::hint::black_box(once());
            }
        };
        Self {
            name,
            run: Box::new(run),
        }
    }
}

/// What each contender takes, in nanoseconds.
pub struct Figures(Vec<(&'static str, f64)>);

const ROUNDS: usize = 200;
const TIMES: u32 = 2_000;

/// Measures all contenders, in turns.
pub fn measure(mut contenders: Vec<Contender<'_>>) -> Figures {
    let mut fastest = vec![Duration::MAX; contenders.len()];
    for _ in 0..ROUNDS {
        for (contender, fastest) in contenders.iter_mut().zip(&mut fastest) {
            let start = Instant::now();
            (contender.run)(TIMES);
            *fastest = start.elapsed().min(*fastest);
        }
    }
    let figure = |(contender, fastest): (&Contender<'_>, &Duration)| {
        (
            contender.name,
            fastest.as_secs_f64() * 1e9 / f64::from(TIMES),
        )
    };
    Figures(contenders.iter().zip(&fastest).map(figure).collect())
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

    fn nanoseconds(&self, name: &str) -> f64 {
        let found = self.0.iter().find(|(contender, _)| *contender == name);
        found.expect("a contender of this name").1
    }
}
