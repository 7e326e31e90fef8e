//! The project's own commands: `cargo xtask COMMAND`. One file per command.

mod bench;
mod builds;
mod ci;
mod command;
mod features;
mod flakes;
mod foreign;
mod fuzz;
mod imports;
mod limit;
mod long;
mod miri;
mod msrv;
mod mutants;
mod nightly;
mod npm;
mod package;
mod programs;
mod screenshot;
mod stages;
mod tally;
mod test;

use std::env;
use std::process::ExitCode;

use command::Failed;
use mutants::Mutated;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  test           run all tests with all features, the doctests, and the tests of the core
                 without features; on Debian, as root, this installs missing programs
  test --no-browsers
                 the same without the tests that drive browsers
  features       check that each feature compiles alone, and each pair of the facade's features
  imports        check that imports in the core, the browser crate, the command line and each adapter
                 follow their order and do not form cycles
  miri [ARGS]    run the tests of the core under Miri (needs the nightly toolchain)
  bench [--write] [--only=GROUP] [--instructions]
                 compare the cost of omnicors with that of other middleware; --write renews
                 docs/performance.md and its chart, and writes target/bench/report.md;
                 GROUP is `core` or a framework, as in `--only=tower`; --instructions only
                 counts instructions, also on a busy machine
  bench --render renew what --write has written, with the figures of the last --write
  bench --check  count instructions, and fail if one is more than 3 % above benches/baseline.toml
  bench --update write benches/baseline.toml
  bench --sets [COUNT…] [--misses]
                 ask sets of 1 to 1,000,000 origins, or of these numbers, about random members and
                 strangers, beside the sets of other libraries; --misses counts cache misses
  bench --servers [--rounds=N] [--seconds=N]
                 load whole servers with wrk, beside the framework's own CORS and without any
  bench --builds build the smallest servers with Omnicors, with their framework's own CORS and without any:
                 the packages, the compile time and the size that CORS adds
  msrv           compile each published package with the Rust of its `rust-version`; name each toolchain
                 that rustup cannot install as not checked
  package        compile each published package from its .crate file (needs a clean checkout)
  fuzz SECONDS   run each fuzz target for this time (needs the nightly toolchain)
  screenshot     take the picture of the quick start in the README, and pictures of each mistake
                 (needs Chromium, ChromeDriver and pngquant)
  vendor         build the editor of the quick start from the packages of its lock file (needs npm)
  flakes N       build the tests that drive browsers or open sockets once, and run them N times; stop
                 at the first failure
  mutants        change the core in small ways, and fail if no test of the core and of the table of
                 cases notices a change; only in the files that .cargo/mutants-caught.txt does not
                 list, or that changed since; it can be ended and run again
  mutants FILE…  the same in these files of the core, such as cors-core/src/guard.rs
  mutants --in-diff [BASE]
                 the same in the lines that differ from the commit BASE, or from the main branch
  ci             check formatting, imports, clippy and docs with warnings denied, then run test,
                 bench --check, features without pairs, the mutants of the change and a sample of msrv
                 and miri; each stage has a time limit
  full [STAGE…]  run what takes longer, or only these stages, each with a time limit; continue after
                 a stage that fails
  full --list    print the stages of `full` and their limits
";

/// The usual exit code of a command with wrong arguments.
const EXIT_USAGE: u8 = 2;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    if args
        .iter()
        .any(|arg| ["help", "--help", "-h"].contains(arg))
    {
        print!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let outcome = match args.as_slice() {
        ["test"] => ci::TEST.run(),
        ["test", "--no-browsers"] => ci::TEST_NO_BROWSERS.run(),
        ["features"] => features::run(features::Checked::All),
        ["flakes", runs] => runs.parse().map_or_else(|_| misused(), flakes::run),
        ["fuzz", seconds] => seconds.parse().map_or_else(|_| misused(), fuzz::run),
        ["imports"] => imports::run(),
        ["miri", rest @ ..] => miri::run(rest),
        ["msrv"] => msrv::run(),
        ["mutants"] => mutants::run(Mutated::Rest),
        ["mutants", "--in-diff"] => mutants::run(Mutated::Changed(None)),
        ["mutants", "--in-diff", base] => mutants::run(Mutated::Changed(Some(base))),
        ["mutants", files @ ..] => mutants::run(Mutated::Files(files)),
        ["package"] => package::run(),
        ["bench", "--builds"] => builds::run(),
        ["bench", rest @ ..] => bench::run(rest),
        ["screenshot"] => screenshot::run(),
        ["vendor"] => npm::vendor(),
        ["ci"] => ci::CI.run(),
        ["full", "--list"] => {
            ci::FULL.print();
            Ok(())
        }
        ["full", names @ ..] => ci::FULL.run_only(names),
        // Used by the commands with stages, for each of them.
        ["stage", command, name] => {
            let mut commands = ci::ALL.into_iter();
            match commands.find(|stages| stages.command == *command) {
                Some(stages) => stages.run_here(name),
                None => misused(),
            }
        }
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
