//! Where the programs are.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The program of the first of these names on the search path, or where `cargo xtask test` installs what no package has.
pub(crate) fn find(names: &[&str]) -> PathBuf {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/browsers/bin");
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).chain([installed]).collect();
    let mut candidates = names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let found = candidates.find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("none of {names:?} is installed: `cargo xtask test` tells how"))
}

/// WebKitGTK's own small browser, which its package keeps off the search path.
pub(crate) fn find_mini_browser() -> PathBuf {
    let mut folders = vec![PathBuf::from("/usr/lib"), PathBuf::from("/usr/libexec")];
    // Debian has a folder for each architecture.
    let of_architectures = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    folders.extend(of_architectures.map(|entry| entry.path()));
    let mut candidates = folders
        .iter()
        .map(|folder| folder.join("webkit2gtk-4.1/MiniBrowser"));
    let found = candidates.find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("MiniBrowser is not installed: `cargo xtask test` tells how"))
}
