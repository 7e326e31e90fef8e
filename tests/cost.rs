//! The cost of a decision in instructions, which unlike times are reproducible. No case may cost much more than the table in
//! `docs/hostile-input.md` says.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "../benches/src/valgrind.rs"]
#[allow(
    unreachable_pub,
    reason = "the benchmarks share this file, as a module of a library"
)]
mod valgrind;

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::thread;

/// The greatest accepted factor. Another compiler generates other instructions, but not a quarter more.
const MOST: f64 = 1.25;
/// The least accepted factor. If a case becomes this much cheaper, update the table.
const LEAST: f64 = 0.6;

#[test]
#[ignore = "needs valgrind: run cargo xtask test"]
fn costs_agree_with_the_table_and_grow_at_most_linearly() {
    let documented = documented();
    let program = build();
    let counted = count_all(&program);
    println!("| case | bytes | instructions |");
    for (name, (bytes, instructions)) in &counted {
        println!("| {name} | {bytes} | {instructions} |");
    }
    let mut faults = Vec::new();
    for (name, (_, instructions)) in &counted {
        let Some(said) = documented.get(name) else {
            faults.push(format!("{name} is not in the table"));
            continue;
        };
        let ratio = *instructions / said;
        if !(LEAST..=MOST).contains(&ratio) {
            faults.push(format!("{name}: {instructions}, but the table says {said}"));
        }
    }
    for name in documented.keys() {
        if !counted.contains_key(name) {
            faults.push(format!("{name} is in the table, but is not a case"));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");

    let cost = |name: &str| counted[name].1;
    // Input beyond a limit is not read.
    assert!(cost("origin-of-100-kilobytes") < 1.1 * cost("origin-of-513-bytes"));
    assert!(cost("headers-of-100-kilobytes") < 2.0 * cost("preflight-allowed"));
    // Up to three origins are compared without a hash. Beyond that, the number of origins or patterns does not matter.
    assert!(cost("one-allowed") < cost("four-allowed"));
    assert!(cost("100000-allowed") < 1.1 * cost("four-allowed"));
    assert!(cost("100000-refused") < 1.1 * cost("one-refused"));
    assert!(cost("one-pattern-among-20000") < 1.25 * cost("patterns-allowed"));
    // Among many patterns, one usually has the length of the end of the host, which costs a lookup.
    assert!(cost("no-pattern-among-20000") < cost("patterns-allowed"));
    // Cost is linear in the length of the origin, whatever the policy.
    let all_depths = cost("host-of-126-labels-with-a-pattern-at-each");
    assert!(all_depths < 2.2 * cost("host-of-63-labels-with-a-pattern-at-each"));
    // Only the labels of one depth are compared with patterns inside a label; their number does not matter.
    let shapes = cost("label-of-every-shape");
    assert!(cost("every-shape-at-each-of-95-depths") < all_depths + shapes);
    assert!(cost("every-shape-depth-and-port") < 1.5 * (all_depths + shapes));
    assert!(cost("label-of-every-shape-among-100000") < 1.5 * shapes);
    // With exact origins only, or without a similar pattern, a denied origin costs less than an allowed one.
    assert!(cost("one-refused") < cost("one-allowed"));
    assert!(cost("patterns-refused") < cost("patterns-allowed"));
    assert!(cost("preflight-refused") < cost("preflight-allowed"));
    // Otherwise it costs more, up to a documented factor.
    for (refused, allowed) in [
        ("port-refused", "patterns-allowed"),
        ("predicate-refused", "predicate-listed"),
        ("lookup-refused", "lookup-listed"),
    ] {
        let times = cost(refused) / cost(allowed);
        assert!((1.0..2.5).contains(&times), "{refused}: {times}");
    }
    // The origin is not parsed for a set.
    assert!(cost("set-allowed") < 1.5 * cost("one-allowed"));
    assert!(cost("set-allowed") < 0.7 * cost("predicate-allowed"));
    assert!(cost("set-refused") < 0.7 * cost("predicate-refused"));
    // A listed origin passes the guard without another look at the request.
    assert!(cost("guard-listed") < 1.1 * cost("guard-off"));
    // The cost of an explanation does not depend on the number of patterns either.
    for name in [
        "explain",
        "explain-look-alike",
        "explain-126-labels",
        "explain-rejected",
    ] {
        let times = cost(&format!("{name}-among-100000")) / cost(&format!("{name}-among-10"));
        assert!(times < 2.0, "{name}: {times}");
    }

    let most = counted.values().map(|(_, instructions)| *instructions);
    println!(
        "cost: {} cases within their bounds, the worst {} instructions",
        counted.len(),
        most.fold(0.0, f64::max)
    );
}

#[test]
fn security_rounds_the_numbers_of_the_table() {
    let documented = documented();
    let rounded = |instructions: f64| format!("{},000", (instructions / 1000.0).round());
    let cost = |name: &str| rounded(documented[name]);
    let explanations = || {
        let all = documented.iter();
        all.filter(|(name, _)| name.starts_with("explain-"))
            .map(|(_, instructions)| *instructions)
    };
    let least = explanations().fold(f64::INFINITY, f64::min);
    let most = explanations().fold(0.0, f64::max);
    let security: Vec<_> = include_str!("../SECURITY.md").split_whitespace().collect();
    let security = security.join(" ");
    for said in [
        format!(
            "({} instructions; {} with partial labels and ports too)",
            cost("host-of-126-labels-with-a-pattern-at-each"),
            cost("every-shape-depth-and-port")
        ),
        format!("({} instructions, 0.1 ms)", cost("headers-in-64-fields")),
        format!(
            "an explanation takes {} to {} instructions",
            rounded(least),
            rounded(most)
        ),
    ] {
        assert!(security.contains(&said), "SECURITY.md does not say: {said}");
    }
}

#[test]
#[ignore = "needs valgrind: run cargo xtask test"]
fn building_four_times_as_many_items_costs_about_four_times_the_instructions() {
    const FEW: u32 = 2_000;
    let program = build();
    let listed = output_of(Command::new(&program).arg("build")).stdout;
    let listed = String::from_utf8(listed).expect("names");
    let mut faults = Vec::new();
    for name in listed.lines() {
        let [none, few, many] = [0, FEW, 4 * FEW].map(|count| {
            match valgrind::instructions(&program, ["build", name, &count.to_string()]) {
                Ok(count) => count,
                Err(error) => panic!("{error}"),
            }
        });
        let times = (many - none) / (few - none);
        println!("{name}: {times:.2} times");
        // n log n gives a factor of 4.7, n² a factor of 16.
        if times > 6.0 {
            faults.push(format!("{name}: {times:.2} times"));
        }
    }
    assert!(!listed.is_empty() && faults.is_empty(), "{faults:#?}");
}

/// The rows of the table, `| case | bytes | instructions | … |`.
fn documented() -> BTreeMap<String, f64> {
    let text = include_str!("../docs/hostile-input.md");
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let name = cells.get(1)?.strip_prefix('`')?.strip_suffix('`')?;
        let instructions = cells.get(3)?.replace(' ', "").parse().ok()?;
        Some((name.to_owned(), instructions))
    });
    rows.collect()
}

fn build() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cost");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build
        .args(["build", "--release", "--offline", "--locked"])
        .args(["--package", "omnicors-cost"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("CARGO_TARGET_DIR", &target)
        // Remove variables of coverage and profiling tools, which would change the counts.
        .env_remove("CARGO_BUILD_TARGET")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTFLAGS")
        .env_remove("RUSTC_WORKSPACE_WRAPPER");
    output_of(&mut build);
    target
        .join("release")
        .join(format!("omnicors-cost{}", env::consts::EXE_SUFFIX))
}

/// The number of decisions before those that are counted. The first allocations of an explanation sort memory that was freed
/// while the policy was built.
const BEFORE: u32 = 20;

/// How many decisions are counted.
const TIMES: u32 = 100;

/// Returns the request bytes and the instructions of each case.
fn count_all(program: &Path) -> BTreeMap<String, (u32, f64)> {
    let listed = output_of(&mut Command::new(program)).stdout;
    let listed = String::from_utf8(listed).expect("names");
    let mut cases: Vec<(&str, u32)> = listed
        .lines()
        .map(|line| {
            let (name, bytes) = line.split_once(' ').expect("a name and a length");
            (name, bytes.parse().expect("a length"))
        })
        .collect();
    assert!(!cases.is_empty(), "there are cases");
    cases.reverse();
    let left = Mutex::new(cases);
    let counted = Mutex::new(BTreeMap::new());
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let Some((name, bytes)) = left.lock().expect("no panic").pop() else {
                        return;
                    };
                    // Both runs do the same work except for the decisions, so the difference is the cost of the decisions.
                    let few = instructions(program, name, BEFORE);
                    let many = instructions(program, name, BEFORE + TIMES);
                    let each = (many - few) / f64::from(TIMES);
                    let mut counted = counted.lock().expect("no panic");
                    counted.insert(name.to_owned(), (bytes, each.round()));
                }
            });
        }
    });
    counted.into_inner().expect("no panic")
}

fn instructions(program: &Path, case: &str, times: u32) -> f64 {
    let arguments = [case, &times.to_string()];
    match valgrind::instructions(program, arguments) {
        Ok(count) => count,
        Err(error) => panic!("{error}"),
    }
}

fn output_of(command: &mut Command) -> Output {
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => panic!("cannot start {}: {error}", command.get_program().display()),
    };
    assert!(
        output.status.success(),
        "{command:?}:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}
