//! What is in the `.crate` files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::manifests;
use super::metadata::{cargo, published, root};

#[test]
fn each_package_holds_its_readme_both_licences_and_its_source() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages");
    let published = published();
    package(
        published.iter().map(|package| package.name.as_str()),
        &target,
    );

    for package in &published {
        let name = format!("{}-{}", package.name, package.version);
        let unpacked = unpack(&target.join("package"), &name);
        check_names(&package.name, &unpacked);

        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            let copy = fs::read(unpacked.join(licence)).expect("the licence in the package");
            let original = fs::read(root().join(licence)).expect("the licence");
            assert!(
                copy == original,
                "{licence} of {name} is not that of the repository"
            );
        }
        let readme = fs::read_to_string(unpacked.join("README.md")).expect("UTF-8");
        manifests::check_readme(&package.name, &readme, &unpacked);
        let manifest = fs::read_to_string(unpacked.join("Cargo.toml")).expect("UTF-8");
        manifests::check(&package.name, &manifest);
    }
    println!(
        "packages: {} hold README, licences and source",
        published.len()
    );
}

/// Writes the `.crate` files, without compiling them: `cargo xtask package` does that.
fn package<'a>(names: impl Iterator<Item = &'a str>, target: &Path) {
    let mut command = cargo();
    command.args(["package", "--locked", "--no-verify", "--allow-dirty"]);
    command.arg("--target-dir").arg(target);
    for name in names {
        command.args(["--package", name]);
    }
    let output = command.output().expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
}

/// Unpacks a `.crate` file, and returns the folder with its files.
fn unpack(packages: &Path, name: &str) -> PathBuf {
    let unpacked = packages.join(name);
    let _ = fs::remove_dir_all(&unpacked);
    let archive = packages.join(format!("{name}.crate"));
    let mut tar = Command::new("tar");
    tar.arg("-xzf").arg(&archive).arg("-C").arg(packages);
    assert!(tar.status().expect("tar runs").success(), "{name}");
    unpacked
}

fn check_names(package: &str, unpacked: &Path) {
    let mut files = BTreeSet::new();
    collect(unpacked, unpacked, &mut files);
    for file in [
        "Cargo.toml",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        if package == manifests::PROGRAM {
            "src/main.rs"
        } else {
            "src/lib.rs"
        },
    ] {
        assert!(files.contains(file), "{package} lacks {file}");
    }
    let expected = |file: &str| match file {
        ".cargo_vcs_info.json"
        | "Cargo.lock"
        | "Cargo.toml"
        | "Cargo.toml.orig"
        | "LICENSE-APACHE"
        | "LICENSE-MIT"
        | "README.md" => true,
        // The facade's guide is made from these.
        "SECURITY.md" | "docs/quickstart.png" => package == "omnicors",
        _ if file.starts_with("docs/") => {
            package == "omnicors" && has_extension(Path::new(file), &["md"])
        }
        _ => file.starts_with("src/") && is_source(Path::new(file)),
    };
    let others: Vec<_> = files.iter().filter(|file| !expected(file)).collect();
    assert!(others.is_empty(), "{package} should not hold {others:?}");
}

/// Returns true for Rust, for SQL, and for the snapshots of messages, which are text.
fn is_source(file: &Path) -> bool {
    has_extension(file, &["rs", "sql", "txt"])
}

fn has_extension(file: &Path, extensions: &[&str]) -> bool {
    let extension = file.extension();
    extension.is_some_and(|extension| extensions.iter().any(|one| extension == *one))
}

fn collect(folder: &Path, unpacked: &Path, files: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, unpacked, files);
        } else {
            let file = path.strip_prefix(unpacked).expect("a file of the package");
            files.insert(file.to_string_lossy().replace('\\', "/"));
        }
    }
}
