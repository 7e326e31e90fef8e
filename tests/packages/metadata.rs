//! The output of `cargo metadata`.

use std::env;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Returns the root of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the folder above tests/")
}

/// Returns a command for the cargo that runs the tests.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

pub(crate) fn metadata(arguments: &[&str]) -> Value {
    let mut command = cargo();
    command.args(["metadata", "--locked", "--format-version=1"]);
    let output = command.args(arguments).output().expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// A member of the workspace that is published.
pub(crate) struct Published {
    pub(crate) name: String,
    pub(crate) version: String,
}

/// Returns the published members. Fails if a member in another folder is published, or one in these folders is not.
pub(crate) fn published() -> Vec<Published> {
    let metadata = metadata(&["--no-deps"]);
    let mut published = Vec::new();
    for package in items(&metadata["packages"]) {
        let name = text(&package["name"]);
        let manifest = Path::new(text(&package["manifest_path"]));
        let folder = manifest.parent().expect("a folder");
        let expected = folder == root()
            || folder == root().join("browser")
            || folder == root().join("cli")
            || folder == root().join("cors-core")
            || folder.parent() == Some(&root().join("adapters"));
        assert_eq!(is_published(package), expected, "`publish` of {name}");
        if expected {
            let version = text(&package["version"]).to_owned();
            published.push(Published {
                name: name.to_owned(),
                version,
            });
        }
    }
    assert!(published.len() >= 13, "{}", published.len());
    published
}

/// Returns true if the package is published. `publish = false` is an empty list of registries.
pub(crate) fn is_published(package: &Value) -> bool {
    package["publish"].is_null()
}

pub(crate) fn items(list: &Value) -> &[Value] {
    list.as_array().expect("a list")
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
