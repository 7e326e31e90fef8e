//! The programs that the tests need, and where they are. `cargo xtask test` reads this file too, to install what is missing.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// A program that the tests start.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// What it is called, here or there.
    pub names: &'static [&'static str],
    /// The package of Debian's that has it; `None` if there is none, and `cargo install` has it.
    pub package: Option<&'static str>,
}

/// Chromium, or Chrome.
pub const CHROMIUM: Program = Program {
    names: &["chromium", "chromium-browser", "google-chrome"],
    package: Some("chromium"),
};
/// Chromium's driver.
pub const CHROMEDRIVER: Program = Program {
    names: &["chromedriver"],
    package: Some("chromium-driver"),
};
/// Firefox.
pub const FIREFOX: Program = Program {
    names: &["firefox-esr", "firefox"],
    package: Some("firefox-esr"),
};
/// Firefox's driver.
pub const GECKODRIVER: Program = Program {
    names: &["geckodriver"],
    package: None,
};
/// WebKitGTK's driver.
pub const WEBKIT_DRIVER: Program = Program {
    names: &["WebKitWebDriver"],
    package: Some("webkit2gtk-driver"),
};
/// WebKitGTK's own small browser.
pub const MINI_BROWSER: Program = Program {
    names: &["MiniBrowser"],
    package: Some("webkit2gtk-driver"),
};
/// A display for WebKitGTK, which has no headless mode, and for Firefox where it is to draw with WebGL.
pub const XVFB: Program = Program {
    names: &["Xvfb"],
    package: Some("xvfb"),
};

/// All of them.
pub const ALL: [Program; 7] = [
    CHROMIUM,
    CHROMEDRIVER,
    FIREFOX,
    GECKODRIVER,
    WEBKIT_DRIVER,
    MINI_BROWSER,
    XVFB,
];

/// Where `cargo xtask test` installs what no package has, in the root of the workspace.
pub const INSTALLED: &str = "target/browsers";

impl Program {
    /// Where it is, under the first of its names that is anywhere.
    #[must_use]
    pub fn find(&self) -> Option<PathBuf> {
        let folders = folders();
        let candidates = self.names.iter();
        let mut candidates =
            candidates.flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
        candidates.find(|path| path.is_file())
    }
}

/// The search path; what we have installed; and where packages keep `MiniBrowser`, which is not for the search path.
fn folders() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
    let mut ancestors = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let root = ancestors.find(|folder| folder.join("Cargo.lock").is_file());
    folders.extend(root.map(|root| root.join(INSTALLED).join("bin")));
    // Debian has a folder for each architecture.
    let of_architectures = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let of_architectures = of_architectures.map(|entry| entry.path());
    let libraries = ["/usr/lib", "/usr/lib64", "/usr/libexec"].map(PathBuf::from);
    let libraries = libraries.into_iter().chain(of_architectures);
    folders.extend(libraries.map(|folder| folder.join("webkit2gtk-4.1")));
    folders
}
