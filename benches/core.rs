//! The core: what `evaluate` costs, beside one lookup of the same bytes in a hash set; and what a million origins take.
//!
//! Each ratio is printed beside its limit, and the run fails if one is missed.

#![forbid(unsafe_code)]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark that is wrong says so"
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

/// "No more", within what the clock can tell.
const NO_MORE: f64 = 1.1;

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
            "evaluate, 100 000 origins, allowed",
            "evaluate, one origin, allowed",
            2.0,
        ),
        times.check(
            "evaluate, one origin, refused",
            "evaluate, one origin, allowed",
            NO_MORE,
        ),
        times.check(
            "evaluate, 100 000 origins, refused",
            "evaluate, 100 000 origins, allowed",
            NO_MORE,
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
    // All but `Vary` tells that it was allowed.
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
            Contender::new("hash set of 100 000, found", || {
                set_of_many.contains(black_box(listed))
            }),
            Contender::new("evaluate, one origin, allowed", || decide(&one, listed)),
            Contender::new("evaluate, one origin, refused", || decide(&one, unlisted)),
            Contender::new("evaluate, 100 000 origins, allowed", || {
                decide(&many, listed)
            }),
            Contender::new("evaluate, 100 000 origins, refused", || {
                decide(&many, unlisted)
            }),
            Contender::new("evaluate, patterns, allowed", || {
                decide(&patterns, b"https://shop.example.com")
            }),
            Contender::new("evaluate, patterns, refused", || {
                decide(&patterns, b"https://shop.example.net")
            }),
            Contender::new("evaluate and walk, one origin, allowed", || {
                ask(&one, black_box(listed))
            }),
            Contender::new("evaluate, not CORS", || {
                evaluate(&one, &RequestParts::new("GET"))
                    .headers()
                    .iter()
                    .count()
            }),
        ],
    )
}

/// Builds a million exact origins; prints the time and the memory.
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
        "a million origins: built in {seconds:.2} s (at most 2), {bytes} bytes each beyond their text (at most 32)"
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
