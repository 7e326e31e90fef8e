//! `cargo xtask fuzz SECONDS`: every fuzz target for so long, from the seeds that the table of cases makes.

use std::env;
use std::fs;
use std::process::{Command, Stdio};

use crate::command::{self, Failed, cargo, cargo_nightly, root};
use crate::tally::Tally;

/// The targets, and the longest input of each: the limits of the core lie below.
const TARGETS: [(&str, u32); 4] = [
    ("config", 1024),
    ("request", 1024),
    ("conversation", 1024),
    ("request_headers", 6000),
];

const VERSION: &str = "0.13.2";

/// Long enough for CI to find what is easily found.
pub(crate) const BRIEFLY: u32 = 20;

pub(crate) fn run(tally: &mut Tally, seconds: u32) -> Result<(), Failed> {
    install()?;
    let fuzz = root().join("fuzz");
    let mut seeds = cargo_nightly("run --locked --quiet --example seeds --");
    seeds.args(TARGETS.map(|(target, _)| format!("corpus/{target}")));
    command::run(seeds.current_dir(&fuzz))?;
    // Nothing here is unsafe, so that a sanitizer would only cost time.
    command::run(&mut cargo_fuzz("build --sanitizer none"))?;

    let artifacts = fuzz.join("artifacts");
    fs::create_dir_all(&artifacts)
        .map_err(|error| Failed::because(format_args!("{}: {error}", artifacts.display())))?;
    let mut executions = 0;
    for (target, longest) in TARGETS {
        executions += fuzz_one(target, longest, seconds)?;
    }
    tally.note(format!(
        "fuzz: {executions} executions of {} targets, 0 failures",
        TARGETS.len()
    ));
    Ok(())
}

/// How often it ran: first the corpus, then what is made of it.
fn fuzz_one(target: &str, longest: u32, seconds: u32) -> Result<u64, Failed> {
    // Not by `cargo fuzz run`, which swallows what is read here.
    let program = format!("target/{}/release/{target}", host()?);
    let fuzz = root().join("fuzz");
    let mut run = Command::new(fuzz.join(program));
    run.current_dir(&fuzz)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={longest}"))
        .arg(format!("-artifact_prefix=artifacts/{target}-"))
        .args([
            "-dict=dictionary.txt",
            "-print_final_stats=1",
            "-verbosity=0",
        ])
        .arg(format!("corpus/{target}"));
    let mut count = None;
    command::run_reading_errors(&mut run, |line| {
        if let Some(number) = line.strip_prefix("stat::number_of_executed_units:") {
            count = number.trim().parse().ok();
        }
    })?;
    count.ok_or_else(|| Failed::because(format_args!("{target} does not say how often it ran")))
}

fn install() -> Result<(), Failed> {
    let mut help = cargo_fuzz("--help");
    let has_it = help.stdout(Stdio::null()).stderr(Stdio::null()).status();
    if has_it.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    let mut install = cargo("install cargo-fuzz --locked --root target/tools --version");
    command::run(install.arg(VERSION))
}

fn cargo_fuzz(args: &str) -> Command {
    let mut fuzz = cargo_nightly("fuzz");
    fuzz.args(args.split_whitespace());
    // Where it is installed by us, behind wherever it is otherwise.
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([root().join("target/tools/bin")]);
    if let Ok(path) = env::join_paths(folders) {
        fuzz.env("PATH", path);
    }
    fuzz
}

/// The folder that cargo-fuzz builds in: `x86_64-unknown-linux-gnu`, say.
fn host() -> Result<String, Failed> {
    let told = Command::new("rustc").arg("-vV").output().ok();
    let told = told.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let host = told.as_deref().and_then(|told| {
        let mut lines = told.lines();
        lines.find_map(|line| line.strip_prefix("host: "))
    });
    host.map(str::to_owned)
        .ok_or_else(|| Failed::because("`rustc -vV` does not name the host"))
}
