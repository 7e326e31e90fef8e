//! The protocol over a simulated network, in simulated time. Everything of a node is the real code, except for its clock.
//!
//! Two replicas and a lookup follow a database. Links lose or hold packets, in one direction or both, responses are late, hosts crash and
//! start again, transactions are committed in another order than they began, changes are pruned, and backups are restored. A run follows
//! from its seed.
//! The database records what it contained at each time. After each step, each answer of a node must fit to that record:
//!
//! * An origin is allowed only if it was in the store during the lease before the answer, and at or after the last contact.
//! * An origin is denied by a replica whose lease is valid only if it was not in the store at or after the last contact.
//! * Some time after the last fault, each node follows: it denies and allows what was changed more than about a second ago.

mod checks;
mod database;
mod network;
mod node;
mod random;
mod run;

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::str::FromStr;

use checks::Seen;

/// The number of runs with an `OMNICORS_EFFORT` of 1.
const RUNS: u64 = 12;

#[test]
fn each_answer_of_a_node_is_one_that_the_lease_and_the_last_contact_permit() {
    let first: u64 = variable("OMNICORS_SEED", 0x004F_6D6E_6963_6F72);
    let runs = RUNS * variable("OMNICORS_EFFORT", 1);
    let mut tally = Seen::default();
    let (mut removals, mut late, mut lost, mut whole) = (0, 0, 0, 0);
    for number in 0..runs {
        let seed = first.wrapping_add(number);
        let ran = catch_unwind(AssertUnwindSafe(|| run::run(seed, &mut tally)));
        let disk = ran.unwrap_or_else(|panic| {
            eprintln!("run {number} failed; to repeat it first: OMNICORS_SEED={seed}");
            resume_unwind(panic)
        });
        let database = disk.database();
        removals += database.removals;
        late += database.late_commits;
        lost += database.lost;
        whole += database.whole_reads;
    }
    // Otherwise, the checks would be of nothing.
    for (number, what) in [
        (removals, "removals"),
        (late, "late commits"),
        (lost, "lost changes"),
        (whole, "whole reads"),
        (tally.stale, "stale answers"),
        (tally.ended, "leases that ended"),
    ] {
        assert!(number > 0, "there were no {what}");
    }
    println!(
        "protocol: {runs} runs of 60 s with faults, {removals} removals, {late} late commits, {lost} lost changes, {whole} whole reads, \
         {} answers checked, {} of them stale in the lease, {} denied after it",
        tally.checked, tally.stale, tally.ended
    );
}

fn variable<T: FromStr>(name: &str, default: T) -> T {
    match env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name}={text} is not a number")),
        Err(_) => default,
    }
}
