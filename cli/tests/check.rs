//! Runs the commands of `cmd/check` and of `docs/check.md`, and compares what they write and change.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

#[test]
fn check_writes_and_changes_what_the_files_say() {
    trycmd::TestCases::new()
        .insert_var("[VERSION]", env!("CARGO_PKG_VERSION"))
        .unwrap()
        .case("tests/cmd/check/*.trycmd")
        .case("tests/cmd/check/*.toml")
        .case("docs/check.md");
}

/// The name of a file can be that of a list in a policy, which others wrote.
#[cfg(unix)]
#[test]
fn names_and_lines_of_files_cannot_change_what_a_terminal_shows() {
    let hostile = "\u{1b}[8m\u{61c}\u{202e}\nx";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(format!("{hostile}.toml"));
    let missing = folder.path().join(format!("{hostile}missing.toml"));
    let line = "allow_origins = [\"https://\u{61c}\u{202e}.example\", \"https://app.example/\"]\n";
    std::fs::write(&file, line).unwrap();
    for arguments in [&["check"][..], &["check", "--fix"]] {
        for file in [&file, &missing] {
            let output = std::process::Command::new(env!("CARGO_BIN_EXE_omnicors"))
                .args(["--color", "always"])
                .args(arguments)
                .arg(file)
                .output()
                .unwrap();
            let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            assert!(text.contains("\\u{1b}[8m\\u{61c}\\u{202e}"), "{text:?}");
            for active in ["\u{1b}[8m", "\u{61c}", "\u{202e}"] {
                assert!(!text.contains(active), "{arguments:?}: {text:?}");
            }
        }
    }
}
