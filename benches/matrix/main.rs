//! Measures the cost of omnicors, of the CORS middleware of each framework, and of headers inserted without any check.
//!
//! Each middleware wraps the same application, without a socket. Its responses are checked first. Then all are measured in turns,
//! and the time of the framework without any middleware is subtracted.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic fails the benchmark"
)]

mod cases;
mod cores;
mod counting;
mod figures;
mod instructions;
mod recorded;
mod report;
mod servers;
mod subject;
mod targets;

use std::process::ExitCode;
use std::time::Duration;

use omnicors_benches::Effort;

use crate::cases::Origins;
use crate::cores::Cores;
use crate::figures::Row;
use crate::report::Report;
use crate::targets::Target;

/// Long enough for a reproducible minimum. The whole matrix takes less than three minutes.
const EFFORT: Effort = Effort {
    rounds: 30,
    time: Duration::from_millis(800),
};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // Unknown arguments are ignored, because cargo adds `--bench`.
    let only = words.iter().find_map(|word| word.strip_prefix("--only="));
    let writes = words.contains(&"--write");
    if let Some(subject) = words.iter().find_map(|word| word.strip_prefix("--run=")) {
        let is_known = instructions::run(subject).is_some();
        return if is_known {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    }
    if words.contains(&"--render") {
        return match report::render() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("could not write the report again: {error}");
                ExitCode::FAILURE
            }
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
        eprintln!("`--write` needs all figures: call it without `--only`");
        return ExitCode::FAILURE;
    }
    // Counted first, because this fails if valgrind is missing.
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
    let lock = match std::fs::read_to_string(report::root().join("Cargo.lock")) {
        Ok(lock) => lock,
        Err(error) => {
            eprintln!("could not read Cargo.lock: {error}");
            return ExitCode::FAILURE;
        }
    };
    if words.contains(&"--instructions") {
        report::print_instructions(&Report::new(&[], &[], &instructions, &[], &lock));
        return ExitCode::SUCCESS;
    }
    // Measured before the rest, as in the build with `tracing`, because a heap that has held a million origins is slower.
    let sources = figures::sources(EFFORT, &tracing);
    let rows = measured(only);
    let targets = targets::of(&rows, &sources);
    let report = Report::new(&rows, &sources, &instructions, &targets, &lock);
    report::print(&report);
    if writes && let Err(error) = report::write(&report) {
        eprintln!("could not write the report: {error}");
        return ExitCode::FAILURE;
    }
    let is_met = targets.iter().all(Target::is_met);
    if words.contains(&"--check") && !is_met {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Measures all cases, or those of one group. The rows of `CORE` come first but are measured last, because a heap that has held a
/// million origins is slower for the middleware that allocates.
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
    if is_chosen(figures::CORE) {
        let mut built: Option<(Origins, Cores)> = None;
        for case in &cases {
            let cores = match built.take() {
                Some((origins, cores)) if origins == case.origins => cores,
                _ => Cores::new(case.origins),
            };
            rows.push(figures::core(&cores, case, EFFORT));
            built = Some((case.origins, cores));
        }
    }
    rows.append(&mut frameworks);
    rows
}
