//! `cargo xtask features`: each feature compiles alone, and the facade's in any pair.

use std::fmt::Display;
use std::fs;

use crate::command::{self, Failed, cargo, root};
use crate::tally::Tally;

/// The packages of which each feature is tried alone, by their folders. The facade's pass theirs on.
pub(crate) const ADAPTERS: [&str; 9] = [
    "kit",
    "http",
    "tower",
    "actix-web",
    "rocket",
    "warp",
    "poem",
    "salvo",
    "tokio",
];

pub(crate) fn run(tally: &mut Tally) -> Result<(), Failed> {
    let facade = of(".")?;
    check("omnicors", "")?;
    let mut combinations = 1;
    for (index, first) in facade.iter().enumerate() {
        check("omnicors", first)?;
        for second in facade.iter().skip(index + 1) {
            check("omnicors", &format!("{first},{second}"))?;
            combinations += 1;
        }
        combinations += 1;
    }
    let mut alone = 0;
    for adapter in ADAPTERS {
        let package = package(adapter);
        check(&package, "")?;
        for feature in of(&format!("adapters/{adapter}"))? {
            check(&package, &feature)?;
            alone += 1;
        }
    }
    tally.note(format!(
        "features: {combinations} combinations of the facade's {} compile, and the adapters' {alone} each alone",
        facade.len()
    ));
    Ok(())
}

/// The package in a folder of `adapters`.
pub(crate) fn package(adapter: &str) -> String {
    match adapter {
        "kit" => "omnicors-adapter".to_owned(),
        _ => format!("omnicors-{adapter}"),
    }
}

fn check(package: &str, features: &str) -> Result<(), Failed> {
    let mut check = cargo("check --quiet --locked --lib --no-default-features");
    command::run(check.args(["--package", package, "--features", features]))
}

/// The features of the package in this folder, read from its manifest, so that a new one cannot be forgotten.
pub(crate) fn of(folder: &str) -> Result<Vec<String>, Failed> {
    let manifest = root().join(folder).join("Cargo.toml");
    let failed =
        |reason: &dyn Display| Failed::because(format_args!("{}: {reason}", manifest.display()));
    let text = fs::read_to_string(&manifest).map_err(|error| failed(&error))?;
    let features: Vec<_> = read(&text).map(str::to_owned).collect();
    if features.is_empty() {
        return Err(failed(&"no feature found"));
    }
    Ok(features)
}

/// Enough of TOML for the `[features]` of a manifest that is ours.
fn read(manifest: &str) -> impl Iterator<Item = &str> {
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
        let found: Vec<_> = read(manifest).collect();
        assert_eq!(found, ["serde", "public-suffix"]);
    }

    #[test]
    fn the_core_has_features_to_be_tested_alone() {
        assert!(of("cors-core").unwrap().contains(&"serde".to_owned()));
    }

    #[test]
    fn every_adapter_is_tried() {
        let folders = fs::read_dir(root().join("adapters")).unwrap();
        let mut names: Vec<_> = folders
            .map(|folder| folder.unwrap().file_name().into_string().unwrap())
            .collect();
        let mut known = ADAPTERS.map(str::to_owned);
        names.sort_unstable();
        known.sort_unstable();
        assert_eq!(names, known);
    }
}
