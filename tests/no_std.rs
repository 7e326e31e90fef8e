//! A program without std links the core, builds a policy and evaluates a request: `no-std/`, built and run here. And the
//! core compiles for targets that have neither std nor atomic pointers.
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
use std::process::{Command, Output};

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

/// Targets without `Arc`, because they have no atomic pointers. `thumbv6m-none-eabi` can load and store atomically;
/// `msp430-none-elf` has no atomics at all (`max-atomic-width` is 0), and pointers of 16 bits.
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

/// If this changes, the docs of the feature `regex` have to.
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

/// Compiles the core for a target that Rust need not be installed for: the nightly toolchain compiles `core` and `alloc` as
/// well.
fn build_for(target: &str, features: &str) -> Output {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("without-atomic-pointers");
    nightly("cargo")
        .args(["build", "--locked", "-Z", "build-std=core,alloc"])
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
    assert!(output.status.success(), "{target} is not known");
    String::from_utf8_lossy(&output.stdout).contains("target_has_atomic=\"ptr\"")
}

/// Returns a program of the nightly toolchain.
fn nightly(program: &str) -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", program]);
    without_instruments(&mut command);
    command
}

/// Removes the variables with which the tests are measured or instrumented: that needs std, and puts the program elsewhere.
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

/// What std leaves behind in each program that has it, this test among them: the crate in mangled names, and the paths of
/// its sources in messages and line tables.
const TRACES_OF_STD: [&str; 2] = ["3std", "library/std/src/"];

/// Builds the program into the tests' own folder, offline: it depends on nothing but the core.
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
