//! Counts the instructions of a question, and fails if a decision that asks a store costs more than it should.
//!
//! Valgrind hides the clock of the kernel that a process reads without a system call, so a reading of the clock counts as few instructions.

use std::collections::BTreeMap;

use omnicors_benches::valgrind;

use crate::contenders::{CONTENDERS, EVALUATE, FLOOR, LOOKUP, PROBE, REPLICA, REPLICA_CHANGED};
use crate::misses::QUESTIONS;
use crate::origins::Kind;

/// More than are compared without a hash, and few enough to be built quickly under valgrind.
const COUNT: usize = 1_000;

/// The greatest factors that are accepted, beside the same origins listed in the policy.
const MOST_REPLICA: f64 = 1.7;
const MOST_CHANGED: f64 = 1.95;

/// Prints the instructions of each contender.
///
/// # Panics
///
/// If one costs too much.
pub(crate) fn print(count: Option<usize>) {
    let count = count.unwrap_or(COUNT);
    println!("{count} origins: instructions per question");
    println!("{:<42} {:>9} {:>9}", "", "member", "stranger");
    let mut of_members = BTreeMap::new();
    let mut floors = [0.0; 2];
    for (index, contender) in CONTENDERS.iter().enumerate() {
        if count > contender.most {
            continue;
        }
        let count_all = |kind: Kind| {
            if kind == Kind::Strangers && contender.only_members {
                return f64::NAN;
            }
            let [none, all] = [0, QUESTIONS].map(|questions| {
                let run = format!("--ask={index},{count},{},{questions}", kind.name());
                let program = std::env::current_exe().expect("this program");
                match valgrind::instructions(&program, [run.as_str()]) {
                    Ok(count) => count,
                    Err(error) => panic!("{error}"),
                }
            });
            (all - none) / QUESTIONS as f64
        };
        let counted = [Kind::Members, Kind::Strangers].map(count_all);
        if contender.name == FLOOR {
            floors = counted;
        }
        let [member, stranger] = if contender.name == FLOOR {
            counted
        } else {
            let [member, stranger] = counted;
            let [of_member, of_stranger] = floors;
            [member - of_member, stranger - of_stranger]
        };
        println!("{:<42} {member:>9.0} {stranger:>9.0}", contender.name);
        of_members.insert(contender.name, member);
    }
    // Large sets have no lookup.
    let cost = |name| of_members.get(name).copied();
    let evaluate = cost(EVALUATE).expect("a contender of each size");
    let probe = cost(PROBE).unwrap_or_default();
    for (name, most) in [
        (REPLICA, MOST_REPLICA * evaluate),
        (REPLICA_CHANGED, MOST_CHANGED * evaluate),
        (LOOKUP, 2.0 * evaluate + probe),
    ] {
        let Some(counted) = cost(name) else {
            continue;
        };
        assert!(
            counted <= most,
            "{name}: {counted:.0} instructions, at most {most:.0}"
        );
        println!("{name}: {counted:.0} of at most {most:.0}");
    }
}
