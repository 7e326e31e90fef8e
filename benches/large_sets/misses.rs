//! Counts the cache misses of a question with cachegrind.
//!
//! Cachegrind simulates the caches, and a simulated program takes a hundred times as long. So the default is 100,000 origins and a
//! last-level cache of 256 KiB, which stands for 10,000,000 origins and 25 MiB. The misses of building the set are subtracted: they are
//! those of a run without questions.

use std::process::Command;

use crate::contenders::{CONTENDERS, FLOOR};
use crate::origins::{Kind, Questions};

const COUNT: usize = 100_000;
pub(crate) const QUESTIONS: usize = 100_000;
/// Size in bytes, associativity and line size of the last-level cache.
const LAST_LEVEL: &str = "--LL=262144,16,64";
const FIRST_LEVEL: &str = "--D1=32768,8,64";

/// Prints the misses of each contender.
pub(crate) fn print(count: Option<usize>) {
    let count = count.unwrap_or(COUNT);
    println!("{count} origins, a last-level cache of 256 KiB: last-level misses per question");
    println!("{:<42} {:>9} {:>9}", "", "member", "stranger");
    for (index, contender) in CONTENDERS.iter().enumerate() {
        let misses = |kind: Kind, questions| {
            let kind = kind.name();
            let misses = count_misses(&format!("{index},{count},{kind},{questions}"));
            misses.expect("cachegrind prints the misses")
        };
        let per_question = |kind| {
            if kind == Kind::Strangers && contender.only_members {
                return f64::NAN;
            }
            let difference = misses(kind, QUESTIONS) - misses(kind, 0);
            difference / QUESTIONS as f64
        };
        let (member, stranger) = (per_question(Kind::Members), per_question(Kind::Strangers));
        println!("{:<42} {member:>9.2} {stranger:>9.2}", contender.name);
        if contender.name == FLOOR {
            println!("{:<42}", "(not subtracted from the others)");
        }
    }
}

/// Runs this program under cachegrind, and returns the misses when reading data.
fn count_misses(run: &str) -> Option<f64> {
    let program = std::env::current_exe().ok()?;
    let output = Command::new("valgrind")
        .args([
            "--tool=cachegrind",
            "--cache-sim=yes",
            FIRST_LEVEL,
            LAST_LEVEL,
        ])
        .arg("--cachegrind-out-file=/dev/null")
        .arg(program)
        .arg(format!("--ask={run}"))
        .output()
        .ok()?;
    // `==1== LLd misses:        1,234  (        1,000 rd   +         234 wr)`
    let printed = String::from_utf8_lossy(&output.stderr);
    let line = printed.lines().find(|line| line.contains("LLd misses:"))?;
    let (_, reads) = line.split_once('(')?;
    let (reads, _) = reads.split_once("rd")?;
    reads.trim().replace(',', "").parse().ok()
}

/// Builds one contender and asks it: `CONTENDER,COUNT,KIND,QUESTIONS`.
pub(crate) fn ask(run: &str) {
    let mut fields = run.split(',');
    let mut field = || fields.next().expect("four fields");
    let index: usize = field().parse().expect("an index");
    let count: usize = field().parse().expect("a number");
    let name = field();
    let kind = [Kind::Members, Kind::Strangers].into_iter();
    let kind = kind.clone().find(|kind| kind.name() == name);
    let kind = kind.expect("a kind");
    let asked: usize = field().parse().expect("a number");
    let contender = CONTENDERS.get(index).expect("a contender");
    let set = (contender.build)(&crate::origins::members(count));
    // All runs generate the same questions, so that only asking them differs.
    let questions = Questions::new(kind, count, QUESTIONS);
    if asked > 0 {
        let found = (set.ask)(&questions);
        assert!(found == 0 || kind == Kind::Members);
    }
}
