//! Finds the tests that fail, and the beginning of what each of them printed.

/// The number of lines that are kept from the beginning of the output of a test.
const FIRST: usize = 12;

/// The number of lines that are kept from each panic on.
const OF_PANIC: usize = 6;

/// The largest number of lines that are kept of one test. Some tests cause panics on purpose.
const MOST: usize = 40;

/// The tests that failed. They are printed again at the end, where they are found in a long log.
#[derive(Debug, Default)]
pub(super) struct Failures {
    lines: Vec<String>,
    section: Section,
}

/// The part of the output of a test program.
///
/// `--show-output` prints the output of tests that pass after a line `successes:`, and then the output of the others after a line
/// `failures:`. In both parts, the output of a test begins with `---- NAME stdout ----`.
#[derive(Debug, Default)]
enum Section {
    #[default]
    Other,
    Failed {
        /// The number of lines to keep next.
        left: usize,
        /// The number of lines of this test that were kept.
        kept: usize,
    },
}

impl Failures {
    /// Reads one line of output.
    pub(super) fn read(&mut self, line: &str) {
        if line == "failures:" {
            self.section = Section::Failed { left: 0, kept: 0 };
            return;
        }
        if line == "successes:" || line.starts_with("test result: ") {
            self.section = Section::Other;
        }
        let Section::Failed { left, kept } = &mut self.section else {
            return;
        };
        if line.starts_with("---- ") && line.ends_with(" ----") {
            (*left, *kept) = (FIRST, 0);
        } else if line.contains(" panicked at ") {
            *left = OF_PANIC.max(*left);
        } else if line == "stack backtrace:" {
            *left = 0;
        }
        if *left > 0 && *kept < MOST && !line.is_empty() {
            *left -= 1;
            *kept += 1;
            self.lines.push(format!("failed: {line}"));
        }
    }

    /// Returns the lines to print.
    pub(super) fn lines(&self) -> &[String] {
        &self.lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_of_a_failed_test_is_kept_and_the_output_of_others_is_not() {
        let output = "\
running 2 tests
test passes ... ok
test fails ... FAILED

successes:

---- passes stdout ----
table: 3 cases

successes:
    passes

failures:

---- fails stdout ----

thread 'fails' (1) panicked at tests/a.rs:1:1:
assertion `left == right` failed
  left: 1
 right: 2
stack backtrace:
   0: rust_begin_unwind

failures:
    fails

test result: FAILED. 1 passed; 1 failed; 0 ignored
---- not a test ----";
        let mut failures = Failures::default();
        for line in output.lines() {
            failures.read(line);
        }
        assert_eq!(
            failures.lines(),
            [
                "failed: ---- fails stdout ----",
                "failed: thread 'fails' (1) panicked at tests/a.rs:1:1:",
                "failed: assertion `left == right` failed",
                "failed:   left: 1",
                "failed:  right: 2",
            ]
        );
    }

    #[test]
    fn a_long_output_keeps_its_beginning_and_each_panic() {
        let mut failures = Failures::default();
        failures.read("failures:");
        failures.read("---- fails stdout ----");
        for number in 0..100 {
            failures.read(&format!("line {number}"));
        }
        assert_eq!(failures.lines().len(), FIRST);
        for _ in 0..100 {
            failures.read("thread 'fails' (1) panicked at tests/a.rs:1:1:");
            failures.read("stack backtrace:");
            failures.read("   0: rust_begin_unwind");
        }
        assert_eq!(failures.lines().len(), MOST);
    }
}
