//! The instruction counts that are committed, and the comparison with those of a build.
//!
//! A count depends on the code of omnicors, but also on the compiler, the libraries and the allocator. So the floor of each
//! framework, a middleware without code of omnicors, is counted as well. What the baseline says about a framework is multiplied by
//! the change of its floors, and the rest of a difference is due to omnicors. For the same compiler and libraries, the factor is 1.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Deserialize;

/// The counts of a build.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct Baseline {
    /// The compiler: the output of `rustc --version`.
    pub compiler: String,
    /// The versions of the frameworks and libraries.
    pub versions: BTreeMap<String, String>,
    /// The counts of each group, which is a framework or the core, by the name of the case.
    pub counts: BTreeMap<String, BTreeMap<String, Count>>,
}

/// The instructions of a request. Those of the framework itself are subtracted from the others.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub struct Count {
    /// Those of the framework without any middleware.
    pub base: i64,
    /// Those of omnicors.
    pub omnicors: i64,
    /// Those of the floor. `None` if there is none: in the core, and for patterns.
    pub floor: Option<i64>,
}

/// The greatest accepted rise with the same compiler and the same libraries.
pub const LIMIT: f64 = 0.03;
/// The greatest accepted rise with others. They change the code of omnicors as well, which the floors cannot show exactly.
pub const LIMIT_ELSEWHERE: f64 = 0.10;

/// The share of the instructions of the framework itself that a count can differ from one run to the next, because some frameworks
/// have hash maps with random seeds.
const NOISE: f64 = 0.005;

/// The result of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Why the check fails.
    pub failures: Vec<String>,
    /// What does not make it fail.
    pub notes: Vec<String>,
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not a baseline.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// Returns the text of a baseline. [`parse`](Self::parse) reads it.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "# Written by `cargo xtask bench --update`: the instructions of one request. `base` are those of the framework itself, and are\n\
             # subtracted from the others. `floor` is the least that a correct middleware can do: see benches/matrix/floor.\n\
             compiler = {:?}\n\n[versions]\n",
            self.compiler
        );
        for (package, version) in &self.versions {
            let _ = writeln!(text, "{package} = {version:?}");
        }
        for (group, counts) in &self.counts {
            let _ = writeln!(text, "\n[counts.{group:?}]");
            for (case, count) in counts {
                let floor = count
                    .floor
                    .map_or_else(String::new, |floor| format!(", floor = {floor}"));
                let _ = writeln!(
                    text,
                    "{case:?} = {{ base = {}, omnicors = {}{floor} }}",
                    count.base, count.omnicors
                );
            }
        }
        text
    }

    /// Compares the counts of a build with this.
    #[must_use]
    pub fn compare(&self, counted: &Self) -> Comparison {
        let mut comparison = Comparison::default();
        let changes = self.changes(counted);
        let mut limit = LIMIT;
        if !changes.is_empty() {
            limit = LIMIT_ELSEWHERE;
            comparison.notes.push(format!(
                "the baseline is of another build ({}), so it is multiplied by the change of the floors, and a rise of {:.0} % is \
                 accepted: write it again with `cargo xtask bench --update`",
                changes.join(", "),
                limit * 100.0
            ));
        }
        let groups: BTreeSet<_> = self.counts.keys().chain(counted.counts.keys()).collect();
        let no_counts = BTreeMap::new();
        for group in groups {
            let old = self.counts.get(group).unwrap_or(&no_counts);
            let new = counted.counts.get(group).unwrap_or(&no_counts);
            let mut factor = factor(old, new);
            if changes.is_empty() {
                // Only noise, or another choice of what is inlined.
                factor = 1.0;
            } else if (factor - 1.0).abs() > LIMIT {
                let note = format!(
                    "{group}: the floors take {factor:.2} of the instructions of the baseline"
                );
                comparison.notes.push(note);
            }
            let cases: BTreeSet<_> = old.keys().chain(new.keys()).collect();
            for case in cases {
                let name = format!("{group}, {case}");
                match (old.get(case), new.get(case)) {
                    (Some(old), Some(new)) => {
                        comparison.add(&name, number(old.omnicors) * factor, *new, limit);
                    }
                    (Some(_), None) => comparison.add_missing(&name, "in the baseline only"),
                    (None, _) => comparison.add_missing(&name, "not in the baseline"),
                }
            }
        }
        comparison
    }

    /// Returns the compilers and versions that differ.
    fn changes(&self, counted: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        if self.compiler != counted.compiler {
            changes.push(format!("{}, now {}", self.compiler, counted.compiler));
        }
        for (package, new) in &counted.versions {
            let old = self.versions.get(package).map_or("none", String::as_str);
            if old != new {
                changes.push(format!("{package} {old}, now {new}"));
            }
        }
        changes
    }
}

impl Comparison {
    fn add_missing(&mut self, name: &str, place: &str) {
        self.failures
            .push(format!("{name}: {place}; run `cargo xtask bench --update`"));
    }

    /// Compares a count with the one that is expected. `limit` is the accepted rise as a share.
    fn add(&mut self, name: &str, expected: f64, counted: Count, limit: f64) {
        // A count is negative if the response to a preflight saves more work of the application than it takes.
        let reference = expected.abs();
        let noise = number(counted.base) * NOISE;
        let rise = number(counted.omnicors) - expected;
        let share = if reference > 0.0 {
            rise / reference
        } else {
            0.0
        };
        let line = format!(
            "{name}: {expected:.0} before, now {} ({:+.1} %)",
            counted.omnicors,
            share * 100.0
        );
        if rise > reference * limit + noise {
            self.failures.push(line);
        } else if -rise > reference * LIMIT + noise {
            self.notes.push(format!(
                "{line}; keep the gain with `cargo xtask bench --update`"
            ));
        }
    }
}

/// Returns the change of the floors of a group. It is 1 in the core, which has none.
fn factor(old: &BTreeMap<String, Count>, new: &BTreeMap<String, Count>) -> f64 {
    let floors = old
        .iter()
        .filter_map(|(case, old)| Some((old.floor?, new.get(case)?.floor?)));
    let (before, now) = floors.fold((0, 0), |sums, floors| {
        (sums.0 + floors.0, sums.1 + floors.1)
    });
    if before > 0 && now > 0 {
        number(now) / number(before)
    } else {
        1.0
    }
}

#[expect(clippy::cast_precision_loss, reason = "the counts are small")]
fn number(count: i64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
compiler = "rustc 1.95.0"
[versions]
http = "1.3.1"
[counts.core]
"1, non-CORS" = { base = 0, omnicors = 100 }
[counts."tower, cloned"]
"1, actual" = { base = 200, omnicors = 1000, floor = 800 }
"1, non-CORS" = { base = 200, omnicors = 600, floor = 400 }
"patterns, actual" = { base = 200, omnicors = 2000 }
"#;

    fn baseline() -> Baseline {
        Baseline::parse(TEXT).unwrap()
    }

    /// A build whose counts of tower are those of the baseline, except one.
    fn with(case: &str, omnicors: i64) -> Baseline {
        let mut counted = baseline();
        count(&mut counted, case).omnicors = omnicors;
        counted
    }

    fn count<'a>(baseline: &'a mut Baseline, case: &str) -> &'a mut Count {
        let group = baseline.counts.get_mut("tower, cloned").unwrap();
        group.get_mut(case).unwrap()
    }

    #[test]
    fn the_text_of_a_baseline_is_read_again() {
        assert_eq!(Baseline::parse(&baseline().to_text()).unwrap(), baseline());
        assert!(Baseline::parse("compiler = 1").is_err());
    }

    #[test]
    fn equal_counts_pass_without_a_note() {
        assert_eq!(baseline().compare(&baseline()), Comparison::default());
    }

    #[test]
    fn a_rise_of_more_than_3_percent_fails_and_is_named() {
        let accepted = baseline().compare(&with("1, actual", 1031));
        assert_eq!(accepted, Comparison::default());
        let comparison = baseline().compare(&with("1, actual", 1032));
        assert_eq!(
            comparison.failures,
            ["tower, cloned, 1, actual: 1000 before, now 1032 (+3.2 %)"]
        );
        // A case without a floor.
        let comparison = baseline().compare(&with("patterns, actual", 2100));
        assert_eq!(
            comparison.failures,
            ["tower, cloned, patterns, actual: 2000 before, now 2100 (+5.0 %)"]
        );
    }

    #[test]
    fn a_fall_of_more_than_3_percent_is_a_note() {
        let comparison = baseline().compare(&with("1, actual", 968));
        assert_eq!(comparison.failures, [""; 0]);
        assert_eq!(
            comparison.notes,
            [
                "tower, cloned, 1, actual: 1000 before, now 968 (-3.2 %); keep the gain with `cargo xtask bench --update`"
            ]
        );
        assert_eq!(
            baseline().compare(&with("1, actual", 969)),
            Comparison::default()
        );
    }

    #[test]
    fn a_rise_of_a_negative_count_fails() {
        let old = with("1, actual", -500);
        assert_eq!(old.compare(&with("1, actual", -490)), Comparison::default());
        assert_eq!(
            old.compare(&with("1, actual", -400)).failures,
            ["tower, cloned, 1, actual: -500 before, now -400 (+20.0 %)"]
        );
        assert_eq!(
            with("1, actual", 0).compare(&with("1, actual", 1)),
            Comparison::default()
        );
    }

    #[test]
    fn another_compiler_scales_the_baseline_by_the_floors_and_widens_the_limit() {
        let mut counted = baseline();
        counted.compiler = "rustc 1.96.0".into();
        // The floors take 10 % more.
        count(&mut counted, "1, actual").floor = Some(880);
        count(&mut counted, "1, non-CORS").floor = Some(440);
        count(&mut counted, "patterns, actual").omnicors = 2200;
        count(&mut counted, "1, non-CORS").omnicors = 660;
        // 1.1 × 1.1 = 1.21.
        count(&mut counted, "1, actual").omnicors = 1205;
        let comparison = baseline().compare(&counted);
        assert_eq!(comparison.failures, [""; 0]);
        assert!(
            comparison.notes[0].contains("rustc 1.95.0, now rustc 1.96.0"),
            "{comparison:?}"
        );
        count(&mut counted, "1, actual").omnicors = 1220;
        let comparison = baseline().compare(&counted);
        assert_eq!(
            comparison.failures,
            ["tower, cloned, 1, actual: 1100 before, now 1220 (+10.9 %)"]
        );
    }

    #[test]
    fn the_floors_do_not_matter_for_the_same_compiler_and_libraries() {
        let mut counted = baseline();
        count(&mut counted, "1, actual").floor = Some(700);
        assert_eq!(baseline().compare(&counted), Comparison::default());
    }

    #[test]
    fn another_version_of_a_library_is_named() {
        let mut counted = baseline();
        counted.versions.insert("http".into(), "1.4.0".into());
        let comparison = baseline().compare(&counted);
        assert!(
            comparison.notes[0].contains("http 1.3.1, now 1.4.0"),
            "{comparison:?}"
        );
    }

    #[test]
    fn a_case_that_is_only_on_one_side_fails() {
        let mut counted = baseline();
        let core = counted.counts.remove("core").unwrap();
        counted.counts.insert("warp".into(), core);
        let comparison = baseline().compare(&counted);
        assert_eq!(
            comparison.failures,
            [
                "core, 1, non-CORS: in the baseline only; run `cargo xtask bench --update`",
                "warp, 1, non-CORS: not in the baseline; run `cargo xtask bench --update`"
            ]
        );
    }
}
