//! The programs that the tests need. `cargo xtask test` includes this file to install missing ones.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// A program that the tests start.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// The possible names.
    pub names: &'static [&'static str],
    /// The Debian package; `None` if `cargo install` provides it.
    pub package: Option<&'static str>,
}

/// Chromium, or Chrome.
pub const CHROMIUM: Program = Program {
    names: &["chromium", "chromium-browser", "google-chrome"],
    package: Some("chromium"),
};
/// The driver of Chromium.
pub const CHROMEDRIVER: Program = Program {
    names: &["chromedriver"],
    package: Some("chromium-driver"),
};
/// Firefox.
pub const FIREFOX: Program = Program {
    names: &["firefox-esr", "firefox"],
    package: Some("firefox-esr"),
};
/// The driver of Firefox.
pub const GECKODRIVER: Program = Program {
    names: &["geckodriver"],
    package: None,
};
/// The driver of WebKitGTK.
pub const WEBKIT_DRIVER: Program = Program {
    names: &["WebKitWebDriver"],
    package: Some("webkit2gtk-driver"),
};
/// The small browser of WebKitGTK.
pub const MINI_BROWSER: Program = Program {
    names: &["MiniBrowser"],
    package: Some("webkit2gtk-driver"),
};
/// A display for WebKitGTK, which has no headless mode, and for Firefox with WebGL.
pub const XVFB: Program = Program {
    names: &["Xvfb"],
    package: Some("xvfb"),
};

/// All programs.
pub const ALL: [Program; 7] = [
    CHROMIUM,
    CHROMEDRIVER,
    FIREFOX,
    GECKODRIVER,
    WEBKIT_DRIVER,
    MINI_BROWSER,
    XVFB,
];

/// The folder in the workspace where `cargo xtask test` installs programs without a package.
pub const INSTALLED: &str = "target/browsers";

/// The script that checks whether a page is accessible. `cargo xtask test` installs it with npm.
pub const AXE: &str = "target/browsers/node_modules/axe-core/axe.min.js";

/// Returns the root of the workspace. This file is compiled for packages in different folders.
#[must_use]
pub fn workspace() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut ancestors = package.ancestors();
    let root = ancestors.find(|folder| folder.join("Cargo.lock").is_file());
    root.unwrap_or(package)
}

impl Program {
    /// Returns the path of the program, by the first of its names that exists.
    #[must_use]
    pub fn find(&self) -> Option<PathBuf> {
        let folders = folders();
        let candidates = self.names.iter();
        let mut candidates =
            candidates.flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
        candidates.find(|path| path.is_file())
    }
}

/// Returns the search path, our own folder, and the folders of packages with `MiniBrowser` and `postgres`, which are not in the search
/// path.
fn folders() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
    folders.push(workspace().join(INSTALLED).join("bin"));
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    folders.extend(versions.flatten().map(|entry| entry.path().join("bin")));
    // Debian has a folder for each architecture.
    let of_architectures = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let of_architectures = of_architectures.map(|entry| entry.path());
    let libraries = ["/usr/lib", "/usr/lib64", "/usr/libexec"].map(PathBuf::from);
    let libraries = libraries.into_iter().chain(of_architectures);
    folders.extend(libraries.map(|folder| folder.join("webkit2gtk-4.1")));
    folders
}
