//! `cargo xtask features`: each feature compiles alone, and any two of the facade's together. CI leaves out the pairs.

use std::fmt::Display;
use std::fs;

use crate::command::{self, Failed, cargo, root};

/// The folders of the adapters. Each feature of an adapter is checked alone, because the facade only passes it on.
pub(crate) const ADAPTERS: [&str; 11] = [
    "kit",
    "http",
    "tower",
    "actix-web",
    "rocket",
    "warp",
    "poem",
    "salvo",
    "tokio",
    "postgres",
    "redis",
];

/// Whether to check any two features of the facade together as well.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Pairs {
    All,
    None,
}

pub(crate) fn run(pairs: Pairs) -> Result<(), Failed> {
    let Facade { features, aliases } = facade()?;
    check("omnicors", "")?;
    let mut combinations = 1;
    for (index, first) in features.iter().enumerate() {
        check("omnicors", first)?;
        let others = match pairs {
            Pairs::All => features.get(index + 1..).unwrap_or_default(),
            Pairs::None => &[],
        };
        for second in others {
            check("omnicors", &format!("{first},{second}"))?;
            combinations += 1;
        }
        combinations += 1;
    }
    for alias in &aliases {
        check("omnicors", alias)?;
    }
    let mut alone = 0;
    let adapters = ADAPTERS.map(|adapter| (package(adapter), format!("adapters/{adapter}")));
    let browser = ("omnicors-browser".to_owned(), "browser".to_owned());
    for (package, folder) in adapters.into_iter().chain([browser]) {
        check(&package, "")?;
        for feature in of(&folder)? {
            check(&package, &feature)?;
            alone += 1;
        }
    }
    println!(
        "features: {combinations} combinations of the facade's {} and its {} aliases compile, and the {alone} of the adapters and the browser's side each alone",
        features.len(),
        aliases.len()
    );
    Ok(())
}

/// The features of the facade. An alias enables one other feature and nothing else, so it is checked alone only.
struct Facade {
    features: Vec<String>,
    aliases: Vec<String>,
}

fn facade() -> Result<Facade, Failed> {
    let all = of(".")?;
    let manifest = fs::read_to_string(root().join("Cargo.toml"))
        .map_err(|error| Failed::because(format_args!("Cargo.toml: {error}")))?;
    let (aliases, features) = all
        .iter()
        .cloned()
        .partition(|name| is_alias(&manifest, name, &all));
    Ok(Facade { features, aliases })
}

/// Returns whether a feature is written as `name = ["other"]`, where `other` is another feature of the package.
fn is_alias(manifest: &str, name: &str, features: &[String]) -> bool {
    let value = entries(manifest).find_map(|(found, value)| (found == name).then_some(value));
    let enabled = value
        .and_then(|value| value.strip_prefix("[\""))
        .and_then(|value| value.strip_suffix("\"]"));
    enabled.is_some_and(|enabled| features.iter().any(|feature| feature == enabled))
}

/// Returns the name of the package in a folder of `adapters`.
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

/// Returns the features of the package in this folder. They are read from its manifest, so that none can be forgotten.
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

/// Returns the names in the `[features]` of a manifest of this workspace, without `default`.
fn read(manifest: &str) -> impl Iterator<Item = &str> {
    entries(manifest)
        .map(|(name, _)| name)
        .filter(|name| *name != "default")
}

/// Returns the names in `[features]`, each with the rest of its line. This reads as much of TOML as the manifests of this workspace use.
fn entries(manifest: &str) -> impl Iterator<Item = (&str, &str)> {
    manifest
        .lines()
        .skip_while(|line| line.trim() != "[features]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.trim(), value.trim()))
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
    fn the_facade_has_features_and_aliases() {
        let Facade { features, aliases } = facade().unwrap();
        assert_eq!(aliases, ["hyper", "tonic", "actix"]);
        assert!(features.contains(&"tower".to_owned()));
        assert!(features.contains(&"tokio".to_owned()));
    }

    #[test]
    fn the_features_of_the_core_are_found() {
        assert!(of("cors-core").unwrap().contains(&"serde".to_owned()));
    }

    #[test]
    fn every_adapter_is_checked() {
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
