//! Runs a check in many orders.

use std::env;
use std::str::FromStr;

use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::{Config, MaxSteps, Runner};

/// The number of orders of each kind with an `OMNICORS_EFFORT` of 1.
const RUNS: usize = 200;

/// How often an order that is chosen by priorities changes them. Few faults need more.
const CHANGES: usize = 3;

/// Runs a check in orders that are chosen at random, step by step, and in others that follow priorities, which change a few times: that finds
/// faults for which a task has to wait for long. Shuttle prints the order that makes the check fail, and a deadlock fails as well.
pub(crate) fn explore(name: &str, check: fn()) {
    let seed: u64 = variable("OMNICORS_SEED", 0x004F_6D6E_6963_6F72);
    let runs = RUNS * variable::<usize>("OMNICORS_EFFORT", 1);
    eprintln!("{name}: to repeat this: OMNICORS_SEED={seed}");
    let mut config = Config::new();
    config.stack_size = 512 * 1024;
    config.max_steps = MaxSteps::FailAfter(100_000);
    config.silence_warnings = true;
    let random = RandomScheduler::new_from_seed(seed, runs);
    let mut orders = Runner::new(random, config.clone()).run(check);
    let by_priority = PctScheduler::new_from_seed(seed, CHANGES, runs);
    orders += Runner::new(by_priority, config).run(check);
    println!("shuttle: {name}: {orders} orders");
}

fn variable<T: FromStr>(name: &str, default: T) -> T {
    match env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name}={text} is not a number")),
        Err(_) => default,
    }
}
