//! The project's own commands, as `cargo xtask VERB`. One file per verb.

mod bench;
mod ci;
mod command;
mod features;
mod fuzz;
mod imports;
mod miri;
mod msrv;
mod nightly;
mod package;
mod programs;
mod screenshot;
mod tally;
mod test;

use std::env;
use std::process::ExitCode;

use command::Failed;

const USAGE: &str = "\
usage: cargo xtask VERB

  test           everything that must pass on a fresh machine: all tests, all features, doctests,
                 and the core with no feature and with each feature alone; on Debian, as root,
                 it installs the programs that are missing
  test --no-browsers
                 the same without the tests that drive browsers
  features       that each feature compiles alone, and the facade's in any pair
  imports        that in the core and in each adapter no import runs back up, and there is no circle
  miri [ARGS]    the core's tests under Miri (needs the nightly toolchain)
  bench [--write] [--check] [--only=GROUP] [--instructions]
                 what it costs, beside what is used now; --write renews docs/performance.md,
                 its figures and its chart; --check fails if a target is missed; GROUP is
                 `engine` or a framework, as in `--only=tower`; --instructions counts those alone,
                 which takes no quiet machine
  msrv           each published package compiles with the Rust of its `rust-version`; a toolchain that
                 rustup cannot install is named in the output as not checked
  package        each published package compiles from its .crate file (needs a clean checkout)
  fuzz SECONDS   each fuzz target for so long (needs the nightly toolchain)
  screenshot     the picture of the quick start in the README (needs Chromium and pngquant)
  ci             formatting, clippy and docs with warnings denied, then imports, test, features, msrv,
                 miri, and each fuzz target briefly
";

/// What a shell expects of a command that was called wrongly.
const EXIT_USAGE: u8 = 2;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match args.as_slice() {
        ["test"] => test::run(test::Browsers::All),
        ["test", "--no-browsers"] => test::run(test::Browsers::None),
        ["features"] => features::run(&mut tally::Tally::default()),
        ["fuzz", seconds] => match seconds.parse() {
            Ok(seconds) => fuzz::run(&mut tally::Tally::default(), seconds),
            Err(_) => misused(),
        },
        ["imports"] => imports::run(),
        ["miri", rest @ ..] => miri::run(rest),
        ["msrv"] => msrv::run(&mut tally::Tally::default()),
        ["package"] => package::run(),
        ["bench", rest @ ..] => bench::run(rest),
        ["screenshot"] => screenshot::run(),
        ["ci"] => ci::run(),
        _ => misused(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed(code)) => ExitCode::from(code),
    }
}

fn misused() -> Result<(), Failed> {
    eprint!("{USAGE}");
    Err(Failed(EXIT_USAGE))
}
