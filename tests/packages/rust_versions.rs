//! A published package needs no newer Rust than its `rust-version` says, whichever of its features are on.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::metadata::{is_published, items, metadata, text};

/// The features of the facade that need a newer Rust than the facade itself, each with a package of its own.
const NEWER_PACKAGES: [&str; 5] = [
    "omnicors-actix-web",
    "omnicors-browser",
    "omnicors-rocket",
    "omnicors-salvo",
    "omnicors-tokio",
];

type Version = (u64, u64, u64);

struct Packages<'a> {
    by_id: BTreeMap<&'a str, &'a Value>,
    dependencies: BTreeMap<&'a str, Vec<&'a str>>,
}

#[test]
fn no_dependency_needs_a_newer_rust_than_the_package() {
    let metadata = metadata(&["--all-features"]);
    let packages = Packages::read(&metadata);
    let mut newer_packages = BTreeSet::new();
    let mut faults = Vec::new();
    let mut checked = 0;
    for (&id, package) in &packages.by_id {
        let is_member = package["source"].is_null();
        if !is_member || !is_published(package) {
            continue;
        }
        let name = text(&package["name"]);
        let own = rust_version(package).expect("each published package has a rust-version");
        // The command line depends on the facade, whose other features are not on in it.
        let has_facade = matches!(name, "omnicors" | "omnicors-cli");
        let skipped = |id: &str| has_facade && packages.is_newer_package(id, own);
        for dependency in packages.below(id, skipped) {
            let found = packages.by_id[dependency];
            if skipped(dependency) {
                newer_packages.insert(text(&found["name"]));
            } else if rust_version(found).is_some_and(|needed| needed > own) {
                let (other, needed) = (&found["name"], &found["rust_version"]);
                faults.push(format!("{name} depends on {other}, which needs {needed}"));
            }
        }
        checked += 1;
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(
        newer_packages.iter().eq(&NEWER_PACKAGES),
        "{newer_packages:?}"
    );
    println!("packages: no dependency of {checked} needs a newer Rust than the package");
}

impl<'a> Packages<'a> {
    fn read(metadata: &'a Value) -> Self {
        let packages = items(&metadata["packages"]).iter();
        let nodes = items(&metadata["resolve"]["nodes"]).iter();
        Self {
            by_id: packages
                .map(|package| (text(&package["id"]), package))
                .collect(),
            dependencies: nodes
                .map(|node| (text(&node["id"]), dependencies(node)))
                .collect(),
        }
    }

    fn is_newer_package(&self, id: &str, own: Version) -> bool {
        let package = self.by_id[id];
        package["source"].is_null() && rust_version(package).is_some_and(|needed| needed > own)
    }

    /// Returns all direct and indirect dependencies of a package. Does not follow the dependencies of skipped packages.
    fn below(&self, id: &'a str, skipped: impl Fn(&str) -> bool) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            for &dependency in &self.dependencies[id] {
                if found.insert(dependency) && !skipped(dependency) {
                    open.push(dependency);
                }
            }
        }
        found
    }
}

/// Returns the dependencies that users of a package build: all except dev-dependencies.
fn dependencies(node: &Value) -> Vec<&str> {
    let is_built = |dependency: &&Value| {
        let mut kinds = items(&dependency["dep_kinds"]).iter();
        kinds.any(|kind| kind["kind"] != "dev")
    };
    let built = items(&node["deps"]).iter().filter(is_built);
    built.map(|dependency| text(&dependency["pkg"])).collect()
}

fn rust_version(package: &Value) -> Option<Version> {
    let text = package["rust_version"].as_str()?;
    let mut numbers = text
        .split('.')
        .map(|number| number.parse().expect("a number"));
    let mut next = || numbers.next().unwrap_or(0);
    Some((next(), next(), next()))
}
