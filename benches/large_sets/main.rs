//! Asks sets of 1 to 10,000,000 origins about random members and random strangers.
//!
//! A benchmark that repeats one question measures a set whose answer is in the first-level cache. Here, the questions are in random
//! order, and there are more of them than the caches can hold. Their text is in one buffer, which does not overlap with the sets. The
//! contenders take turns with the same questions. A turn is long enough to fill the caches with the contender's own data.
//!
//! ```text
//! cargo xtask bench --sets                    1, 1,000, 100,000 and 1,000,000 origins
//! cargo xtask bench --sets 10000000           this number of origins
//! cargo xtask bench --sets --misses           cache misses per question, counted by cachegrind
//! cargo xtask bench --sets --instructions     instructions per question; fails if a decision that asks a store costs too much
//! ```

#![forbid(unsafe_code)]
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a panic fails the benchmark"
)]
#![expect(clippy::cast_precision_loss, reason = "the numbers are less than 2⁵³")]

mod contenders;
mod instructions;
mod lookup;
mod misses;
mod origins;
mod replica;
mod store;

use std::hint::black_box;
use std::sync::atomic::{Ordering, fence};
use std::time::Instant;

use contenders::{Built, CONTENDERS, Contender, FLOOR, OURS};
use origins::{Kind, Questions};

/// The numbers of origins without an argument.
const COUNTS: [usize; 4] = [1, 1_000, 100_000, 1_000_000];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    // `cargo bench` adds `--bench`.
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let words = || args.iter().filter(|arg| !arg.starts_with("--bench"));
    if let Some(run) = words().find_map(|arg| arg.strip_prefix("--ask=")) {
        return misses::ask(run);
    }
    let counts: Vec<usize> = words()
        .filter(|word| !["--misses", "--instructions"].contains(word))
        .map(|word| word.parse().expect("a number of origins"))
        .collect();
    if args.contains(&"--misses") {
        return misses::print(counts.first().copied());
    }
    if args.contains(&"--instructions") {
        return instructions::print(counts.first().copied());
    }
    let counts = if counts.is_empty() {
        &COUNTS[..]
    } else {
        &counts
    };
    for count in counts {
        compare(*count);
    }
}

/// Builds all contenders and prints what they cost.
fn compare(count: usize) {
    let members = origins::members(count);
    let text: usize = members.iter().map(String::len).sum();
    println!(
        "\n{count} origins, {:.1} bytes each",
        text as f64 / count as f64
    );
    let mut built: Vec<(&Contender, Built)> = Vec::new();
    println!(
        "{:<42} {:>9} {:>24}",
        "", "build, s", "bytes beyond the text"
    );
    for contender in &CONTENDERS {
        if count > contender.most {
            println!("{:<42} {:>9}", contender.name, "(too long)");
            continue;
        }
        let start = Instant::now();
        let set = (contender.build)(&members);
        let seconds = start.elapsed().as_secs_f64();
        let beyond = set
            .bytes_beyond_text
            .map_or_else(String::new, |bytes| format!("{:.1}", bytes / count as f64));
        println!("{:<42} {seconds:>9.2} {beyond:>24}", contender.name);
        built.push((contender, set));
    }
    drop(members);
    for kind in [Kind::Members, Kind::Strangers] {
        let questions = Questions::new(kind, count, origins::questions_for(count));
        println!(
            "{:<42} {:>9} {:>9} {:>9} {:>9} {:>9}",
            format!("{kind:?}"),
            "ns",
            "fastest",
            "ratio",
            "fastest",
            "least"
        );
        if kind == Kind::Strangers {
            built.retain(|(contender, _)| !contender.only_members);
        }
        print_times(&times(&built, &questions, kind));
    }
}

/// The times of a contender in all rounds, in nanoseconds per question.
type Times<'a> = (&'a str, Vec<f64>);

fn times(built: &[(&Contender, Built)], questions: &Questions, kind: Kind) -> Vec<Times<'static>> {
    let mut times: Vec<Times<'_>> = built
        .iter()
        .map(|(contender, _)| (contender.name, Vec::new()))
        .collect();
    let rounds = if questions.len() < 1 << 20 { 51 } else { 11 };
    for round in 0..rounds {
        for turn in 0..built.len() {
            // Each round starts with another contender.
            let index = (turn + round) % built.len();
            let (Some((_, set)), Some((name, times))) = (built.get(index), times.get_mut(index))
            else {
                continue;
            };
            let start = Instant::now();
            let found = (set.ask)(questions);
            let nanoseconds = start.elapsed().as_secs_f64() * 1e9;
            if *name != FLOOR {
                let right = if kind == Kind::Members {
                    questions.len()
                } else {
                    0
                };
                assert_eq!(found, right, "{name}");
            }
            times.push(nanoseconds / questions.len() as f64);
        }
    }
    times
}

/// Prints, for each contender, the median and the fastest round, and how the time of the set of this library compares with it: the median of
/// the ratios of all rounds, the ratio of the fastest rounds, and the least ratio of a round. The time of reading a question is subtracted.
fn print_times(all: &[Times<'_>]) {
    let rounds_of = |name: &str| {
        let found = all.iter().find(|(known, _)| *known == name);
        &found.expect("a contender of this name").1
    };
    let ours = rounds_of(OURS);
    let [floor, ..] = spread(rounds_of(FLOOR));
    for (name, theirs) in all {
        let [fastest, median] = spread(theirs);
        let shown = if *name == FLOOR {
            String::new()
        } else {
            let ratio = |(ours, theirs): (&f64, &f64)| (ours - floor) / (theirs - floor);
            let ratios: Vec<f64> = ours.iter().zip(theirs).map(ratio).collect();
            let [least, median] = spread(&ratios);
            let [ours, _] = spread(ours);
            format!(
                "{median:>9.2} {:>9.2} {least:>9.2}",
                ratio((&ours, &fastest))
            )
        };
        println!("{name:<42} {median:>9.1} {fastest:>9.1} {shown}");
    }
}

/// Asks a set all questions, one after the other, and returns the number of members.
///
/// The fence makes the processor finish a question before it starts the next, as in a server, where other work is between them. Without it,
/// the processor waits for the memory of several questions at the same time.
fn ask_all(questions: &Questions, contains: impl Fn(&str) -> bool) -> usize {
    let mut found = 0;
    for origin in questions.iter() {
        found += usize::from(contains(black_box(origin)));
        fence(Ordering::SeqCst);
    }
    found
}

/// Returns the least and the middle value.
fn spread(values: &[f64]) -> [f64; 2] {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    [at(0), at(values.len() / 2)]
}
