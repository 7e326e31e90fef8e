//! The page of the documentation: what stands between its markers is made anew.

use std::io;
use std::process::Command;

use super::{Run, table};

const BEGIN: &str = "<!-- made by `cargo xtask bench --write` -->\n";
const END: &str = "<!-- until here -->\n";

/// What is measured, by the names of the packages.
const PACKAGES: [&str; 16] = [
    "actix-cors",
    "actix-web",
    "bunner_cors_rs",
    "cors-core",
    "http",
    "omnicors-core",
    "poem",
    "rocket",
    "rocket_cors",
    "salvo-cors",
    "salvo_core",
    "tower",
    "tower-http",
    "tower-service",
    "warp",
    "arc-swap",
];

/// The page with the figures of this run.
pub(crate) fn renewed(page: &str, run: &Run, lock: &str) -> io::Result<String> {
    let parts = page
        .split_once(BEGIN)
        .and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.ok_or_else(|| io::Error::other("the page has no markers"))?;
    let versions: Vec<_> = versions(lock)
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    Ok(format!(
        "{before}{BEGIN}\nOn {}, with {}: {}.\n\n## Targets\n\n{}\n## Where the policy comes from\n\n{}\n## Instructions\n\n{}\n## All rows\n\n{}{END}{after}",
        machine(),
        compiler(),
        versions.join(", "),
        table::targets(&run.targets),
        table::sources(&run.sources),
        table::instructions(&run.instructions),
        table::all(&run.rows),
    ))
}

/// The model of the processor, and how many cores there are.
pub(crate) fn machine() -> String {
    let known = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = known
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("a processor that does not say its name", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{model}, {cores} cores")
}

pub(crate) fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let version = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    version.unwrap_or_else(|_| "a compiler that does not say its name".into())
}

/// The versions that were measured, read from `Cargo.lock`; where there are two, the newer.
pub(crate) fn versions(lock: &str) -> impl Iterator<Item = (&'static str, &str)> {
    PACKAGES.into_iter().filter_map(move |package| {
        let name = format!("name = \"{package}\"\n");
        let found = lock.split("[[package]]\n").filter_map(|entry| {
            let version = entry.strip_prefix(name.as_str())?;
            version.strip_prefix("version = \"")?.split('"').next()
        });
        // The entries of one name are in order.
        Some((package, found.last()?))
    })
}
