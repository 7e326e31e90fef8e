//! What the manifest and the README of a published package say.

use std::path::Path;

use toml::{Table, Value};

/// The package of the command line.
pub(crate) const PROGRAM: &str = "omnicors-cli";

/// The limits of the registry: keywords of at most 20 characters, and at most 5 of them.
const MOST_KEYWORDS: usize = 5;
const LONGEST_KEYWORD: usize = 20;

/// Checks the manifest as `cargo package` writes it, in which nothing is inherited.
pub(crate) fn check(name: &str, manifest: &str) {
    let manifest: Table = manifest.parse().expect("TOML");
    let package = &manifest["package"];
    let expected = [
        ("documentation", docs(name)),
        ("edition", "2024".to_owned()),
        ("license", "MIT OR Apache-2.0".to_owned()),
        ("name", name.to_owned()),
        ("readme", "README.md".to_owned()),
    ];
    for (key, expected) in expected {
        assert_eq!(package[key].as_str(), Some(&*expected), "{key} of {name}");
    }
    for key in ["description", "rust-version"] {
        let text = package[key].as_str().expect("a text");
        assert!(!text.is_empty(), "{key} of {name}");
    }

    let keywords = package["keywords"].as_array().expect("a list");
    assert!((1..=MOST_KEYWORDS).contains(&keywords.len()), "{name}");
    for keyword in keywords {
        let keyword = keyword.as_str().expect("a text");
        assert!(keyword.len() <= LONGEST_KEYWORD, "{keyword} of {name}");
    }
    let categories = package["categories"].as_array().expect("a list");
    assert!((1..=5).contains(&categories.len()), "{name}");

    if name == PROGRAM {
        return;
    }
    let docs_rs = &package["metadata"]["docs"]["rs"];
    assert_eq!(docs_rs["all-features"], Value::Boolean(true), "{name}");
    let arguments = ["--cfg", "docsrs"].map(|word| Value::String(word.to_owned()));
    assert_eq!(
        docs_rs["rustdoc-args"].as_array(),
        Some(&arguments.to_vec()),
        "{name}"
    );
}

pub(crate) fn check_readme(name: &str, readme: &str, unpacked: &Path) {
    // The repository's README belongs to the facade, and links to other files of the repository.
    if name == "omnicors" {
        return;
    }
    assert!(readme.starts_with(&format!("# {name}\n")), "{name}");
    if name == PROGRAM {
        let install = format!("$ cargo install {name}");
        assert!(readme.contains(&install), "{name}");
    } else {
        let adds = ["", "--dev "].map(|flag| format!("$ cargo add {flag}{name}"));
        assert!(adds.iter().any(|add| readme.contains(add)), "{name}");
        assert!(readme.contains("```rust"), "{name}");
    }
    assert!(readme.contains(&docs(name)), "{name}");
    for target in links(readme) {
        assert!(
            target.starts_with("https://docs.rs/") || unpacked.join(target).is_file(),
            "the README of {name} links to `{target}`, which is not in the package"
        );
    }
}

fn docs(name: &str) -> String {
    if name == PROGRAM {
        // A page of the guide, because docs.rs shows only libraries.
        return "https://docs.rs/omnicors/latest/omnicors/guide/command_line".to_owned();
    }
    format!("https://docs.rs/{name}")
}

/// Returns the targets of the links in a page.
fn links(page: &str) -> impl Iterator<Item = &str> {
    let after = page.split("](").skip(1);
    after.filter_map(|rest| Some(rest.split_once(')')?.0))
}
