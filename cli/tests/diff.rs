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

/// The commands of a GitHub workflow, from a page of the documentation.
#[cfg(target_os = "linux")]
fn workflow(page: &str) -> Vec<String> {
    let steps = page.lines().filter_map(|line| line.strip_prefix("- run: "));
    let steps = steps.map(|step| step.replace("${{ github.base_ref }}", "main"));
    let is_of_diff = |step: &String| step.contains("git ") || step.contains("omnicors diff");
    steps.filter(is_of_diff).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn the_documented_workflow_sees_a_change_of_the_list_of_origins() {
    use std::process::{Command, Output};
    use std::{env, fs};

    let steps = workflow(include_str!("../docs/diff.md"));
    assert_eq!(steps, workflow(include_str!("../../docs/command-line.md")));
    let folder = tempfile::tempdir().unwrap();
    let run = |place: &str, script: &str| -> Output {
        let program = std::path::Path::new(env!("CARGO_BIN_EXE_omnicors"));
        let path = env::var_os("PATH").unwrap();
        let path = [program.parent().unwrap().to_owned()]
            .into_iter()
            .chain(env::split_paths(&path));
        let mut shell = Command::new("sh");
        shell
            .args(["-ec", script])
            .current_dir(folder.path().join(place));
        shell.env("PATH", env::join_paths(path).unwrap());
        for who in ["AUTHOR", "COMMITTER"] {
            shell.env(format!("GIT_{who}_NAME"), "test");
            shell.env(format!("GIT_{who}_EMAIL"), "test@app.example");
        }
        shell
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap()
    };
    let succeed = |place, script: &str| {
        let output = run(place, script);
        assert!(output.status.success(), "{script}: {output:?}");
    };
    fs::create_dir(folder.path().join("upstream")).unwrap();
    succeed(
        "upstream",
        r#"git init -q -b main
        echo 'allow_origins_from = "origins.txt"' > cors.toml
        echo 'https://app.example' > origins.txt
        git add . && git commit -q -m base
        git checkout -q -b change
        echo 'https://evil.example' >> origins.txt
        git commit -q -a -m change"#,
    );
    // As `actions/checkout` does, which fetches only one commit of the change.
    succeed(
        "",
        r#"git clone -q --depth 1 --branch change "file://$PWD/upstream" checkout"#,
    );
    let (last, before) = steps.split_last().unwrap();
    for step in before {
        succeed("checkout", step);
    }
    let output = run("checkout", last);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("https://evil.example"), "{printed}");
}
