//! `cargo xtask test`: everything that must pass on a fresh machine.

use std::fs;

use crate::browsers;
use crate::command::{self, Failed, cargo, root};
use crate::tally::Tally;

/// Which browsers the tests drive.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Browsers {
    /// All of them: if one is missing and cannot be installed, that is a failure.
    All,
    /// None, as their caller wants it: those tests are told as ignored.
    None,
}

/// The package of the tests that drive browsers.
const BROWSER_TESTS: &str = "omnicors-browser-tests";

pub(crate) fn run(browsers: Browsers) -> Result<(), Failed> {
    let mut tally = Tally::default();
    let outcome = all(&mut tally, browsers);
    tally.print();
    outcome
}

/// The tests without the closing lines, for a caller that has more to do first.
pub(crate) fn all(tally: &mut Tally, browsers: Browsers) -> Result<(), Failed> {
    let excluded = match browsers {
        Browsers::All => {
            // First: what cannot be had should not be found out after all else.
            browsers::ready()?;
            String::new()
        }
        Browsers::None => {
            let own = format!("--package {BROWSER_TESTS} --all-features --tests -- --show-output");
            test(tally, &own)?;
            format!("--exclude {BROWSER_TESTS}")
        }
    };
    // `--show-output` and not `--nocapture`: it prints what a passing test said after that test has
    // ended, so that a line meant to be counted starts at the start of a line, whatever runs beside it.
    test(
        tally,
        &format!(
            "--workspace {excluded} --all-features --tests -- --include-ignored --show-output"
        ),
    )?;
    // Apart: to a doctest, `--include-ignored` means the blocks marked `ignore`, which need not compile.
    test(tally, "--workspace --all-features --doc")?;

    // Features only add: what holds without them holds with each alone.
    let core = "--package omnicors-core --tests --no-default-features";
    test(tally, core)?;
    for feature in core_features()? {
        test(tally, &format!("{core} --features {feature}"))?;
    }

    if tally.is_empty() {
        eprintln!("\nfailed: no test ran");
        return Err(Failed(1));
    }
    Ok(())
}

fn test(tally: &mut Tally, what: &str) -> Result<(), Failed> {
    // `--no-fail-fast`, so that the counts are whole when something fails.
    let mut command = cargo(&format!("test --locked --no-fail-fast {what}"));
    command::run_reading(&mut command, |line| tally.read(line))
}

/// Read from the manifest, so that a new feature cannot be forgotten here.
fn core_features() -> Result<Vec<String>, Failed> {
    let manifest = root().join("cors-core/Cargo.toml");
    let features = match fs::read_to_string(&manifest) {
        Ok(text) => features(&text).map(str::to_owned).collect(),
        Err(error) => {
            eprintln!("\nfailed: {}: {error}", manifest.display());
            Vec::new()
        }
    };
    if features.is_empty() {
        eprintln!("\nfailed: no feature found in {}", manifest.display());
        return Err(Failed(1));
    }
    Ok(features)
}

/// Enough of TOML for the `[features]` of a manifest that is ours.
fn features(manifest: &str) -> impl Iterator<Item = &str> {
    manifest
        .lines()
        .skip_while(|line| line.trim() != "[features]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| Some(line.split_once('=')?.0.trim()))
        .filter(|name| *name != "default")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_read_between_comments_and_other_tables() {
        let manifest = "\
[package]
name = \"x\"

[features]
default = []
# Not = a feature.
serde = [\"dep:serde\"]
public-suffix = [
    \"dep:psl\",
]

[dependencies]
psl = \"2\"
";
        let found: Vec<_> = features(manifest).collect();
        assert_eq!(found, ["serde", "public-suffix"]);
    }

    #[test]
    fn the_core_has_features_to_be_tested_alone() {
        assert!(core_features().unwrap().contains(&"serde".to_owned()));
    }
}
