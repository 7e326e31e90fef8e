//! Runs the stages of a command, each in a process of its own with a time limit.

use std::env;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::command::{Failed, root};
use crate::limit::{self, Ended};
use crate::tally::Tally;

/// A part of a command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    /// The time limit in seconds.
    pub(crate) limit: u64,
    /// Whether its `test result:` lines count. Those of Miri would count the tests of the core again.
    pub(crate) has_tests: bool,
    pub(crate) run: fn() -> Result<(), Failed>,
}

/// Whether the stages after one that fails are run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum AfterFailure {
    Stop,
    Continue,
}

/// A command that consists of stages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stages {
    /// The name of the command.
    pub(crate) command: &'static str,
    pub(crate) list: &'static [Stage],
    pub(crate) after_failure: AfterFailure,
}

impl Stages {
    /// Runs all stages.
    pub(crate) fn run(&self) -> Result<(), Failed> {
        self.run_only(&[])
    }

    /// Runs the stages with these names, or all if there are none. Then prints their times and the results of the tests.
    pub(crate) fn run_only(&self, names: &[&str]) -> Result<(), Failed> {
        let stages = self.named(names)?;
        // The path is read before a stage replaces the file with an equal one.
        let program = env::current_exe()
            .map_err(|error| Failed::because(format_args!("this program is not found: {error}")))?;
        let mut tally = Tally::default();
        let mut report = Vec::new();
        let mut outcome = Ok(());
        let has_tests = stages.iter().any(|stage| stage.has_tests);
        for stage in stages {
            let start = Instant::now();
            let ran = self.run_one(&program, &stage, &mut tally);
            let result = if ran.is_ok() { "" } else { "  FAILED" };
            let seconds = start.elapsed().as_secs_f64();
            let limit = stage.limit;
            report.push(format!(
                "{:<12} {seconds:>8.1} s of {limit:>6} s{result}",
                stage.name
            ));
            outcome = outcome.and(ran);
            if outcome.is_err() && self.after_failure == AfterFailure::Stop {
                break;
            }
        }
        println!("\n{}", report.join("\n"));
        // Printed last, so that the counts are at the end.
        tally.print();
        if outcome.is_ok() && has_tests && tally.is_empty() {
            return Err(Failed::because("no test ran"));
        }
        outcome
    }

    /// Runs one stage in this process. The process that called [`run_only`](Self::run_only) limits its time.
    pub(crate) fn run_here(&self, name: &str) -> Result<(), Failed> {
        for stage in self.named(&[name])? {
            limit::end_with_parent();
            (stage.run)()?;
        }
        Ok(())
    }

    /// Prints the stages and their limits.
    pub(crate) fn print(&self) {
        for stage in self.list {
            println!("{:<12} {:>6} s", stage.name, stage.limit);
        }
    }

    fn named(&self, names: &[&str]) -> Result<Vec<Stage>, Failed> {
        let unknown = |name: &&&str| !self.list.iter().any(|stage| stage.name == **name);
        if let Some(name) = names.iter().find(unknown) {
            let known: Vec<_> = self.list.iter().map(|stage| stage.name).collect();
            return Err(Failed::because(format_args!(
                "`{}` has no stage `{name}`, but {}",
                self.command,
                known.join(", ")
            )));
        }
        let stages = self.list.iter().copied();
        let stages = stages.filter(|stage| names.is_empty() || names.contains(&stage.name));
        Ok(stages.collect())
    }

    fn run_one(&self, program: &Path, stage: &Stage, tally: &mut Tally) -> Result<(), Failed> {
        let mut command = Command::new(program);
        command.args(["stage", self.command, stage.name]);
        let end = Instant::now() + Duration::from_secs(stage.limit);
        let mut last = String::new();
        let ended = limit::run(
            command.current_dir(root()),
            || end.saturating_duration_since(Instant::now()),
            |line, is_output| {
                if is_output {
                    tally.read(line, stage.has_tests);
                }
                if !line.is_empty() {
                    line.clone_into(&mut last);
                }
            },
        );
        match ended {
            Ok(Ended::Exited(status)) if status.success() => Ok(()),
            // The stage has reported its failure.
            Ok(Ended::Exited(status)) => {
                let code = status.code().and_then(|code| u8::try_from(code).ok());
                Err(Failed(code.unwrap_or(1)))
            }
            Ok(Ended::Killed) => Err(Failed::because(format_args!(
                "the stage `{}` of `{}` exceeded its limit of {} s and was ended; its last line was:\n    {last}",
                stage.name, self.command, stage.limit
            ))),
            Err(error) => Err(Failed::because(format_args!(
                "the stage `{}` could not be run: {error}",
                stage.name
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Stage = Stage {
        name: "one",
        limit: 1,
        has_tests: false,
        run: || Ok(()),
    };
    const BOTH: Stages = Stages {
        command: "both",
        list: &[ONE, Stage { name: "two", ..ONE }],
        after_failure: AfterFailure::Stop,
    };

    #[test]
    fn stages_run_in_their_order_and_an_unknown_name_is_an_error() {
        let names = |names: &[&str]| {
            let stages = BOTH.named(names).ok()?;
            Some(stages.iter().map(|stage| stage.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&[]).unwrap(), ["one", "two"]);
        assert_eq!(names(&["two", "one"]).unwrap(), ["one", "two"]);
        assert_eq!(names(&["two"]).unwrap(), ["two"]);
        assert_eq!(names(&["two", "three"]), None);
    }
}
