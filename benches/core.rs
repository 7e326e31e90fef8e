//! Measures `evaluate`, compared with one lookup of the origin in a `HashSet`, and building a policy with a million origins.
//!
//! Each ratio is printed with its limit. The run fails if a ratio exceeds its limit.

#![forbid(unsafe_code)]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a panic fails the benchmark"
)]

use std::collections::HashSet;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use omnicors_benches::{Contender, Effort, Figures, measure};
use omnicors_core::{Decision, Policy, PolicyConfig, RequestParts, evaluate};

const EFFORT: Effort = Effort {
    rounds: 200,
    time: Duration::from_secs(1),
};

/// The limit for "not slower". Smaller differences are not reproducible.
const NOT_SLOWER: f64 = 1.1;

fn main() -> ExitCode {
    let times = times();
    times.print();
    println!();
    let ratios = [
        times.check(
            "evaluate, one origin, allowed",
            "hash set of one, found",
            2.0,
        ),
        times.check(
            "evaluate, 100,000 origins, allowed",
            "evaluate, one origin, allowed",
            2.0,
        ),
        times.check(
            "evaluate, one origin, denied",
            "evaluate, one origin, allowed",
            NOT_SLOWER,
        ),
        times.check(
            "evaluate, 100,000 origins, denied",
            "evaluate, 100,000 origins, allowed",
            NOT_SLOWER,
        ),
    ];
    let million = million();
    if ratios.into_iter().all(|holds| holds) && million {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn times() -> Figures {
    let origins = tenants(100_000);
    let one = policy(&origins[..1]);
    let many = policy(&origins);
    let patterns = policy(&[
        "https://*.example.com".to_owned(),
        "https://*.eu.example.org:8443".to_owned(),
    ]);
    let set_of_one: HashSet<&[u8]> = origins.iter().take(1).map(String::as_bytes).collect();
    let set_of_many: HashSet<&[u8]> = origins.iter().map(String::as_bytes).collect();
    let listed = origins[0].as_bytes();
    let unlisted = b"https://tenant-x.example";
    assert_eq!(listed.len(), unlisted.len());

    let ask = |policy: &Policy, origin: &[u8]| {
        evaluate(policy, &RequestParts::new("GET").origin(origin))
            .headers()
            .iter()
            .count()
    };
    // A denied origin gets only `Vary`.
    assert_eq!(
        [
            ask(&one, listed),
            ask(&one, unlisted),
            ask(&many, listed),
            ask(&many, unlisted)
        ],
        [2, 1, 2, 1]
    );

    measure(
        EFFORT,
        vec![
            Contender::new("hash set of one, found", || {
                set_of_one.contains(black_box(listed))
            }),
            Contender::new("hash set of 100,000, found", || {
                set_of_many.contains(black_box(listed))
            }),
            Contender::new("evaluate, one origin, allowed", || decide(&one, listed)),
            Contender::new("evaluate, one origin, denied", || decide(&one, unlisted)),
            Contender::new("evaluate, 100,000 origins, allowed", || {
                decide(&many, listed)
            }),
            Contender::new("evaluate, 100,000 origins, denied", || {
                decide(&many, unlisted)
            }),
            Contender::new("evaluate, patterns, allowed", || {
                decide(&patterns, b"https://shop.example.com")
            }),
            Contender::new("evaluate, patterns, denied", || {
                decide(&patterns, b"https://shop.example.net")
            }),
            Contender::new("evaluate and walk, one origin, allowed", || {
                ask(&one, black_box(listed))
            }),
            Contender::new("evaluate, non-CORS", || {
                evaluate(&one, &RequestParts::new("GET"))
                    .headers()
                    .iter()
                    .count()
            }),
        ],
    )
}

/// Builds a policy with a million exact origins. Prints the time and the memory, and returns true if they are within the limits.
fn million() -> bool {
    const COUNT: usize = 1_000_000;
    let config = PolicyConfig::new().allow_origins(tenants(COUNT));
    let start = Instant::now();
    let policy = config.build().expect("valid origins");
    let seconds = start.elapsed().as_secs_f64();
    let origins = policy.origins().expect("a list");
    assert_eq!(origins.len(), COUNT);
    let bytes = origins.exact_overhead() / COUNT;
    println!(
        "a million origins: built in {seconds:.2} s (limit 2), {bytes} bytes per origin in addition to its text (limit 32)"
    );
    seconds < 2.0 && bytes <= 32
}

fn decide(policy: &Policy, origin: &[u8]) -> bool {
    let request = RequestParts::new("GET").origin(black_box(origin));
    matches!(
        black_box(evaluate(policy, &request)),
        Decision::Forward { .. }
    )
}

fn tenants(count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("https://tenant-{number}.example"))
        .collect()
}

fn policy(origins: &[String]) -> Policy {
    PolicyConfig::new()
        .allow_origins(origins)
        .build()
        .expect("valid origins")
}
