//! The messages of `omnicors diff`, and the examples of its documentation.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[test]
fn messages_of_diff_are_as_documented() {
    trycmd::TestCases::new()
        .case("tests/cmd/diff/*.md")
        .case("docs/diff.md");
}

/// Each expression keeps in mind which of the last 12 letters are an `a` or a `c`. Their product has 3^12 states, which is more than the
/// limit.
#[cfg(target_os = "linux")]
#[test]
fn policies_that_are_too_large_to_compare_are_not_reported_as_unchanged() {
    use std::fs;
    use std::process::Command;

    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, expression: &str| {
        let text = format!("allow_origin_regexes = [{expression:?}]\n");
        fs::write(folder.path().join(name), text).unwrap();
    };
    // Each allows an origin that the other does not: `https://` and twelve times its letter.
    write("old.toml", "https://[abc]*a[abc]{11}");
    write("new.toml", "https://[abc]*c[abc]{11}");
    // The limits of the system are seconds of computing, whatever else runs on the machine, and KiB of memory.
    let limited = r#"ulimit -t 200; ulimit -v 1000000; exec "$0" diff old.toml new.toml"#;
    let output = Command::new("sh")
        .args(["-c", limited, env!("CARGO_BIN_EXE_omnicors")])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(printed.starts_with("cannot be compared: "), "{printed}");
    assert!(
        printed.contains("it is not known whether new.toml allows more"),
        "{printed}"
    );
}
