//! `cargo xtask msrv`: each published package compiles with the Rust of its `rust-version`.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use crate::command::{self, Failed, cargo_of, root};
use crate::features;

/// The features of the facade that do not need a newer Rust than the facade. The others enable packages with their own `rust-version`.
const FACADE: &str = "http,log,metrics,poem,public-suffix,regex,serde,tower,tracing,warp";

/// The packages that have few dependencies.
const SAMPLE: [&str; 4] = [
    "omnicors-core",
    "omnicors-adapter",
    "omnicors-http",
    "omnicors-tower",
];

/// Compiles a few packages, which have the common `rust-version`.
pub(crate) fn sample() -> Result<(), Failed> {
    check(&common()?, &SAMPLE.map(str::to_owned), "--all-features")
}

pub(crate) fn run() -> Result<(), Failed> {
    let common = common()?;
    check(
        &common,
        &["omnicors".to_owned()],
        &format!("--no-default-features --features {FACADE}"),
    )?;
    let mut folders = ["browser", "cli", "cors-core"].map(str::to_owned).to_vec();
    folders.extend(features::ADAPTERS.map(|adapter| format!("adapters/{adapter}")));
    // One command for each version, so that dependencies compile once.
    let mut packages: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in folders {
        let manifest = read(&folder)?;
        let package = name(&manifest).ok_or_else(|| without(&folder))?;
        // A package without a version of its own inherits the common one.
        let version = rust_version(&manifest).unwrap_or_else(|| common.clone());
        packages.entry(version).or_default().push(package);
    }
    for (version, packages) in packages {
        check(&version, &packages, "--all-features")?;
    }
    Ok(())
}

/// Returns the `rust-version` of all packages that do not state their own.
fn common() -> Result<String, Failed> {
    rust_version(&read(".")?).ok_or_else(|| without("."))
}

fn check(version: &str, packages: &[String], features: &str) -> Result<(), Failed> {
    let toolchain = format!("{version}.0");
    let names = packages.join(", ");
    if !is_ready(&toolchain) {
        println!(
            "msrv: NOT CHECKED: {names} with Rust {version}, because rustup could not install {toolchain}"
        );
        return Ok(());
    }
    let packages = packages.join(" --package ");
    let arguments = format!("check --quiet --locked --lib --bins --package {packages} {features}");
    command::run(&mut cargo_of(&toolchain, &arguments))?;
    println!("msrv: Rust {version} compiles {names}");
    Ok(())
}

/// Installs the toolchain if it is missing, and returns true if it is there.
fn is_ready(toolchain: &str) -> bool {
    let mut installed = Command::new("rustup");
    installed.args(["run", toolchain, "rustc", "--version"]);
    if installed
        .output()
        .is_ok_and(|output| output.status.success())
    {
        return true;
    }
    let mut install = Command::new("rustup");
    install.args([
        "toolchain",
        "install",
        toolchain,
        "--profile",
        "minimal",
        "--no-self-update",
    ]);
    command::run(&mut install).is_ok()
}

fn read(folder: &str) -> Result<String, Failed> {
    let manifest = root().join(folder).join("Cargo.toml");
    fs::read_to_string(&manifest)
        .map_err(|error| Failed::because(format_args!("{}: {error}", manifest.display())))
}

fn without(folder: &str) -> Failed {
    Failed::because(format_args!(
        "{folder}/Cargo.toml: no name or no rust-version"
    ))
}

/// Returns the first `rust-version` of a manifest. In the root, this is the common one.
fn rust_version(manifest: &str) -> Option<String> {
    value(manifest, "rust-version")
}

fn name(manifest: &str) -> Option<String> {
    value(manifest, "name")
}

fn value(manifest: &str, key: &str) -> Option<String> {
    let mut lines = manifest.lines();
    lines.find_map(|line| {
        let value = line.strip_prefix(key)?.strip_prefix(" = \"")?;
        Some(value.strip_suffix('"')?.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_unless_it_is_inherited() {
        let own = "[package]\nname = \"a\"\n# Why.\nrust-version = \"1.88\"\n";
        assert_eq!(rust_version(own).as_deref(), Some("1.88"));
        assert_eq!(name(own).as_deref(), Some("a"));
        let inherited = "[package]\nname = \"a\"\nrust-version.workspace = true\n";
        assert_eq!(rust_version(inherited), None);
    }

    #[test]
    fn the_root_has_the_common_version() {
        assert_eq!(rust_version(&read(".").unwrap()).as_deref(), Some("1.85"));
    }

    #[test]
    fn the_packages_of_the_sample_have_the_common_version() {
        for folder in [
            "cors-core",
            "adapters/kit",
            "adapters/http",
            "adapters/tower",
        ] {
            let manifest = read(folder).unwrap();
            let name = name(&manifest).unwrap();
            assert!(SAMPLE.contains(&name.as_str()), "{name}");
            assert_eq!(rust_version(&manifest), None, "{name}");
        }
    }

    #[test]
    fn the_features_of_the_facade_exist() {
        let known = features::of(".").unwrap();
        for feature in FACADE.split(',') {
            assert!(known.iter().any(|known| known == feature), "{feature}");
        }
    }
}
