//! A program without std links the core, builds a policy and evaluates a request: `no-std/`, built and run here.
//!
//! "No std" on a crate is a claim that a host with std cannot test: whatever is missing is there. Linking a program that
//! has no std is the test, since with std it would have two panic handlers.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "to panic is how a test fails"
)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn a_program_without_std_links_the_core_and_evaluates() {
    let program = build();
    assert_eq!(exit_code(&program, &[]), Some(0), "its answer is wrong");
    let refused = exit_code(&program, &["refuse"]);
    assert_eq!(refused, Some(1), "it does not notice a wrong answer");

    let own = env::current_exe().expect("this very program");
    for trace in TRACES_OF_STD {
        assert!(contains(&own, trace), "std does not leave `{trace}` behind");
        assert!(!contains(&program, trace), "`{trace}` is linked: std is");
    }
    println!("no_std: links and evaluates");
}

/// What std leaves behind in each program that has it, this test among them: the crate in mangled names, and the paths of
/// its sources in messages and line tables.
const TRACES_OF_STD: [&str; 2] = ["3std", "library/std/src/"];

/// Builds the program into the tests' own folder, offline: it depends on nothing but the core.
fn build() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("no-std");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-std");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--offline", "--locked"])
        .current_dir(package)
        .env("CARGO_TARGET_DIR", &target)
        // What measures or instruments these tests needs std, and would put the program elsewhere.
        .env_remove("CARGO_BUILD_TARGET")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTFLAGS")
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        .output()
        .expect("cargo starts");
    assert!(
        output.status.success(),
        "it does not build:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let name = format!("omnicors-no-std{}", env::consts::EXE_SUFFIX);
    target.join("debug").join(name)
}

fn exit_code(program: &Path, arguments: &[&str]) -> Option<i32> {
    let status = Command::new(program).args(arguments).status();
    status.expect("the program starts").code()
}

fn contains(program: &Path, text: &str) -> bool {
    let bytes = fs::read(program).expect("the program can be read");
    let mut windows = bytes.windows(text.len());
    windows.any(|window| window == text.as_bytes())
}
