//! What it costs, beside what is used now: every server's own middleware, other engines, and headers put in by hand.
//!
//! Each contender is mounted as its users mount it, around the same application, without a socket; it is checked to give
//! the right answer, then measured in turns with the others, and what the framework takes without it is subtracted.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a benchmark that is wrong says so"
)]

mod answer;
mod cases;
mod counting;
mod engines;
mod figures;
mod instructions;
mod report;
mod served;
mod servers;
mod targets;

use std::process::ExitCode;
use std::time::Duration;

use omnicors_benches::Effort;

use crate::cases::Origins;
use crate::engines::Engines;
use crate::figures::Row;
use crate::report::Run;
use crate::targets::Target;

/// Enough for a fastest round that repeats, and all of them in less than three minutes.
const EFFORT: Effort = Effort {
    rounds: 30,
    time: Duration::from_millis(800),
};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // Of what is unknown, `--bench` is what cargo adds.
    let only = words.iter().find_map(|word| word.strip_prefix("--only="));
    let writes = words.contains(&"--write");
    if let Some(what) = words.iter().find_map(|word| word.strip_prefix("--run=")) {
        let is_known = instructions::run(what).is_some();
        return if is_known {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    }
    if words.contains(&"--fixed") {
        let figures = figures::fixed(EFFORT).map(|nanoseconds| nanoseconds.to_string());
        println!("fixed: {}", figures.join(","));
        return ExitCode::SUCCESS;
    }
    let tracing = words
        .iter()
        .find_map(|word| word.strip_prefix("--tracing="));
    let tracing: Vec<f64> = tracing.map_or_else(Vec::new, |figures| {
        let figures = figures.split(',');
        figures.filter_map(|figure| figure.parse().ok()).collect()
    });
    if writes && only.is_some() {
        eprintln!("the page shows all figures: `--write` goes without `--only`");
        return ExitCode::FAILURE;
    }
    // First: it fails soonest.
    let instructions = if only.is_some() {
        Vec::new()
    } else {
        match instructions::all() {
            Ok(counted) => counted,
            Err(error) => {
                eprintln!("could not count instructions: {error}");
                return ExitCode::FAILURE;
            }
        }
    };
    if words.contains(&"--instructions") {
        print!("{}", report::instructions(&instructions));
        return ExitCode::SUCCESS;
    }
    // Before the rest, as in the build with `tracing`: a heap that has held a million origins is another one.
    let sources = figures::sources(EFFORT, &tracing);
    let rows = measured(only);
    let targets = targets::of(&rows, &sources);
    let run = Run {
        rows,
        sources,
        instructions,
        targets,
    };
    report::print(&run);
    if writes && let Err(error) = report::write(&run) {
        eprintln!("could not write the figures: {error}");
        return ExitCode::FAILURE;
    }
    let is_met = run.targets.iter().all(Target::is_met);
    if words.contains(&"--check") && !is_met {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// The engines stand first, and are measured last: a heap that has held a million origins is another one, which those that
/// allocate would feel.
fn measured(only: Option<&str>) -> Vec<Row> {
    let cases = cases::all();
    let is_chosen = |name: &str| only.is_none_or(|only| only == name);
    let mut frameworks = Vec::new();
    for framework in servers::ALL.iter().filter(|one| is_chosen(one.name)) {
        for case in cases.iter().filter(|case| framework.has(case)) {
            frameworks.push(figures::framework(framework, case, EFFORT));
        }
    }
    let mut rows = Vec::new();
    if is_chosen(figures::ENGINE) {
        let mut built: Option<(Origins, Engines)> = None;
        for case in &cases {
            let engines = match built.take() {
                Some((origins, engines)) if origins == case.origins => engines,
                _ => Engines::new(case.origins),
            };
            rows.push(figures::engine(&engines, case, EFFORT));
            built = Some((case.origins, engines));
        }
    }
    rows.append(&mut frameworks);
    rows
}
