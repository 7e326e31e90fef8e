//! The project's own commands, as `cargo xtask VERB`. One file per verb.

mod bench;
mod ci;
mod command;
mod features;
mod miri;
mod tally;
mod test;

use std::env;
use std::process::ExitCode;

use command::Failed;

const USAGE: &str = "\
usage: cargo xtask VERB

  test           everything that must pass on a fresh machine: all tests, all features, doctests,
                 and the core with no feature and with each feature alone
  features       that each feature compiles alone, and the facade's in any pair
  miri [ARGS]    the core's tests under Miri (needs the nightly toolchain)
  bench [--write]
                 what it costs, beside what is used now; --write renews docs/performance.md,
                 its figures and its chart
  ci             formatting, clippy and docs with warnings denied, then test, features and miri
";

/// What a shell expects of a command that was called wrongly.
const EXIT_USAGE: u8 = 2;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match args.as_slice() {
        ["test"] => test::run(),
        ["features"] => features::run(&mut tally::Tally::default()),
        ["miri", rest @ ..] => miri::run(rest),
        ["bench", rest @ ..] => bench::run(rest),
        ["ci"] => ci::run(),
        _ => {
            eprint!("{USAGE}");
            Err(Failed(EXIT_USAGE))
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed(code)) => ExitCode::from(code),
    }
}
