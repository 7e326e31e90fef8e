//! Builds and runs `no-std/`: a program without std that links the core, builds a policy and evaluates a request. Also
//! compiles the core for targets that have neither std nor atomic pointers.
//!
//! `#![no_std]` on a crate proves nothing on a host with std, where all symbols exist. Linking a program without std is
//! the test: with std it would have two panic handlers.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[test]
fn a_program_without_std_links_the_core_and_evaluates() {
    let program = build();
    assert_eq!(exit_code(&program, &[]), Some(0), "the decision is wrong");
    let wrong = exit_code(&program, &["wrong"]);
    assert_eq!(
        wrong,
        Some(1),
        "the program does not detect a wrong decision"
    );

    let own = env::current_exe().expect("the path of this program");
    for trace in TRACES_OF_STD {
        assert!(
            contains(&own, trace),
            "a program with std does not contain `{trace}`"
        );
        assert!(
            !contains(&program, trace),
            "contains `{trace}`, so std is linked"
        );
    }
    println!("no_std: links and evaluates");
}

/// Targets without `Arc`, because they have no atomic pointers. `thumbv6m-none-eabi` has atomic loads and stores;
/// `msp430-none-elf` has no atomics (`max-atomic-width` is 0) and 16-bit pointers.
const TARGETS_WITHOUT_ATOMIC_POINTERS: [(&str, &[&str]); 2] = [
    ("thumbv6m-none-eabi", &["", "serde,public-suffix"]),
    // serde needs larger pointers.
    ("msp430-none-elf", &["", "public-suffix"]),
];

#[test]
#[ignore = "needs the nightly toolchain with rust-src: run cargo xtask test"]
fn the_core_compiles_for_targets_without_atomic_pointers() {
    for (target, feature_lists) in TARGETS_WITHOUT_ATOMIC_POINTERS {
        assert!(!has_atomic_pointers(target), "{target}");
        for features in feature_lists {
            let output = build_for(target, features);
            assert!(
                output.status.success(),
                "{target}, features {features:?}:\n{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
    println!("no_std: compiles without atomic pointers");
}

/// If this test fails, update the docs of the feature `regex`.
#[test]
#[ignore = "needs the nightly toolchain with rust-src: run cargo xtask test"]
fn the_feature_regex_needs_atomic_pointers_because_of_its_dependency() {
    let output = build_for("thumbv6m-none-eabi", "regex");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        errors.contains("could not compile `regex-automata`"),
        "{errors}"
    );
}

/// Compiles the core for a target that need not be installed: the nightly toolchain also compiles `core` and
/// `alloc`.
fn build_for(target: &str, features: &str) -> Output {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("without-atomic-pointers");
    nightly("cargo")
        .args(["check", "--locked", "-Z", "build-std=core,alloc"])
        .args(["--package", "omnicors-core", "--no-default-features"])
        .args(["--features", features, "--target", target])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .env("CARGO_TARGET_DIR", directory)
        .output()
        .expect("rustup starts")
}

fn has_atomic_pointers(target: &str) -> bool {
    let output = nightly("rustc")
        .args(["--print", "cfg", "--target", target])
        .output()
        .expect("rustup starts");
    assert!(output.status.success(), "{target} is an unknown target");
    String::from_utf8_lossy(&output.stdout).contains("target_has_atomic=\"ptr\"")
}

/// Returns a program of the nightly toolchain.
fn nightly(program: &str) -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", program]);
    without_instruments(&mut command);
    command
}

/// Removes variables of coverage and sanitizers, which need std and change the target folder.
fn without_instruments(command: &mut Command) {
    for name in [
        "CARGO",
        "CARGO_BUILD_TARGET",
        "CARGO_ENCODED_RUSTFLAGS",
        "RUSTC",
        "RUSTFLAGS",
        "RUSTC_WORKSPACE_WRAPPER",
    ] {
        command.env_remove(name);
    }
}

/// Text that every program with std contains, including this test: the crate in mangled names, and the paths of
/// its sources in messages and line tables.
const TRACES_OF_STD: [&str; 2] = ["3std", "library/std/src/"];

/// Builds the program into the tests' target folder, offline: it depends only on the core.
fn build() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("no-std");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-std");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    without_instruments(&mut command);
    let output = command
        .args(["build", "--offline", "--locked"])
        .current_dir(package)
        .env("CARGO_TARGET_DIR", &target)
        .output()
        .expect("cargo starts");
    assert!(
        output.status.success(),
        "the build fails:\n{}",
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
    let bytes = fs::read(program).expect("the program is readable");
    let mut windows = bytes.windows(text.len());
    windows.any(|window| window == text.as_bytes())
}
