//! The project's own commands: `cargo xtask COMMAND`. One file per command.

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
usage: cargo xtask COMMAND

  test           run all tests with all features, the doctests, and the tests of the core
                 without features and with each feature; on Debian, as root, this installs
                 missing programs
  test --no-browsers
                 the same without the tests that drive browsers
  features       check that each feature compiles alone, and each pair of the facade's features
  imports        check that imports in the core and in each adapter follow their order and do
                 not form cycles
  miri [ARGS]    run the tests of the core under Miri (needs the nightly toolchain)
  bench [--write] [--check] [--only=GROUP] [--instructions]
                 compare the cost of omnicors with that of other middleware; --write renews
                 docs/performance.md and its chart; --check fails if a target is missed;
                 GROUP is `core` or a framework, as in `--only=tower`; --instructions only
                 counts instructions, also on a busy machine
  bench --render renew docs/performance.md and its chart with the figures of the last --write
  msrv           compile each published package with the Rust of its `rust-version`; name each toolchain
                 that rustup cannot install as not checked
  package        compile each published package from its .crate file (needs a clean checkout)
  fuzz SECONDS   run each fuzz target for this time (needs the nightly toolchain)
  screenshot     take the picture of the quick start in the README (needs Chromium and pngquant)
  ci             check formatting, clippy and docs with warnings denied, then run imports, test,
                 features without pairs, msrv, a sample of miri, and each fuzz target briefly
  full           run what takes longer: all features, package, all of miri, and each fuzz target
                 for five minutes
";

/// The usual exit code of a command with wrong arguments.
const EXIT_USAGE: u8 = 2;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match args.as_slice() {
        ["test"] => test::run(test::Browsers::All),
        ["test", "--no-browsers"] => test::run(test::Browsers::None),
        ["features"] => features::run(&mut tally::Tally::default(), features::Pairs::All),
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
        ["full"] => ci::full(),
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
