//! The project's own commands, as `cargo xtask VERB`. One file per verb.

mod bench;
mod browsers;
mod ci;
mod command;
mod miri;
mod tally;
mod test;

use std::env;
use std::process::ExitCode;

use command::Failed;

const USAGE: &str = "\
usage: cargo xtask VERB

  test           everything that must pass on a fresh machine: all tests, all features, doctests,
                 and the core with no feature and with each feature alone; on Debian, as root,
                 it installs the browsers that are missing
  test --no-browsers
                 the same without the tests that drive browsers
  miri [ARGS]    the core's tests under Miri (needs the nightly toolchain)
  bench [ARGS]   the benchmarks; ARGS go to `cargo bench`, as in `-- evaluate`
  ci             formatting, clippy and docs with warnings denied, then test, then miri
";

/// What a shell expects of a command that was called wrongly.
const EXIT_USAGE: u8 = 2;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match args.as_slice() {
        ["test"] => test::run(test::Browsers::All),
        ["test", "--no-browsers"] => test::run(test::Browsers::None),
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
