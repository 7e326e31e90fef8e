//! Compares the instructions of a build with `benches/baseline.toml`, which is committed.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use omnicors_benches::baseline::{Baseline, Count};

use crate::instructions::{self, Chosen};
use crate::{figures, report, servers};

/// The packages whose code is counted with omnicors.
const PACKAGES: [&str; 10] = [
    "actix-http",
    "actix-web",
    "http",
    "poem",
    "rocket",
    "salvo_core",
    "smallvec",
    "tower",
    "tower-service",
    "warp",
];

/// Counts, and writes the baseline.
pub(crate) fn update(lock: &str) -> Result<(), String> {
    let path = path();
    fs::write(&path, counted(lock)?.to_text()).map_err(|error| at(&path, &error))?;
    println!("wrote {}", path.display());
    Ok(())
}

/// Counts, and returns an error if a count is greater than in the baseline.
pub(crate) fn check(lock: &str) -> Result<(), String> {
    let path = path();
    let text = fs::read_to_string(&path).map_err(|error| at(&path, &error))?;
    let baseline = Baseline::parse(&text).map_err(|error| at(&path, &error))?;
    let counted = counted(lock)?;
    let comparison = baseline.compare(&counted);
    for note in &comparison.notes {
        println!("note: {note}");
    }
    let count: usize = counted.counts.values().map(BTreeMap::len).sum();
    if comparison.failures.is_empty() {
        println!("bench: {count} instruction counts agree with benches/baseline.toml");
        return Ok(());
    }
    Err(format!(
        "more instructions than in benches/baseline.toml:\n  {}",
        comparison.failures.join("\n  ")
    ))
}

/// Counts the cases of the baseline, after all responses were checked.
fn counted(lock: &str) -> Result<Baseline, String> {
    for framework in &servers::ALL {
        for case in Chosen::All.cases() {
            figures::check(framework, &case);
        }
    }
    let mut counts: BTreeMap<String, BTreeMap<String, Count>> = BTreeMap::new();
    for row in instructions::count(Chosen::Baseline)? {
        let (origins, request) = (row.case.origins.name(), row.case.request.name());
        let count = Count {
            base: row.base,
            omnicors: row.omnicors,
            floor: row.floor,
        };
        let group = counts.entry(row.group.to_owned()).or_default();
        group.insert(format!("{origins}; {request}"), count);
    }
    let mut versions = report::versions(lock, &PACKAGES);
    versions.insert("libc".into(), libc());
    Ok(Baseline {
        compiler: report::compiler(),
        versions,
        counts,
    })
}

/// Returns the version of the C library, whose allocator is counted as well.
fn libc() -> String {
    let output = Command::new("ldd").arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let first = text
        .ok()
        .and_then(|text| Some(text.lines().next()?.to_owned()));
    first.unwrap_or_else(|| "unknown".into())
}

fn path() -> PathBuf {
    report::root().join("benches/baseline.toml")
}

fn at(path: &Path, error: &dyn Display) -> String {
    format!("{}: {error}", path.display())
}
