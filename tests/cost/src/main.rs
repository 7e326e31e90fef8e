//! Makes decisions for `tests/cost.rs`, which counts instructions: `omnicors-cost CASE TIMES` decides a case `TIMES` times; without
//! arguments it lists the cases. `omnicors-cost build SETTING COUNT` builds a policy with that many items in a setting and reads
//! its warnings; `omnicors-cost build` lists these settings.

#![forbid(unsafe_code)]
#![expect(clippy::expect_used, reason = "wrong arguments end the program")]

mod cases;
mod long_settings;
mod policies;

use std::hint::black_box;

use crate::cases::cases;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next() else {
        for case in cases() {
            println!("{} {}", case.name, case.length());
        }
        return;
    };
    if name == "build" {
        return long_settings::build(arguments);
    }
    let times: u32 = arguments
        .next()
        .and_then(|times| times.parse().ok())
        .expect("how many times");
    let case = cases()
        .into_iter()
        .find(|case| case.name == name)
        .expect("a case of this name");
    let policy = (case.policy)();
    for _ in 0..times {
        black_box((case.work)(black_box(&policy), black_box(&case)));
    }
}
