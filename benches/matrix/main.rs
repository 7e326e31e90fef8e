//! Measures the cost of omnicors, of the CORS middleware of each framework (the peer), and of the least that a correct middleware
//! can do (the floor).
//!
//! Each middleware wraps the same application, without a socket. Its responses are checked first. Then all are measured in turns,
//! and the time of the framework without any middleware is subtracted.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic fails the benchmark"
)]

mod baseline;
mod cases;
mod cores;
mod counting;
mod figures;
mod floor;
mod instructions;
mod recorded;
mod report;
mod servers;
mod subject;
mod targets;

use std::fs;
use std::process::ExitCode;
use std::time::Duration;

use omnicors_benches::Effort;

use crate::cases::Origins;
use crate::cores::Cores;
use crate::figures::Row;
use crate::instructions::Chosen;
use crate::report::Report;

/// Long enough for a reproducible minimum. The whole matrix takes less than four minutes.
const EFFORT: Effort = Effort {
    rounds: 30,
    time: Duration::from_millis(800),
};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The arguments, or their beginnings. Cargo adds `--bench`.
const ARGUMENTS: [&str; 10] = [
    "--bench",
    "--check",
    "--fixed",
    "--instructions",
    "--only=",
    "--render",
    "--run=",
    "--tracing=",
    "--update",
    "--write",
];

fn run(words: &[&str]) -> Result<(), String> {
    let is_known = |word: &str| ARGUMENTS.iter().any(|known| word.starts_with(known));
    if let Some(unknown) = words.iter().find(|word| !is_known(word)) {
        return Err(format!("unknown argument: {unknown}"));
    }
    let value = |name: &str| words.iter().find_map(|word| word.strip_prefix(name));
    if let Some(group) = value("--run=") {
        return instructions::run(group).ok_or_else(|| format!("`{group}` is not a group"));
    }
    if words.contains(&"--render") {
        return report::render()
            .map_err(|error| format!("could not write the report again: {error}"));
    }
    if words.contains(&"--fixed") {
        let figures = figures::fixed(EFFORT).map(|nanoseconds| nanoseconds.to_string());
        println!("fixed: {}", figures.join(","));
        return Ok(());
    }
    let lock = fs::read_to_string(report::root().join("Cargo.lock"))
        .map_err(|error| format!("could not read Cargo.lock: {error}"))?;
    if words.contains(&"--update") {
        return baseline::update(&lock);
    }
    if words.contains(&"--check") {
        return baseline::check(&lock);
    }
    let only = value("--only=");
    let writes = words.contains(&"--write");
    if writes && only.is_some() {
        return Err("`--write` needs all figures: call it without `--only`".into());
    }
    // Counted first, because this fails if valgrind is missing.
    let counted = match only {
        Some(_) => Vec::new(),
        None => instructions::count(Chosen::All)?,
    };
    if words.contains(&"--instructions") {
        let targets = targets::of(&[], &counted, &[]);
        report::print_instructions(&Report::new(&[], &[], &counted, &targets, &lock));
        return Ok(());
    }
    let tracing = value("--tracing=").unwrap_or_default().split(',');
    let tracing: Vec<f64> = tracing.filter_map(|figure| figure.parse().ok()).collect();
    // Measured before the rest, as in the build with `tracing`, because a heap that has held a million origins is slower.
    let sources = figures::sources(EFFORT, &tracing);
    let rows = measured(only);
    let targets = targets::of(&rows, &counted, &sources);
    let report = Report::new(&rows, &sources, &counted, &targets, &lock);
    report::print(&report);
    if writes {
        report::write(&report).map_err(|error| format!("could not write the report: {error}"))?;
    }
    Ok(())
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
