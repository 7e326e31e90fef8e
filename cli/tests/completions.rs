//! `omnicors completions`, `omnicors man` and `--version`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::process::{Command, Output, Stdio};

fn omnicors(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_omnicors"))
        .args(arguments)
        .output()
        .unwrap()
}

fn text(arguments: &[&str]) -> String {
    let output = omnicors(arguments);
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn completions_name_each_command_and_option() {
    // Each shell has its own form.
    for (shell, start) in [
        ("bash", "_omnicors() {"),
        ("zsh", "#compdef omnicors"),
        ("fish", "# Print an optspec for argparse"),
        (
            "powershell",
            "\nusing namespace System.Management.Automation",
        ),
        ("elvish", "\nuse builtin;"),
    ] {
        let text = text(&["completions", shell]);
        assert!(text.starts_with(start), "{shell}: {text}");
        for word in [
            "check",
            "explain",
            "har",
            "completions",
            "man",
            "origin",
            "not-allowed",
        ] {
            // Elvish and PowerShell do not complete values.
            let is_value = word == "not-allowed" && matches!(shell, "elvish" | "powershell");
            assert!(is_value || text.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn bash_accepts_the_completions() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("omnicors");
    fs::write(&file, text(&["completions", "bash"])).unwrap();
    let Ok(status) = Command::new("bash").arg("-n").arg(&file).status() else {
        return;
    };
    assert!(status.success());
}

#[test]
fn an_unknown_shell_gets_a_list_of_the_known_ones() {
    let output = omnicors(&["completions", "tcsh"]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(
        message.contains("[possible values: bash, elvish, fish, powershell, zsh]"),
        "{message}"
    );
}

/// Returns the commands that a help text lists.
fn commands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let lines = lines
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = lines.filter_map(|line| line.split_whitespace().next());
    let names = names.filter(|name| *name != "help");
    names.map(str::to_owned).collect()
}

#[test]
fn there_is_a_manual_page_for_each_command() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("man1");
    assert_eq!(text(&["man", "--out", out.to_str().unwrap()]), "");
    let mut pages = vec!["omnicors.1".to_owned()];
    for command in commands(&text(&["--help"])) {
        pages.push(format!("omnicors-{command}.1"));
        for nested in commands(&text(&[&command, "--help"])) {
            pages.push(format!("omnicors-{command}-{nested}.1"));
        }
    }
    assert!(pages.contains(&"omnicors-store-add.1".to_owned()));
    assert!(pages.len() >= 6, "{pages:?}");
    for page in &pages {
        let text = fs::read_to_string(out.join(page)).unwrap();
        assert!(
            text.contains(".TH ") && text.contains(".SH SYNOPSIS"),
            "{page}: {text}"
        );
    }
    assert_eq!(fs::read_dir(&out).unwrap().count(), pages.len());
    assert_eq!(
        text(&["man"]),
        fs::read_to_string(out.join("omnicors.1")).unwrap()
    );
}

#[test]
fn a_folder_that_is_a_file_gets_a_message() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let output = omnicors(&["man", "--out", path]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(
        message.starts_with(&format!(
            "error: --out {path}: the manual pages cannot be written: "
        )),
        "{message}"
    );
    assert!(
        message.ends_with("; write the name of a folder\n"),
        "{message}"
    );
}

#[test]
fn the_version_is_printed() {
    assert_eq!(
        text(&["--version"]),
        format!("omnicors {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn a_closed_output_is_not_an_error() {
    for arguments in [
        &["completions", "bash"][..],
        &["man"],
        &["har", "tests/har/chromium.har"],
        &[
            "explain",
            "docs/explain.in/cors.toml",
            "--origin",
            "https://app.example.com",
            "--format",
            "json",
        ],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_omnicors"));
        let mut child = command
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(
            output.stderr.is_empty(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(output.status.success(), "{arguments:?}: {}", output.status);
    }
}

#[test]
fn pipes_and_no_color_have_no_colours() {
    let request = [
        "explain",
        "docs/explain.in/cors.toml",
        "--origin",
        "https://app.example.com",
    ];
    assert!(!text(&request).contains('\u{1b}'));
    let always = [&["--color", "always"][..], &request].concat();
    assert!(text(&always).contains('\u{1b}'));
    let json = [&always[..], &["--format", "json"]].concat();
    assert!(!text(&json).contains('\u{1b}'));
}
