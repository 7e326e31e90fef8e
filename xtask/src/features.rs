//! `cargo xtask features`: each feature compiles alone, and any two of the facade's together. CI leaves out the pairs, and the features
//! that an adapter only passes on.

use std::fs;
use std::path::Path;

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

/// The features that are checked.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Checked {
    /// Each alone, and any two of the facade together.
    All,
    /// Each alone. Without those that a package [only passes on](passes_on), which are checked where they change the code.
    Sample,
}

pub(crate) fn run(checked: Checked) -> Result<(), Failed> {
    let Facade { features, aliases } = facade()?;
    check("omnicors", "")?;
    let mut combinations = 1;
    for (index, first) in features.iter().enumerate() {
        check("omnicors", first)?;
        let others = match checked {
            Checked::All => features.get(index + 1..).unwrap_or_default(),
            Checked::Sample => &[],
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
        let manifest = manifest(&folder)?;
        let code = code(&root().join(&folder).join("src"))?;
        for feature in of(&folder)? {
            if checked == Checked::Sample && passes_on(&manifest, &feature, &code) {
                continue;
            }
            check(&package, &feature)?;
            alone += 1;
        }
    }
    println!(
        "features: {combinations} combinations of the facade's {} and its {} aliases compile, and the {alone} of the adapters and the browser's side each alone{}",
        features.len(),
        aliases.len(),
        match checked {
            Checked::All => "",
            Checked::Sample => ", without those that a package passes on",
        }
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
    let manifest = manifest(".")?;
    let (aliases, features) = all
        .iter()
        .cloned()
        .partition(|name| is_alias(&manifest, name, &all));
    Ok(Facade { features, aliases })
}

/// Returns whether a feature is written as `name = ["other"]`, where `other` is another feature of the package.
fn is_alias(manifest: &str, name: &str, features: &[String]) -> bool {
    enabled_by(manifest, name)
        .is_some_and(|enabled| features.iter().any(|feature| feature == enabled))
}

/// Returns whether a feature is written as `name = ["package/name"]`, and nothing in the code depends on it.
fn passes_on(manifest: &str, name: &str, code: &str) -> bool {
    enabled_by(manifest, name).is_some_and(|enabled| enabled.ends_with(&format!("/{name}")))
        && !code.contains(&format!("feature = \"{name}\""))
}

/// Returns what a feature enables, if that is one thing.
fn enabled_by<'a>(manifest: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = entries(manifest).find(|(found, _)| *found == name)?;
    let enabled = value.strip_prefix("[\"")?.strip_suffix("\"]")?;
    (!enabled.contains('"')).then_some(enabled)
}

/// Returns the name of the package in a folder of `adapters`.
pub(crate) fn package(adapter: &str) -> String {
    match adapter {
        "kit" => "omnicors-adapter".to_owned(),
        _ => format!("omnicors-{adapter}"),
    }
}

/// Compiles a package. A warning is a failure.
fn check(package: &str, features: &str) -> Result<(), Failed> {
    let mut check = cargo("check --quiet --locked --lib --no-default-features");
    check.args(["--package", package, "--features", features]);
    let mut is_silent = true;
    command::run_reading_errors(&mut check, |_| is_silent = false)?;
    if is_silent {
        return Ok(());
    }
    Err(Failed::because(format_args!(
        "{package} compiles with warnings if its features are `{features}`"
    )))
}

/// Returns the features of the package in this folder. They are read from its manifest, so that none can be forgotten.
pub(crate) fn of(folder: &str) -> Result<Vec<String>, Failed> {
    let features: Vec<_> = read(&manifest(folder)?).map(str::to_owned).collect();
    if features.is_empty() {
        return Err(Failed::because(format_args!(
            "{folder}/Cargo.toml: no feature found"
        )));
    }
    Ok(features)
}

/// Returns the manifest of the package in this folder.
fn manifest(folder: &str) -> Result<String, Failed> {
    read_file(&root().join(folder).join("Cargo.toml"))
}

/// Returns the text of all files in a folder.
fn code(folder: &Path) -> Result<String, Failed> {
    let unreadable = |error| Failed::because(format_args!("{}: {error}", folder.display()));
    let mut text = String::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        text += &if path.is_dir() {
            code(&path)?
        } else {
            read_file(&path)?
        };
    }
    Ok(text)
}

fn read_file(path: &Path) -> Result<String, Failed> {
    fs::read_to_string(path)
        .map_err(|error| Failed::because(format_args!("{}: {error}", path.display())))
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
    fn a_feature_that_changes_nothing_in_the_package_itself_is_passed_on() {
        let manifest = "\
[features]
serde = [\"omnicors-http/serde\"]
log = [\"tracing\", \"omnicors-http/log\"]
tracing = [\"dep:tracing\"]
server = [\"tokio/net\"]
";
        assert!(passes_on(manifest, "serde", "pub mod cors;"));
        assert!(!passes_on(
            manifest,
            "serde",
            "#[cfg(feature = \"serde\")] mod x;"
        ));
        for more in ["log", "tracing", "server", "unknown"] {
            assert!(!passes_on(manifest, more, ""), "{more}");
        }
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
