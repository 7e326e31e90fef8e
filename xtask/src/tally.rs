//! Collects the counts, the notes and the failures that the tests print.

mod failures;

use failures::Failures;

/// The prefixes of notes: lines with a result that a test prints for people.
const NOTES: [&str; 30] = [
    "table:",
    "parity:",
    "frameworks:",
    "swap:",
    "hostile:",
    "flood:",
    "fleet:",
    "protocol:",
    "shuttle:",
    "oracle:",
    "matcher:",
    "browsers:",
    "uses:",
    "console:",
    "page:",
    "allocations:",
    "cost:",
    "bench:",
    "no_std:",
    "packages:",
    "examples:",
    "page origins:",
    "scenarios:",
    "sequences:",
    "flakes:",
    "mutants:",
    "foreign:",
    "features:",
    "msrv:",
    "fuzz:",
];

/// The sums over every `test result:` line, the notes, and the failures.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    runs: u64,
    passed: u64,
    failed: u64,
    ignored: u64,
    notes: Vec<String>,
    failures: Failures,
}

impl Tally {
    /// Reads one line of output. Ignores lines without a note, and without a count that is to be added.
    pub(crate) fn read(&mut self, line: &str, has_tests: bool) {
        self.failures.read(line);
        if let Some(result) = line.strip_prefix("test result: ") {
            if !has_tests {
                return;
            }
            self.runs += 1;
            self.passed += counted(result, "passed");
            self.failed += counted(result, "failed");
            self.ignored += counted(result, "ignored");
        } else if NOTES.iter().any(|note| line.starts_with(note)) {
            self.notes.push(line.to_owned());
        }
    }

    /// Returns true if no test ran.
    pub(crate) fn is_empty(&self) -> bool {
        self.passed + self.failed == 0
    }

    /// Prints the notes, the failures and the counts. The last line has a fixed format for programs.
    pub(crate) fn print(&self) {
        println!("\nresults of the tests:");
        for note in &self.notes {
            println!("{note}");
        }
        for line in self.failures.lines() {
            println!("{line}");
        }
        if self.runs == 0 {
            return;
        }
        println!(
            "{} test programs (those of the core twice); {} ignored",
            self.runs, self.ignored
        );
        println!("{} passed, {} failed", self.passed, self.failed);
    }
}

/// Returns the number before `word` in `ok. 3 passed; 0 failed; …`.
fn counted(result: &str, word: &str) -> u64 {
    let mut parts = result.split(';').map(str::trim);
    let number = parts.find_map(|part| part.strip_suffix(word));
    let number = number.and_then(|text| text.split_whitespace().last());
    number.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_several_programs_are_summed() {
        let mut tally = Tally::default();
        tally.read("running 3 tests", true);
        tally.read(
            "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured",
            true,
        );
        tally.read(
            "test result: FAILED. 10 passed; 4 failed; 0 ignored; 0 measured",
            true,
        );
        assert_eq!((tally.runs, tally.passed), (2, 12));
        assert_eq!((tally.failed, tally.ignored), (4, 1));
    }

    #[test]
    fn a_note_must_start_its_line() {
        let mut tally = Tally::default();
        tally.read("parity: 2 cases x 5 servers, 0 differences", true);
        tally.read("test parity: ... ok", true);
        assert_eq!(tally.notes, ["parity: 2 cases x 5 servers, 0 differences"]);
    }

    #[test]
    fn results_of_a_stage_without_tests_of_its_own_do_not_count() {
        let mut tally = Tally::default();
        tally.read(
            "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured",
            false,
        );
        tally.read("mutants: 3 tested", false);
        assert_eq!((tally.runs, tally.passed), (0, 0));
        assert_eq!(tally.notes, ["mutants: 3 tested"]);
    }

    #[test]
    fn a_tally_is_empty_if_no_test_ran() {
        let mut tally = Tally::default();
        tally.read(
            "test result: ok. 0 passed; 0 failed; 7 ignored; 0 measured",
            true,
        );
        assert!(tally.is_empty());
        tally.read(
            "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured",
            true,
        );
        assert!(!tally.is_empty());
    }
}
